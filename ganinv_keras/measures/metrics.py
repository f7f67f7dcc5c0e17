"""How good a reconstruction is, image by image.

Images and their reconstructions are floats in [0, 1], two batches `(n, height, width, channels)` of one shape;
reconstructions of a generator without a last sigmoid may lie less than 0.5 outside. Anything else is a `ValueError`
that says how to mend it, and so are latents, features and errors that are no tables of finite numbers.
"""

import numpy as np
import tensorflow as tf
from keras import ops
from scipy import linalg, stats
from sklearn.metrics.pairwise import polynomial_kernel

from ganinv_keras import losses
from ganinv_keras.checks import check_name
from ganinv_keras.measures.inputs import as_array, check_pair, check_rows, check_sets, check_shape, check_table, invalid
from ganinv_keras.measures.search import dhash


def mae(images, reconstructions):
    """Mean absolute pixel error of every image, a NumPy array of shape `(n,)`: 0 is perfect, images are in [0, 1]."""
    return ops.convert_to_numpy(losses.mae(*check_pair(images, reconstructions)))


def psnr(images, reconstructions):
    """Peak signal-to-noise ratio of every image in dB, a NumPy array of shape `(n,)`: infinite for equal images."""
    return tf.image.psnr(*check_pair(images, reconstructions), max_val=1.0).numpy()


def ssim(images, reconstructions):
    """Structural similarity of every image, a NumPy array of shape `(n,)`: 1 is perfect.

    Images must have at least 11×11 pixels, the window in which they are compared.
    """
    images, reconstructions = check_pair(images, reconstructions)
    if min(images.shape[1:3]) < 11:
        raise invalid("images", "at least 11×11 pixels", f"shape {images.shape}")
    return tf.image.ssim(images, reconstructions, max_val=1.0).numpy()


def dhash_similarity(images, reconstructions):
    """Share of the 64 bits of the difference hash that agree, for every image, a NumPy array of shape `(n,)`.

    Table 1 of Luo et al. reports its mean. Two images that have nothing in common agree in about half of the bits.
    """
    images, reconstructions = check_pair(images, reconstructions)
    return (dhash(images) == dhash(reconstructions)).mean(axis=1)


def shuffled_ratio(images, reconstructions):
    """Mean squared error of reconstructions, divided by that of another image's reconstructions, a float.

    0 is perfect; 1 means that a reconstruction is no nearer to its own image than to the next one. There must be two
    images or more, and they must differ.
    """
    images, reconstructions = check_pair(images, reconstructions)
    own, others = losses.mse(images, reconstructions), losses.mse(images, np.roll(reconstructions, 1, axis=0))
    if len(images) < 2 or not ops.mean(others):
        raise invalid("images", "two images or more, which differ", f"shape {images.shape}")
    return float(ops.mean(own) / ops.mean(others))


def label_similarity(labels, other_labels):
    """Share of labels that agree, for every row of two arrays `(n, labels)`, a NumPy array of shape `(n,)`."""
    labels, other_labels = check_table(labels, "labels"), check_table(other_labels, "other_labels")
    check_shape(other_labels, labels, "other_labels", "labels")
    return np.mean(labels == other_labels, axis=1)


def z_error(z, z_hat):
    """Mean squared error of every recovered latent, a NumPy array of shape `(n,)`, for two arrays `(n, d)`."""
    z, z_hat = check_rows(z, "z"), check_rows(z_hat, "z_hat")
    check_shape(z_hat, z, "z_hat", "z")
    return ops.convert_to_numpy(ops.mean(ops.square(z - z_hat), axis=1))


def recovered_share(z, z_hat):
    """Share of the variance of each latent dimension that recovered latents hold, a NumPy array of shape `(d,)`.

    It is the squared correlation of z and z_hat, `(n, d)` each, without what chance gives: `1 - (1 - r²)(n-1)/(n-2)`,
    which is 0 on average where the two have nothing to do with each other. Answers that are too large, too small or
    shifted lose nothing, and a dimension of which all answers are the same has the share 0.
    """
    z, z_hat = (check_rows(a, name, least=3).astype("float64") for a, name in ((z, "z"), (z_hat, "z_hat")))
    check_shape(z_hat, z, "z_hat", "z")
    z, z_hat = (a - a.mean(axis=0) for a in (z, z_hat))
    variances = np.sum(z**2, axis=0) * np.sum(z_hat**2, axis=0)
    known = variances > 0
    squared = np.minimum(np.sum(z * z_hat, axis=0) ** 2 / np.where(known, variances, 1.0), 1.0)
    return np.where(known, 1 - (1 - squared) * (len(z) - 1) / (len(z) - 2), 0.0)


def reconstruction_report(images, reconstructions):
    """Summarise reconstructions as the papers do, and as they should have.

    Args:
        images: images in [0, 1], shape `(n, height, width, channels)`.
        reconstructions: their reconstructions, of the same shape.

    Returns:
        A dictionary of floats: `mae` and `mae_std`, mean and standard deviation over the images of the mean absolute
        pixel error, and `psnr` in dB, the mean over the images; and `n`, the number of images.
    """
    errors = mae(images, reconstructions)
    return {
        "n": len(errors), "mae": float(errors.mean()), "mae_std": float(errors.std()),
        "psnr": float(psnr(images, reconstructions).mean()),
    }  # fmt: skip


