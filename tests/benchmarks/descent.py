"""Descent on z: ours in both precisions beside PyTorch's loop, on the same digits, in one run.

    pip install -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks.descent [--images N] [--steps N]

Times a batch on the generator of `mnist-uniform`, each way in a process of its own, one after another, on all cores;
compiling is not counted. Then the mean absolute error of both precisions on the eight rows of Tables 2 and 3 of
Creswell & Bharath. Prints two tables, and writes `assets/results/benchmark_descent.json`.
"""

import argparse
import json
import subprocess
import sys
import time

import numpy as np

WAYS = ("bfloat16", "float32", "PyTorch")


def ours(images, steps, precision):
    """Return seconds."""
    from ganinv_keras import LatentOptimizer, pretrained

    model = pretrained.load("mnist-uniform")
    inverter = LatentOptimizer(model.generator, model.prior, precision=precision)
    inverter.invert(images, 10)
    return min(inverter.invert(images, steps, batch_size=len(images)).seconds for _ in range(3))


def of_torch(images, steps):
    """Return seconds of the same descent, as one writes it in PyTorch: Adam on z, the generator in evaluation mode."""
    import torch
    from torch import nn

    generator = nn.Sequential(
        nn.Linear(100, 1024, bias=False), nn.BatchNorm1d(1024), nn.ReLU(),
        nn.Linear(1024, 6272, bias=False), nn.BatchNorm1d(6272), nn.ReLU(), nn.Unflatten(1, (128, 7, 7)),
        nn.ConvTranspose2d(128, 64, 5, 2, 2, 1, bias=False), nn.BatchNorm2d(64), nn.ReLU(),
        nn.ConvTranspose2d(64, 1, 5, 2, 2, 1),
    ).eval().requires_grad_(False)  # fmt: skip
    x = torch.from_numpy(images.transpose(0, 3, 1, 2))

    def descend(steps):
        z = torch.rand(len(x), 100).mul(2).sub(1).requires_grad_()
        optimizer = torch.optim.Adam([z], 0.05)
        begin = time.perf_counter()
        for _ in range(steps):
            optimizer.zero_grad()
            loss = nn.functional.binary_cross_entropy_with_logits(generator(z), x, reduction="none")
            loss.mean((1, 2, 3)).sum().backward()
            optimizer.step()
        return time.perf_counter() - begin

    descend(10)
    return min(descend(steps) for _ in range(3))


def errors(count, steps):
    """Return rows (generator, arm, error in float32, error in bfloat16), each error a mean absolute one."""
    from ganinv_keras import LatentOptimizer, load_images, pretrained
    from ganinv_keras.course.experiments import inversion
    from ganinv_keras.measures import metrics

    rows, images = [], {"mnist": load_images("mnist", "test", verbose=False).images[:count]}
    try:
        images["omniglot"] = load_images("omniglot", "test", verbose=False).images[:count]
    except FileNotFoundError:
        images["omniglot"] = load_images("alphabets", "test", verbose=False).images[:count]
    for name in inversion.NAMES:
        model, x = pretrained.load(name), images[name.split("-")[0]]
        for kind in inversion.ARMS:
            pair = [LatentOptimizer(model.generator, model.prior, precision=p, **inversion.arm(model.prior, kind))
                    for p in ("float32", "mixed_bfloat16")]  # fmt: skip
            found = [inverter.invert(x, steps).images for inverter in pair]
            rows.append((name, kind, *(float(metrics.mae(x, x_hat).mean()) for x_hat in found)))
    return rows


def main():
    """Read the command line, and run."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.descent", description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=256, help="images of the batch (default: 256)")
    parser.add_argument("--steps", type=int, default=100, help="gradient steps (default: 100)")
    parser.add_argument("--way", choices=WAYS, help=argparse.SUPPRESS)
    given = parser.parse_args()
    images = np.random.default_rng(0).random((given.images, 28, 28, 1), "float32")
    if given.way:
        precision = {"bfloat16": "mixed_bfloat16"}.get(given.way, given.way)
        seconds = of_torch(images, given.steps) if given.way == "PyTorch" else ours(images, given.steps, precision)
        print(json.dumps(seconds))
        return
    seconds = {}
    for way in WAYS:
        command = [sys.executable, "-m", "tests.benchmarks.descent", "--way", way, "--images", str(given.images),
                   "--steps", str(given.steps)]  # fmt: skip
        answer = subprocess.run(command, capture_output=True, text=True, check=True)
        seconds[way] = json.loads(answer.stdout.splitlines()[-1])
        print(f"{way:10} {1e6 * seconds[way] / given.images / given.steps:7.0f} µs an image and step, "
              f"{seconds['bfloat16'] / seconds[way]:.2f} of bfloat16's speed", flush=True)  # fmt: skip
    rows = errors(given.images, given.steps)
    for name, kind, full, half in rows:
        print(f"{name:18}{kind:6}{full:9.5f}{half:9.5f}  {half / full - 1:+.2%}")
    from ganinv_keras import device, files

    pairs = {f"{name} {kind}": {"float32": full, "bfloat16": half} for name, kind, full, half in rows}
    results = {"images": given.images, "steps": given.steps, "device": device.device(), "seconds": seconds}
    results |= {"errors": pairs}
    path = files.ASSETS / "results" / "benchmark_descent.json"
    files.write_whole(path, lambda temporary: temporary.write_text(json.dumps(results, indent=1) + "\n"))


if __name__ == "__main__":
    main()
