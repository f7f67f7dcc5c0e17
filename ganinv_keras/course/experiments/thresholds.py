"""How few pixels determine a latent, and whether error bars hold: the measurements of notebook 07.

`python -m ganinv_keras.course.experiments.thresholds` keeps m random pixels of generated images, each image its own,
looks for their latents by Levenberg–Marquardt, and writes `assets/results/07_thresholds.json` after every point; points
that the file has are not measured again. It takes about two hours of a core.
"""

import json

import numpy as np
from scipy import stats

from ganinv_keras import LevenbergMarquardt, device, files, labels
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.inversion.measurements import Pixels
from ganinv_keras.zoo import pretrained

N, FOUND = 50, 1e-8  # latents a point; mean square error of a latent that counts as found
RESTARTS, STEPS = 4, 400  # starts of each latent; iterations of each start, at most
KEPT = {
    "mnist-plane": (2, 4, 8, 16, 32, 64, 784),
    "mnist-conditional": (12, 24, 48, 96, 192, 392, 784),
    "food-softlabels": (40, 50, 60, 80, 110, 150, 300),
}
MANY = {"label unknown": ("mnist-conditional", 784), "300 pixels": ("food-softlabels", 300)}  # a hundred latents each
COVERED = {"mnist-conditional": (784, 96), "food-softlabels": (300,)}
NOISE = (0.01, 0.02, 0.05)


def plant(name, m, n):
    """Return a model, n latents, their classes in one-hot code or None, their images, and m pixels to keep of each."""
    model = pretrained.load(name)
    z, label = labels.draw(model.generator, model.prior, n, seed=7)
    x = predict(model.generator, labels.with_label(z, label))
    random = np.random.default_rng(m)
    kept = [random.choice(x.shape[1] * x.shape[2], m, replace=False) for _ in range(n)]
    return model, np.asarray(z), label, x, Pixels(np.stack(kept))


def threshold(name, m, n):
    """Return how many of `n` latents m random pixels find, and what it took."""
    model, z, label, x, kept = plant(name, m, n)
    found = LevenbergMarquardt(model.generator, model.prior, measurement=kept).invert(x, STEPS, RESTARTS)
    error, whole = np.mean((found.z - z) ** 2, axis=1), np.mean((found.images - x) ** 2, axis=(1, 2, 3))
    row = {"n": n, "found": int(np.sum(error < FOUND)), "whole image above 100 dB": int(np.sum(whole < 1e-10)),
           "iterations": float(found.steps_taken.mean()), "seconds": found.seconds / n}  # fmt: skip
    if label is not None:
        row["right class"] = int(np.sum(found.labels == np.argmax(label, axis=1)))
    return row


def coverage(name, m, noise, n=100):
    """Return whether the error bars of `n` latents hold, and whether `trusted` knows which latents were missed.

    A latent counts as missed where a search that starts at the planted one ends in a place more than e times as
    probable: the first search ended in another valley. Since a search goes on to its next start until the noise
    explains what is left, `trusted` is also asked about first starts alone.
    """
    model, z, label, x, kept = plant(name, m, n)
    y = kept(x) + np.random.default_rng(1).normal(0, noise, (n, m, 1, x.shape[3])).astype("float32")
    given = {"noise": noise} if label is None else {"noise": noise, "labels": np.argmax(label, axis=1)}
    inverter = LevenbergMarquardt(model.generator, model.prior, measurement=kept)
    nearest, row = inverter.invert(y, STEPS, restarts=1, initial_z=z, **given), {"n": n}
    for starts in (1, RESTARTS):
        found = inverter.invert(y, STEPS, starts, **given)
        missed = (found.loss - nearest.loss) * y[0].size / (2 * noise**2) > 1
        row[f"starts: {starts}"] = {
            "covered": float(np.mean(np.abs(found.z - z) < stats.norm.ppf(0.95) * found.std)),
            "missed": int(missed.sum()), "missed and not trusted": int(np.sum(missed & ~found.trusted)),
            "right and not trusted": int(np.sum(~missed & ~found.trusted))}  # fmt: skip
    return row


def main():
    """Measure every point that is not there yet, and write."""
    path = files.ASSETS / "results" / "07_thresholds.json"
    results = json.loads(path.read_text()) if path.exists() else {"device": device.device()}
    todo = [("coverage", f"{name}, {m}, {noise:g}", coverage, (name, m, noise))
            for name, numbers in COVERED.items() for m in numbers for noise in NOISE]  # fmt: skip
    todo += [("many", what, threshold, (*arguments, 100)) for what, arguments in MANY.items()]
    todo += [("points", f"{name}, {m}", threshold, (name, m, N)) for name, numbers in KEPT.items() for m in numbers]
    for part, key, measure, arguments in todo:
        rows = results.setdefault(part, {})
        if key not in rows:
            rows[key] = measure(*arguments)
            text = json.dumps(results, indent=1) + "\n"
            files.write_whole(path, lambda temporary, text=text: temporary.write_text(text, "utf-8"))
            print(part, key, rows[key], flush=True)


if __name__ == "__main__":
    main()
