"""What follows from JᵀJ: a damped step of Levenberg–Marquardt, and the error bars of where it ends."""

import numpy as np
import tensorflow as tf
from scipy import stats

from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.labels import draw, with_label

FACTORS = (0.1, 1.0, 10.0, 100.0)  # of the damping: the four that each step tries
SMALLEST = 1e-7  # damping: float32 has no finer JᵀJ
BFLOAT16 = 2.0**-8  # resolution of its numbers


def scaled(jacobian_t):
    """Return `D⁻¹ JᵀJ D⁻¹` with `D = diag(JᵀJ)^½`, float64 `(n, d, d)`, and the diagonal of D, `(n, d)`.

    Args:
        jacobian_t: `Jᵀ`, float32 `(n, d, m)`.
    """
    jtj = tf.cast(tf.matmul(jacobian_t, jacobian_t, transpose_b=True), "float64")
    scale = tf.sqrt(tf.linalg.diag_part(jtj)) + 1e-12
    return jtj / (scale[:, :, None] * scale[:, None, :]), scale


def damped_step(generator, y, z, damping, *own, label=None, pull=0.0, mean=0.0, half=None, measurement=None):
    """Take one step for each image of a batch: four dampings tried, the best kept.

    What is minimised is `(‖measurement(G(z)) - y‖² + pull² ‖z - mean‖²) / m` for the m values of y: the second part is
    as so many more residuals, whose derivative is `pull`.

    Args:
        generator: a Keras model from z to images.
        y: images, float32 `(n, height, width, channels)`, or what was seen of them.
        z: where they are, `(n, d)`.
        damping: λ of each, `(n,)`.
        *own: what the measurement has for each image.
        label: for a generator that takes a class beside z, that in one-hot code, `(n, K)`. Defaults to None.
        pull: noise of y over the standard deviation of the prior. Defaults to 0: the prior says nothing.
        mean: the prior's mean. Defaults to 0.
        half: the generator in `mixed_bfloat16`, see `jacobian`. Defaults to None.
        measurement: a `Measurement`. Defaults to None: whole images.

    Returns:
        `(z, x_hat, loss, damping, cosine)` after the step. `cosine`, before the step, is the largest
        `|J_i · r| / (‖J_i‖ ‖r‖)` over the elements i of z: 0 where the gradient of the loss is 0, whatever the scale.
    """
    n, d = z.shape
    m = tf.cast(tf.size(y[0]), "float32")
    x_hat = generator(with_label(z, label), training=False)
    jacobian_t = jacobian(generator, z, half, label)
    if measurement:
        jacobian_t = _seen_tangents(jacobian_t, x_hat.shape, own, measurement)
    jacobian_t = _finite(tf.concat([jacobian_t, pull * tf.eye(d, batch_shape=(n,))], axis=2))
    residual = _residuals(x_hat, z, y, own, measurement, pull, mean)
    r = _finite(residual)
    jtr = tf.cast(tf.linalg.matvec(jacobian_t, r), "float64")

    # In z scaled by D the damping is λ times the identity: one eigen-decomposition serves every λ.
    matrix, scale = scaled(jacobian_t)
    eigenvalues, q = tf.linalg.eigh(matrix)
    projected = tf.linalg.matvec(q, jtr / scale, transpose_a=True)
    tried = damping[:, None] * tf.constant(FACTORS)
    damped = tf.maximum(eigenvalues, 0.0)[:, None] + tf.cast(tried, "float64")[:, :, None]
    delta = -tf.einsum("nij,nkj->nki", q, projected[:, None] / damped) / scale[:, None]

    candidates = tf.reshape(z[:, None] + tf.cast(delta, "float32"), (-1, d))
    images = generator(with_label(candidates, label), training=False)
    tries = _residuals(images, candidates, tf.repeat(y, len(FACTORS), axis=0), own, measurement, pull, mean)
    losses = tf.reshape(tf.reduce_sum(tf.square(tries), axis=1) / m, (n, -1))
    losses = tf.where(tf.math.is_finite(losses), losses, np.inf)
    best = tf.argmin(losses, axis=1)
    before = tf.reduce_sum(tf.square(residual), axis=1) / m
    before, after = tf.where(tf.math.is_finite(before), before, np.inf), tf.gather(losses, best, batch_dims=1)
    better = after < before
    candidates = tf.reshape(candidates, (n, -1, d))
    images = tf.reshape(images, (n, -1, *x_hat.shape[1:]))

    cosine = tf.reduce_max(tf.abs(jtr) / scale, axis=1) / tf.cast(tf.norm(r, axis=1) + 1e-30, "float64")
    return (
        tf.where(better[:, None], tf.gather(candidates, best, batch_dims=1), z),
        tf.where(better[:, None, None, None], tf.gather(images, best, batch_dims=1), x_hat),
        tf.where(better, after, before),
        tf.maximum(tf.where(better, tf.gather(tried, best, batch_dims=1), 1000.0 * damping), SMALLEST),
        tf.cast(cosine, "float32"),
    )


def is_well_conditioned(generator, prior, measurement):
    """Say whether all eigenvalues of the scaled JᵀJ, at up to four draws, are above what bfloat16 resolves beside 1."""
    own = measurement.own if measurement else ()
    n = min([4, *map(len, own)])
    z, label = draw(generator, prior, n, 0)
    jacobian_t = jacobian(generator, z, label=label)
    if measurement:
        jacobian_t = _seen_tangents(jacobian_t, generator.output_shape, [array[:n] for array in own], measurement)
    return bool(tf.reduce_min(tf.linalg.eigvalsh(scaled(jacobian_t)[0])) > BFLOAT16)


