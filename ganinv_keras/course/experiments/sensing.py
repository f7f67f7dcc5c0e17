"""Compressed sensing with a generator and without one: the curves of notebook 07.

`python -m ganinv_keras.course.experiments.sensing` measures test images by m random sums, with noise, after Bora et al.
(*Compressed Sensing using Generative Models*, 2017), recovers them by a generator and by Lasso in two bases, and writes
`assets/results/07_sensing.json` after every m; what the file has is not measured again. Photographs need `celeb_a` in
`$GANINV_DATA_DIR`.
"""

import json

import numpy as np
import pywt
from scipy import fft
from sklearn.linear_model import lasso_path

from ganinv_keras import LevenbergMarquardt, device, files, load_images
from ganinv_keras.inversion.measurements import Gaussian
from ganinv_keras.zoo import pretrained

N = {"validation": 5, "test": 10}  # images
NUMBERS = (10, 25, 50, 100, 250, 500)  # of measurements
KINDS = {  # the generator, the images, the root mean square of the noise's length, as there, and the numbers
    "digits": ("mnist-normal", "mnist", 0.1, (*NUMBERS, 784)),
    "digits, d = 12 and a class": ("mnist-conditional", "mnist", 0.1, (*NUMBERS, 784)),
    "drawn faces": ("avatars-normal", "avatars", 0.01, (*NUMBERS, 1000, 2500, 5000, 10_000)),
    "photographs": ("celeba-gan", "celeb_a", 0.01, (*NUMBERS, 1000, 2500)),
}
MISFITS = (0.03, 0.1, 0.2)  # typical differences of an image's values from the generator's nearest one, to choose from


def cosines(x):
    """Return the discrete cosine transform of images, `(n, values)`, and the way back."""
    shape = x.shape[1:]
    return fft.dctn(x, axes=(1, 2), norm="ortho").reshape(len(x), -1), lambda coefficients: fft.idctn(
        coefficients.reshape(-1, *shape), axes=(1, 2), norm="ortho"
    )


def wavelets(x):
    """Return the Haar wavelet transform of images, `(n, values)`, and the way back."""

    def transform(x):
        levels = min(size & -size for size in x.shape[1:3]).bit_length() - 1  # as often as 2 divides both
        parts = pywt.wavedecn(x, "haar", mode="periodization", level=levels, axes=(1, 2))
        return pywt.coeffs_to_array(parts, axes=(1, 2))

    def back(coefficients):
        shaped = coefficients.reshape(-1, *x.shape[1:])
        parts = pywt.array_to_coeffs(shaped, transform(shaped)[1])
        return pywt.waverecn(parts, "haar", mode="periodization", axes=(1, 2))

    return transform(x)[0].reshape(len(x), -1), back


def by_lasso(basis, weights, y, shape):
    """Recover images by Lasso in an orthonormal basis, with ten strengths of its penalty.

    Args:
        basis: `cosines` or `wavelets`.
        weights: what the values of an image are multiplied with, `(values, m)`.
        y: the sums, `(n, m)`.
        shape: `(height, width, channels)` of an image.

    Returns:
        Images `(10, n, height, width, channels)`, the strongest penalty first.
    """
    rows, back = basis(weights.T.reshape(-1, *shape))
    rows, found = np.asfortranarray(rows), []
    for seen in y:
        strongest = np.abs(rows.T @ seen).max() / len(seen)  # leaves nothing but 0
        found.append(lasso_path(rows, seen, alphas=strongest * np.geomspace(1, 1e-4, 10), max_iter=1000)[1].T)
    return np.stack([back(path) for path in found], axis=1).clip(0, 1)


def by_generator(model, measurement, y, misfit, values, restarts):
    """Recover images by the most probable z, for an image whose values a generator misses by `misfit`."""
    inverter = LevenbergMarquardt(model.generator, model.prior, measurement=measurement)
    found = inverter.invert(y, steps=30, restarts=restarts, noise=misfit * (values / measurement.m) ** 0.5)
    return found.images


def errors(images, x):
    """Return the mean square error of each image, shape of `images` without its last three axes."""
    return np.mean((images - x) ** 2, axis=(-3, -2, -1))


def point(model, x, m, length):
    """Return errors of test images from m sums, with settings chosen on validation images.

    Args:
        model: what `pretrained.load` returns.
        x: images of each split of `N`.
        m: number of sums.
        length: root mean square of the length of the noise in them.
    """
    shape, measurement, random = x["test"].shape[1:], Gaussian(m, seed=1), np.random.default_rng(m)
    values = int(np.prod(shape))
    y = {split: measurement(images) for split, images in x.items()}
    y = {split: seen + random.normal(0, length * m**-0.5, seen.shape).astype("float32") for split, seen in y.items()}
    tried = [errors(by_generator(model, measurement, y["validation"], misfit, values, 1), x["validation"]).mean()
             for misfit in MISFITS]  # fmt: skip
    misfit = MISFITS[np.argmin(tried)]
    row = {"misfit": misfit}
    row["generator"] = errors(by_generator(model, measurement, y["test"], misfit, values, 2), x["test"])
    weights = measurement.weights(values).numpy()
    for name, basis in (("cosines", cosines), ("wavelets", wavelets)):
        tried, found = (errors(by_lasso(basis, weights, y[split][:, :, 0, 0], shape), x[split]) for split in N)
        row[name] = found[tried.mean(axis=1).argmin()]
    return {key: np.asarray(value).tolist() for key, value in row.items()}


def main():
    """Measure every point that is not there yet, and write."""
    path = files.ASSETS / "results" / "07_sensing.json"
    results = json.loads(path.read_text()) if path.exists() else {"device": device.device(), "kinds": {}}
    for kind, (name, data, length, numbers) in KINDS.items():
        model, found = pretrained.load(name), results["kinds"].setdefault(kind, {})
        train, test = (load_images(data, split).images for split in ("train", "test"))
        x = {"validation": train[-N["validation"] :], "test": test[: N["test"]]}
        found["mean image"] = errors(train[: -N["validation"]].mean(axis=0), x["test"]).tolist()
        for m in numbers:
            if str(m) not in found:
                found[str(m)] = point(model, x, m, length)
                text = json.dumps(results) + "\n"
                files.write_whole(path, lambda temporary, text=text: temporary.write_text(text, "utf-8"))
                means = {key: round(float(np.mean(value)), 4) for key, value in found[str(m)].items()}
                print(kind, m, means, flush=True)


if __name__ == "__main__":
    main()