RECOVERED = (1e-4, 1e-3, 1e-2, 1e-1, 1e0)


def recovery_table(errors, baseline="disabled"):
    """Compare ways to recover the same latents, as Table 1 of Egan et al. does.

    Args:
        errors: name → `z_error` of the same n latents, finite numbers of shape `(n,)`.
        baseline: the name that the others are compared with. Defaults to `"disabled"`.

    Returns:
        name → a dictionary: `recovered`, the percentages of errors below each of `RECOVERED`; `wins`, the percentage
        of latents with a lower error than the baseline's; `significant_wins`, the same among the latents where the
        two errors differ by a factor of 2 or more; `average`, the mean error. The wins of the baseline are None, and
        so are significant wins where no two errors differ that much.

    Raises:
        ValueError: if the baseline is none of the names, or the errors are not finite, negative, or of other latents.
    """
    if not isinstance(errors, dict):
        raise invalid("errors", "a dictionary, name → errors", type(errors).__name__)
    errors = {name: _errors(error, name) for name, error in errors.items()}
    base = errors[check_name(baseline, errors, "baseline")]
    table = {}
    for name, error in errors.items():
        check_shape(error, base, f"errors[{name!r}]", f"errors[{baseline!r}]")
        with np.errstate(divide="ignore", invalid="ignore"):  # an error may be 0
            ratio = np.where(error == base, 1.0, base / error)
            differ = np.maximum(ratio, 1 / ratio) >= 2
        table[name] = {
            "recovered": [100 * float(np.mean(error < level)) for level in RECOVERED],
            "wins": None if name == baseline else 100 * float(np.mean(ratio > 1)),
            "significant_wins": 100 * float(np.mean(ratio[differ] > 1)) if differ.any() else None,
            "average": float(np.mean(error)),
        }
    return table


def _errors(error, name):
    error, received = as_array(error, f"errors[{name!r}]")
    numbers = error.ndim == 1 and len(error) and error.dtype.kind in "fiu"
    if not numbers or not (np.isfinite(error) & (error >= 0)).all():
        raise invalid(f"errors[{name!r}]", "finite errors ≥ 0 of shape (n,), n ≥ 1, as of `z_error`", received)
    return error


def ks_distance(z, prior):
    """Kolmogorov–Smirnov distance between all elements of latents `(n, d)` and the prior: 0 is its distribution."""
    z = check_rows(z, "z")
    if getattr(prior, "dim", None) != z.shape[1]:
        raise invalid("prior", f"a prior of {z.shape[1]} dimensions, as `z` has, such as Normal({z.shape[1]})", prior)
    return float(stats.kstest(np.ravel(z), prior.cdf).statistic)


def fid(features, other_features):
    """Fréchet distance between two sets of features (Heusel et al.), a float: 0 for equal means and covariances.

    `‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½)`. It is a distance between images only together with the name of the network
    that the features are of, see `features`; and it grows when there are fewer images.

    Args:
        features: array of shape `(n, k)`, n well above k and at least 2.
        other_features: array of shape `(m, k)`.
    """
    features, other_features = check_sets(features, other_features, "features", "other_features", least=2)
    (mean, covariance), (other_mean, other_covariance) = (
        (np.mean(f, axis=0, dtype="float64"), np.atleast_2d(np.cov(f, rowvar=False, dtype="float64")))
        for f in (features, other_features)
    )
    # Σ₁ Σ₂ is similar to Σ₁^½ Σ₂ Σ₁^½, which is symmetric: its eigenvalues are real and not negative
    roots = np.sqrt(np.maximum(linalg.eigvals(covariance @ other_covariance).real, 0.0))
    return float(np.sum((mean - other_mean) ** 2) + np.trace(covariance + other_covariance) - 2 * np.sum(roots))


def kid(features, other_features):
    """Kernel distance between two sets of features (Bińkowski et al.), a float: about 0 for sets from one distribution.

    The unbiased estimate of the squared maximum mean discrepancy with the kernel `(x·y / k + 1)³`; unlike `fid` it does
    not depend on the number of images, and may come out slightly below 0.

    Args:
        features: array of shape `(n, k)`, n at least 2.
        other_features: array of shape `(m, k)`, m at least 2.
    """
    features, other_features = check_sets(features, other_features, "features", "other_features", least=2)
    n, m = len(features), len(other_features)
    with np.errstate(over="ignore", invalid="ignore"):
        within = polynomial_kernel(features, degree=3, coef0=1)
        other_within = polynomial_kernel(other_features, degree=3, coef0=1)
        between = polynomial_kernel(features, other_features, degree=3, coef0=1)
        same = (within.sum() - np.trace(within)) / (n * (n - 1))
        other_same = (other_within.sum() - np.trace(other_within)) / (m * (m - 1))
        distance = float(same + other_same - 2 * between.mean())
    if not np.isfinite(distance):
        raise invalid("features", "numbers whose sixth power is finite", "others", 'Use features.astype("float64").')
    return distance
