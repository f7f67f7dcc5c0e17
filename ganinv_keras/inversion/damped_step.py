"""The arithmetic of Levenberg–Marquardt: one damped step for a batch of images."""

import numpy as np
import tensorflow as tf

from ganinv_keras.inversion.tangents import jacobian

FACTORS = (0.1, 1.0, 10.0, 100.0)  # of the damping: the four that each step tries
SMALLEST = 1e-7  # damping: float32 has no finer JᵀJ


def scaled(jacobian_t):
    """Return `D⁻¹ JᵀJ D⁻¹` with `D = diag(JᵀJ)^½`, float64 `(n, d, d)`, and the diagonal of D, `(n, d)`.

    Args:
        jacobian_t: `Jᵀ`, float32 `(n, d, m)`.
    """
    jtj = tf.cast(tf.matmul(jacobian_t, jacobian_t, transpose_b=True), "float64")
    scale = tf.sqrt(tf.linalg.diag_part(jtj)) + 1e-12
    return jtj / (scale[:, :, None] * scale[:, None, :]), scale


def damped_step(generator, x, z, damping, half=None):
    """Take one step for each image of a batch: four dampings tried, the best kept.

    Args:
        generator: a Keras model from z to images.
        x: images, float32 `(n, height, width, channels)`.
        z: where they are, `(n, d)`.
        damping: λ of each, `(n,)`.
        half: the generator in `mixed_bfloat16`, see `jacobian`. Defaults to None.

    Returns:
        `(z, x_hat, loss, damping, cosine)` after the step. `cosine`, before the step, is the largest
        `|∂G/∂z_i · r| / (‖∂G/∂z_i‖ ‖r‖)` over i: 0 where the gradient of the loss is 0, whatever the scale.
    """
    n, d = z.shape
    x_hat = generator(z, training=False)
    r, jacobian_t = _finite(tf.reshape(x_hat - x, (n, -1))), _finite(jacobian(generator, z, half))
    jtr = tf.cast(tf.linalg.matvec(jacobian_t, r), "float64")

    # In z scaled by D the damping is λ times the identity: one eigen-decomposition serves every λ.
    matrix, scale = scaled(jacobian_t)
    eigenvalues, q = tf.linalg.eigh(matrix)
    projected = tf.linalg.matvec(q, jtr / scale, transpose_a=True)
    tried = damping[:, None] * tf.constant(FACTORS)
    damped = tf.maximum(eigenvalues, 0.0)[:, None] + tf.cast(tried, "float64")[:, :, None]
    delta = -tf.einsum("nij,nkj->nki", q, projected[:, None] / damped) / scale[:, None]

    candidates = z[:, None] + tf.cast(delta, "float32")
    images = tf.reshape(generator(tf.reshape(candidates, (-1, d)), training=False), (n, -1, *x.shape[1:]))
    losses = tf.reduce_mean(tf.square(images - x[:, None]), axis=(2, 3, 4))
    losses = tf.where(tf.math.is_finite(losses), losses, np.inf)
    best = tf.argmin(losses, axis=1)
    before = tf.reduce_mean(tf.square(x_hat - x), axis=(1, 2, 3))
    before, after = tf.where(tf.math.is_finite(before), before, np.inf), tf.gather(losses, best, batch_dims=1)
    better = after < before

    cosine = tf.reduce_max(tf.abs(jtr) / scale, axis=1) / tf.cast(tf.norm(r, axis=1) + 1e-30, "float64")
    return (
        tf.where(better[:, None], tf.gather(candidates, best, batch_dims=1), z),
        tf.where(better[:, None, None, None], tf.gather(images, best, batch_dims=1), x_hat),
        tf.where(better, after, before),
        tf.maximum(tf.where(better, tf.gather(tried, best, batch_dims=1), 1000.0 * damping), SMALLEST),
        tf.cast(cosine, "float32"),
    )


def _finite(values):
    """Return the values with 0 for NaN and infinity: no direction to go, and no reason to stop the others."""
    return tf.where(tf.math.is_finite(values), values, 0.0)
