"""All speeds in one run: `python -m tests.benchmarks`, on an otherwise quiet machine.

    pip install -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks [--cases CASE …] [--peers PEER …]

Each case is timed for us and for each peer that is installed, in a process of its own, one after another, on all
cores; compiling is not counted, and the best of three counts. Prints a table, and writes
`assets/results/benchmark.json`, which notebook 09 draws.
"""

import argparse
import json
import os
import platform
import re
import subprocess
import sys
import time
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import numpy as np

OURS = {"ours": {}, "ours, float32": {"GANINV_PRECISION": "float32"}}
NEEDS = {"PyTorch": "torch", "torch.compile": "torch", "jaxopt": "jaxopt", "optimistix": "optimistix"}
PEERS = (*OURS, *NEEDS)


def best(call, units):
    """Call once to compile, then three times; return the fewest seconds a unit."""
    call()
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        call()
        times.append(time.perf_counter() - begin)
    return min(times) / units


def training_step(peer, steps=5, batch=128):
    """A step of Creswell & Bharath's digits' GAN: seconds."""
    if peer in OURS:
        from ganinv_keras import load_images
        from ganinv_keras.zoo import build, recipes

        model = build.trainer(recipes.RECIPES["mnist-uniform"])
        images = load_images("mnist", "train", verbose=False)
        dataset = images.batches(batch, 0, 0)
        return best(lambda: model.fit(dataset, epochs=1, steps_per_epoch=steps, verbose=0, shuffle=False), steps)
    from tests.benchmarks import torch_models

    return best(torch_models.training(steps, batch, peer == "torch.compile"), steps)


def descent(peer, batch, steps=50):
    """A gradient step on z, on the generator of `mnist-uniform`: seconds an image."""
    x = np.random.default_rng(0).random((batch, 28, 28, 1), "float32")
    if peer in OURS:
        from ganinv_keras import LatentOptimizer, pretrained

        model = pretrained.load("mnist-uniform")
        inverter = LatentOptimizer(model.generator, model.prior)
        return best(lambda: inverter.invert(x, steps, batch_size=batch), steps * batch)
    from tests.benchmarks import torch_models

    return best(torch_models.descent(x, steps, peer == "torch.compile"), steps * batch)


def least_squares(peer, pixels=None, latents=5):
    """A latent of `food-softlabels`, found again from a random start, by all pixels or by some: seconds."""
    import keras  # before the course, which would choose TensorFlow: here $KERAS_BACKEND does

    from ganinv_keras import LevenbergMarquardt, pretrained
    from ganinv_keras.inversion.measurements import Pixels

    model = pretrained.load("food-softlabels")
    starts = np.asarray(model.prior.sample(latents, seed=2))
    x = np.asarray(model.generator(model.prior.sample(latents, seed=1), training=False))
    rng = np.random.default_rng(0)
    seen = None if pixels is None else np.sort(rng.choice(x[0, ..., 0].size, pixels // 3, replace=False))
    if peer in OURS:
        inverter = LevenbergMarquardt(model.generator, model.prior, measurement=None if seen is None else Pixels(seen))
        return best(lambda: inverter.invert(x, 50, restarts=1, initial_z=starts), latents)
    from ganinv_keras.zoo import export
    from tests.benchmarks import jax_solvers

    assert keras.backend.backend() == "jax"
    return best(jax_solvers.solving(peer, export.plain(model.generator), x, starts, seen), latents)


def encoder(peer, batch=256):
    """A pass through paper 3's encoder and generator: seconds an image."""
    from ganinv_keras import EncoderInverter, pretrained

    model = pretrained.load("avatars-aegan")
    x = np.random.default_rng(0).random((batch, 64, 64, 3), "float32")
    inverter = EncoderInverter(model.encoder, model.generator)
    return best(lambda: inverter.invert(x), batch)


TORCH, JAX = ("PyTorch", "torch.compile"), ("jaxopt", "optimistix")
CASES = {
    "training step": (training_step, {}, TORCH),
    "descent, batch 1": (descent, {"batch": 1}, TORCH),
    "descent, batch 256": (descent, {"batch": 256}, TORCH),
    "least squares": (least_squares, {}, JAX),
    "few pixels": (least_squares, {"pixels": 600}, JAX),
    "encoder": (encoder, {}, ()),
}  # case → function, its arguments, which peers


def timed(case, peer):
    """Time a case in a process of its own, and return seconds, or what went wrong in a line."""
    environment = {"TF_CPP_MIN_LOG_LEVEL": "2", "TQDM_DISABLE": "1", "JAX_PLATFORMS": "cpu"} | OURS.get(peer, {})
    if peer in JAX:
        environment["KERAS_BACKEND"] = "jax"
    command = [sys.executable, "-m", "tests.benchmarks", "--cases", case, "--peers", peer, "--here"]
    ran = subprocess.run(command, env=os.environ | environment, capture_output=True, text=True)
    lines = (ran.stdout if ran.returncode == 0 else ran.stderr).strip().splitlines() or ["nothing was printed"]
    return json.loads(lines[-1]) if ran.returncode == 0 else lines[-1]


def processor():
    """Return what the processor calls itself."""
    about = Path("/proc/cpuinfo")  # on Linux, where `platform` knows only the architecture
    names = re.findall(r"model name\s*: (.+)", about.read_text()) if about.exists() else []
    return names[0] if names else platform.processor() or platform.machine()


def versions():
    """Return the version of each library that was timed."""
    libraries = ("tensorflow", "keras", *dict.fromkeys(NEEDS.values()), "jax")
    return {name: metadata.version(name) for name in libraries if find_spec(name)}


def main():
    """Read the command line, and time."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", nargs="*", default=CASES, choices=CASES, metavar="CASE", help=", ".join(CASES))
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS, metavar="PEER", help=", ".join(PEERS))
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.here:
        function, arguments, _ = CASES[given.cases[0]]
        print(json.dumps(function(given.peers[0], **arguments)))
        return
    rows = {}
    for case in given.cases:
        peers = [peer for peer in given.peers if peer in OURS or peer in CASES[case][2]]
        rows[case] = {}
        for peer in peers:
            installed = peer in OURS or find_spec(NEEDS[peer])
            rows[case][peer] = timed(case, peer) if installed else "not installed"
            seconds, ours = rows[case][peer], rows[case].get("ours")
            numbers = isinstance(seconds, float) and isinstance(ours, float)
            words = f"{1e3 * seconds:10.3f} ms, {seconds / ours:5.2f} of ours" if numbers else seconds
            print(f"{case:20}{peer:16}{words}", flush=True)
    from ganinv_keras import device, files

    report = {"machine": processor(), "device": device.device(), "versions": versions(), "seconds": rows}
    path = files.ASSETS / "results" / "benchmark.json"
    files.write_whole(path, lambda temporary: temporary.write_text(json.dumps(report, indent=1) + "\n", "utf-8"))


if __name__ == "__main__":
    main()
