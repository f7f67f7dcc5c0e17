"""Levenberg–Marquardt: ours beside those of numerical libraries, on the same latents and starts, in one run.

    pip install -r tests/benchmarks/requirements.txt
    python -m tests.benchmarks.levenberg_marquardt [--names NAME …] [--latents N] [--peers PEER …]

Every latent has one start. Each library runs in a process of its own, one after another, on all cores; compiling is not
counted. The peers invert one image after another by JAX, with the generator of the same `.keras` file, and end by their
own rules with tolerances that let them find every latent. Prints a table, and writes
`assets/results/benchmark_levenberg_marquardt.json`.
"""

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

PEERS = ("ours", "ours, float32", "jaxopt", "optimistix, Cholesky", "optimistix", "scipy")
ITERATIONS = 50


def ours(folder):
    """Return `(z, seconds, evaluations of J, evaluations of G)` a latent, by this course."""
    import keras

    from ganinv_keras import LevenbergMarquardt, Normal

    generator = keras.saving.load_model(folder / "generator.keras", compile=False)
    with np.load(folder / "latents.npz") as file:
        x, starts = file["x"], file["starts"]
    inverter = LevenbergMarquardt(generator, Normal(starts.shape[1]))
    inverter.invert(x[:10], steps=1, restarts=1, initial_z=starts[:10])
    begin = time.perf_counter()
    found = inverter.invert(x, steps=ITERATIONS, restarts=1, initial_z=starts)
    seconds = (time.perf_counter() - begin) / len(x)
    iterations = float(found.steps_taken.mean())
    return found.z, seconds, iterations, 5 * iterations  # at z, and at four candidates


def by_jax(folder, peer):
    """Return the same by another library, on JAX."""
    import jax
    import keras

    generator = keras.saving.load_model(folder / "generator.keras", compile=False)
    weights = [variable.value for variable in generator.trainable_variables]
    fixed = [variable.value for variable in generator.non_trainable_variables]
    with np.load(folder / "latents.npz") as file:
        x, starts = file["x"], file["starts"]

    def residual(z, x):
        return (generator.stateless_call(weights, fixed, z[None], training=False)[0][0] - x).ravel()

    if peer == "jaxopt":
        import jaxopt

        solver = jaxopt.LevenbergMarquardt(
            residual, maxiter=ITERATIONS, materialize_jac=True, solver="cholesky", tol=1e-4, xtol=1e-7, gtol=1e-7
        )
        run = jax.jit(solver.run)

        def solve(start, x):
            z, state = run(start, x)
            return z, int(state.iter_num), int(state.iter_num)

    elif peer.startswith("optimistix"):
        import lineax
        import optimistix

        linear = {"linear_solver": lineax.Normal(lineax.Cholesky())} if peer.endswith("Cholesky") else {}
        solver = optimistix.LevenbergMarquardt(rtol=1e-5, atol=1e-6, **linear)

        @jax.jit
        def run(start, x):
            found = optimistix.least_squares(residual, solver, start, x, max_steps=ITERATIONS, throw=False)
            return found.value, found.stats["num_steps"]

        def solve(start, x):
            z, steps = run(start, x)
            return z, int(steps), int(steps)

    else:
        from scipy import optimize

        compiled, jacobian = jax.jit(residual), jax.jit(jax.jacfwd(residual))

        def solve(start, x):
            found = optimize.least_squares(lambda z: np.asarray(compiled(z.astype("float32"), x), "float64"), start,
                                           lambda z: np.asarray(jacobian(z.astype("float32"), x), "float64"),
                                           max_nfev=ITERATIONS)  # fmt: skip
            return found.x, found.njev, found.nfev

    jax.block_until_ready(solve(starts[0], x[0])[0])
    begin = time.perf_counter()
    answers = [solve(start, image) for start, image in zip(starts, x, strict=True)]
    z = np.stack([np.asarray(answer[0]) for answer in answers])
    seconds = (time.perf_counter() - begin) / len(x)
    return z, seconds, float(np.mean([a[1] for a in answers])), float(np.mean([a[2] for a in answers]))


def measure(peer, folder, truth):
    """Run a peer in a process of its own, and return its row of the table."""
    backend = "tensorflow" if peer.startswith("ours") else "jax"
    environment = {"KERAS_BACKEND": backend, "TF_CPP_MIN_LOG_LEVEL": "2", "TQDM_DISABLE": "1", "JAX_PLATFORMS": "cpu"}
    if peer == "ours, float32":
        environment["GANINV_PRECISION"] = "float32"
    command = [sys.executable, "-m", "tests.benchmarks.levenberg_marquardt", "--run", peer, "--folder", str(folder)]
    subprocess.run(command, env=os.environ | environment, check=True)
    with np.load(folder / "answer.npz") as answer:
        error = np.square(answer["z"] - truth).mean(1)
        found = error < 1e-8
        return {"seconds": float(answer["seconds"]), "found": int(found.sum()), "exact": int((error <= 1e-12).sum()),
                "worst_found": float(error[found].max()) if found.any() else None,
                "jacobians": float(answer["jacobians"]), "images": float(answer["images"])}  # fmt: skip


def main():
    """Measure every peer on every generator, print the table, and write it."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--names", nargs="*", default=["food-dcgan", "food-softlabels"], help="generators of the zoo")
    parser.add_argument("--latents", type=int, default=10, help="latents of each generator (default: 10)")
    parser.add_argument("--peers", nargs="*", default=PEERS, choices=PEERS)
    parser.add_argument("--run", choices=PEERS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.run:
        solver = ours(given.folder) if given.run.startswith("ours") else by_jax(given.folder, given.run)
        np.savez(given.folder / "answer.npz", **dict(zip(("z", "seconds", "jacobians", "images"), solver, strict=True)))
        return
    from ganinv_keras import files, pretrained

    rows = {}
    for name in given.names:
        generator, _, prior, _ = pretrained.load(name)
        z = np.asarray(prior.sample(given.latents, seed=1))
        with tempfile.TemporaryDirectory() as folder:
            folder = Path(folder)
            generator.save(folder / "generator.keras")
            x, starts = generator(z, training=False), prior.sample(given.latents, seed=2)
            np.savez(folder / "latents.npz", x=x, starts=starts)
            rows[name] = {}
            for peer in given.peers:
                rows[name][peer] = row = measure(peer, folder, z)
                print(
                    f"{name:16} {peer:20} {row['seconds']:7.2f} s a latent, {row['found']} of {len(z)} found, "
                    f"{row['exact']} to 1e-12, {row['jacobians']:.1f} J, {row['images']:.1f} G",
                    flush=True,
                )
    report = {"machine": f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores", "rows": rows,
              "latents": given.latents}  # fmt: skip
    path = files.ASSETS / "results" / "benchmark_levenberg_marquardt.json"
    files.write_whole(path, lambda p: p.write_text(json.dumps(report, indent=1) + "\n", "utf-8"))


if __name__ == "__main__":
    main()
