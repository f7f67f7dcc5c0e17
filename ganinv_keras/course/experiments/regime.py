"""What the published code of Egan et al. does beside its criteria, and what of their Table 1 that explains.

`python -m ganinv_keras.course.experiments.regime` writes `assets/results/03_regime.json`: a factorial of batch
normalisation (stored statistics, or each image's own), of what replaces the elements of a latent (a draw for each, or
one for all) and of when descent ends (after all steps, or where the error changes by less than 1e-10), over the
strictest criterion of each family. A run that was stopped goes on.
"""

import itertools
import json
import sys

import numpy as np

from ganinv_keras import device, files
from ganinv_keras.course.experiments import recovery
from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import SharedDraw, SideBySide
from ganinv_keras.measures import metrics
from ganinv_keras.zoo import pretrained

STATISTICS, DRAWS = ("stored", "own"), ("each its own", "shared")
# The authors stop at |ΔMSE| < 1e-10 on images in [-1, 1], whose squares are four times those of images in [0, 1].
STOPS = {"never": None, "at |ΔMSE| < 1e-10": 2.5e-11}


def described(z, z_hat):
    """Return what is to be known of recovered latents, each a list over the latents: E, cosine and length."""
    lengths = np.linalg.norm(z_hat, axis=1)
    cosine = np.sum(z * z_hat, axis=1) / np.linalg.norm(z, axis=1) / lengths
    return {"E": metrics.z_error(z, z_hat).tolist(), "cosine": cosine.tolist(), "length": lengths.tolist()}


def cell(generator, prior, z, starts, draw, stop, steps, seed=0):
    """Recover latents by all criteria in one batch, in one of the ways to run them.

    Args:
        generator: a Keras model.
        prior: its prior.
        z: the planted latents, `(n, d)`.
        starts: where all criteria start, `(n, d)`.
        draw: one of `DRAWS`.
        stop: one of `STOPS`.
        steps: gradient steps at most.
        seed: seed of what is redrawn. Defaults to 0.

    Returns:
        criterion → what `described` says, and `steps`, those taken for each latent.
    """
    criteria = recovery.STRICTEST
    arms = tuple(SharedDraw(c) if c and draw == "shared" else c for c in criteria.values())
    inverter = LatentOptimizer(generator, prior, "mse", SideBySide(arms), precision="float32")
    x = np.tile(np.asarray(generator(z, training=False)), (len(arms), 1, 1, 1))
    found = inverter.invert(x, steps, recovery.optimizer(), np.tile(starts, (len(arms), 1)), len(x), STOPS[stop], seed)
    parts = zip(criteria, np.split(found.z, len(arms)), np.split(found.steps_taken, len(arms)), strict=True)
    return {name: described(z, z_hat) | {"steps": taken.tolist()} for name, z_hat, taken in parts}


def main(name="food-softlabels", n=20, steps=5_000):
    """Run the factorial and write its results; what a run that was stopped has done is not done again."""
    path = files.output_dir() / "03_regime.json"
    about = {"generator": name, "n": n, "steps": steps, "device": device.device()}
    results = json.loads(path.read_text("utf-8")) if path.exists() else {}
    if results.get("about") != about:
        results = {"about": about}
    model = pretrained.load(name)
    z, _, starts = recovery.plant(model, n)
    generators = dict(zip(STATISTICS, (model.generator, recovery.with_own_statistics(model.generator)), strict=True))
    for statistics, draw, stop in itertools.product(STATISTICS, DRAWS, STOPS):
        key = f"{statistics}, {draw}, {stop}"
        if key not in results:
            results[key] = cell(generators[statistics], model.prior, z, starts, draw, stop, steps)
            text = json.dumps(results, ensure_ascii=False) + "\n"
            files.write_whole(path, lambda temporary, text=text: temporary.write_text(text, "utf-8"))
            print(key, flush=True)
    files.write_whole(files.ASSETS / "results" / "03_regime.json",
                      lambda temporary: temporary.write_bytes(path.read_bytes()))  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:2])