def values_seen(measurement, y, own, image_shape):
    """Return how many values are seen of each image, `(n,)`: what a mask hides, 0 whatever the image, is none."""
    if measurement is None:
        return np.full(len(y), y[0].size)
    ones = tf.ones((len(y) if own else 1, *image_shape))
    seen = np.count_nonzero(measurement.measure(ones, *map(tf.constant, own)), axis=(1, 2, 3))
    return np.broadcast_to(seen, len(y))


def error_bars(covered, y, own, seen, z, noise, prior, batch_size=10, label=None):
    """Return what noise leaves open of z, by the Laplace approximation of the posterior.

    Near a solution `measurement(G(z + δ)) ≈ y_hat + J δ`. With noise of standard deviation σ in y and an independent
    normal prior of standard deviation s for each element, δ has the covariance `(JᵀJ / σ² + I / s²)⁻¹`.

    Args:
        covered: `covariance` of a generator and a measurement, compiled or not.
        y: what was seen, float32 `(n, rows, columns, values)`.
        own: what the measurement has for each image.
        seen: m, how many values are seen of each image, `(n,)`.
        z: where the inversions ended, `(n, d)`.
        noise: σ, or `"residual"` for that of each image's residual, `‖y_hat - y‖ / √(m - d)`.
        prior: the prior, of which `std` is s.
        batch_size: images computed at a time. Defaults to 10.
        label: classes in one-hot code, `(n, K)`. Defaults to None, for a generator that takes none.

    Returns:
        A dictionary: `std`, standard deviations of z, `(n, d)`; `image_std`, those of the pixels of G(z); and with a
        given noise `trusted`, whether the residual is what the noise explains (χ² at 1 %), `(n,)`.
    """
    n, size, given = len(z), min(batch_size, len(z)), 0.0 if noise == "residual" else noise
    parts = []
    for first in range(0, n, size):  # the last batch is filled up with the first images
        rows = np.arange(first, first + size) % n
        batch = (
            np.float32(given),
            np.float32(prior.std),
            *(array[rows] for array in (np.asarray(seen, "float64"), y, z, *own)),
        )
        classes = None if label is None else tf.gather(label, rows)
        found = covered(*map(tf.constant, batch), label=classes)
        parts.append([part.numpy()[: n - first] for part in found])
    std, image_std, squares = map(np.concatenate, zip(*parts, strict=True))
    if noise == "residual":
        return {"std": std, "image_std": image_std}
    determined = np.sum(1 - np.square(std / prior.std), axis=1)  # elements' worth, by y and not by the prior
    trusted = stats.chi2.sf(squares / noise**2, seen - determined) > 0.01
    return {"std": std, "image_std": image_std, "trusted": trusted}


def covariance(generator, measurement, noise, prior_std, m, y, z, *own, label=None):
    """Return standard deviations of z and of pixels, and the sum of the squared residuals of y, for a batch."""
    n, d = z.shape
    x_hat, whole = generator(with_label(z, label), training=False), jacobian(generator, z, label=label)
    seen = _seen_tangents(whole, x_hat.shape, own, measurement) if measurement else whole
    squares = tf.reduce_sum(tf.cast(tf.square(_seen(x_hat, own, measurement) - y), "float64"), axis=(1, 2, 3))
    variance = tf.where(noise > 0, tf.square(tf.cast(noise, "float64")), squares / tf.maximum(m - d, 1))
    variance = tf.maximum(variance, 1e-18)[:, None]  # a residual of 0 is less than float32 can tell
    seen, whole = tf.cast(seen, "float64"), tf.cast(whole, "float64")
    squared, v = tf.linalg.eigh(tf.matmul(seen, seen, transpose_b=True))  # singular values σ_k², and v_k in columns
    open_along = 1 / (tf.nn.relu(squared) / variance + 1 / tf.square(tf.cast(prior_std, "float64")))
    z_variance = tf.einsum("nik,nk->ni", tf.square(v), open_along)
    image_variance = tf.einsum("nkp,nk->np", tf.square(tf.matmul(v, whole, transpose_a=True)), open_along)
    return (
        tf.cast(tf.sqrt(z_variance), "float32"),
        tf.cast(tf.reshape(tf.sqrt(image_variance), x_hat.shape), "float32"),
        squares,
    )


def _residuals(x, z, y, own, measurement, pull, mean):
    """Return what is left of y, and of the prior's mean, `(n, m + d)`."""
    left = tf.reshape(_seen(x, own, measurement) - y, (z.shape[0], -1))
    return tf.concat([left, pull * (z - mean)], axis=1)


def _seen(x, own, measurement):
    """Measure one or more images for each row of `own`, one after the other."""
    if measurement is None:
        return x
    return measurement.measure(x, *(tf.repeat(rows, x.shape[0] // rows.shape[0], axis=0) for rows in own))


def _seen_tangents(jacobian_t, image_shape, own, measurement):
    """Measure the derivatives of images, `(n, d, pixels)`: since a measurement is linear, they are images too."""
    n, d, _ = jacobian_t.shape
    return tf.reshape(_seen(tf.reshape(jacobian_t, (n * d, *image_shape[1:])), own, measurement), (n, d, -1))


def _finite(values):
    """Return the values with 0 for NaN and infinity: no direction to go, and no reason to stop the others."""
    return tf.where(tf.math.is_finite(values), values, 0.0)
