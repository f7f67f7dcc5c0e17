"""How good a reconstruction is, image by image."""

import numpy as np
import tensorflow as tf
from keras import ops
from scipy import linalg, stats
from sklearn.metrics.pairwise import polynomial_kernel

from ganinv_keras import losses
from ganinv_keras.measures.search import dhash


def mae(images, reconstructions):
    """Mean absolute pixel error of every image, a NumPy array of shape `(n,)`: 0 is perfect, images are in [0, 1]."""
    return ops.convert_to_numpy(losses.mae(images, reconstructions))


def psnr(images, reconstructions):
    """Peak signal-to-noise ratio of every image in dB, a NumPy array of shape `(n,)`, for images in [0, 1]."""
    return tf.image.psnr(images, reconstructions, max_val=1.0).numpy()


def ssim(images, reconstructions):
    """Structural similarity of every image, a NumPy array of shape `(n,)`, for images in [0, 1]: 1 is perfect."""
    return tf.image.ssim(images, reconstructions, max_val=1.0).numpy()


def dhash_similarity(images, reconstructions):
    """Share of the 64 bits of the difference hash that agree, for every image, a NumPy array of shape `(n,)`.

    Table 1 of Luo et al. reports its mean. Two images that have nothing in common agree in about half of the bits.
    """
    return (dhash(images) == dhash(reconstructions)).mean(axis=1)


def shuffled_ratio(images, reconstructions):
    """Mean squared error of reconstructions, divided by that of another image's reconstructions, a float.

    0 is perfect; 1 means that a reconstruction is no nearer to its own image than to the next one.
    """
    own, others = losses.mse(images, reconstructions), losses.mse(images, np.roll(reconstructions, 1, axis=0))
    return float(ops.mean(own) / ops.mean(others))


def label_similarity(labels, other_labels):
    """Share of labels that agree, for every row of two arrays `(n, labels)`, a NumPy array of shape `(n,)`."""
    return np.mean(np.asarray(labels) == np.asarray(other_labels), axis=1)


def z_error(z, z_hat):
    """Mean squared error of every recovered latent, a NumPy array of shape `(n,)`."""
    return ops.convert_to_numpy(ops.mean(ops.square(z - z_hat), axis=1))


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
        errors: name → `z_error` of the same n latents, shape `(n,)`.
        baseline: the name that the others are compared with. Defaults to `"disabled"`.

    Returns:
        name → a dictionary: `recovered`, the percentages of errors below each of `RECOVERED`; `wins`, the percentage
        of latents with a lower error than the baseline's; `significant_wins`, the same among the latents where the
        two errors differ by a factor of 2 or more; `average`, the mean error. The wins of the baseline are None, and
        so are significant wins where no two errors differ that much.
    """
    table = {}
    for name, error in errors.items():
        ratio = errors[baseline] / error
        differ = np.maximum(ratio, 1 / ratio) >= 2
        table[name] = {
            "recovered": [100 * float(np.mean(error < level)) for level in RECOVERED],
            "wins": None if name == baseline else 100 * float(np.mean(ratio > 1)),
            "significant_wins": 100 * float(np.mean(ratio[differ] > 1)) if differ.any() else None,
            "average": float(np.mean(error)),
        }
    return table


def ks_distance(z, prior):
    """Kolmogorov–Smirnov distance between all elements of latents `(n, d)` and the prior: 0 is its distribution."""
    return float(stats.kstest(np.ravel(z), prior.cdf).statistic)


def fid(features, other_features):
    """Fréchet distance between two sets of features (Heusel et al.), a float: 0 for equal means and covariances.

    `‖μ₁ - μ₂‖² + tr(Σ₁ + Σ₂ - 2 (Σ₁ Σ₂)^½)`. It is a distance between images only together with the name of the network
    that the features are of, see `features`; and it grows when there are fewer images.

    Args:
        features: array of shape `(n, k)`, n well above k.
        other_features: array of shape `(m, k)`.
    """
    (mean, covariance), (other_mean, other_covariance) = (
        (np.mean(f, axis=0, dtype="float64"), np.cov(f, rowvar=False, dtype="float64"))
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
        features: array of shape `(n, k)`.
        other_features: array of shape `(m, k)`.
    """
    n, m = len(features), len(other_features)
    within = polynomial_kernel(features, degree=3, coef0=1)
    other_within = polynomial_kernel(other_features, degree=3, coef0=1)
    between = polynomial_kernel(features, other_features, degree=3, coef0=1)
    same = (within.sum() - np.trace(within)) / (n * (n - 1))
    other_same = (other_within.sum() - np.trace(other_within)) / (m * (m - 1))
    return float(same + other_same - 2 * between.mean())
