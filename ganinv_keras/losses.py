"""Adversarial losses by name, gradient penalties, and the reconstruction losses of inversion.

`realness` is what the discriminator answers before any sigmoid: a logit of shape `(batch_size, 1)`.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ganinv_keras import replicas
from ganinv_keras.checks import check_name, check_number
from ganinv_keras.networks.priors import as_seed


def non_saturating(real_realness, fake_realness):
    """Goodfellow et al.'s practical loss: G maximises log D(G(z)).

    Returns:
        `(d_loss, g_loss)`, two scalars: `d_loss = -log D(x) - log(1 - D(G(z)))` and `g_loss = -log D(G(z))`, each a
        mean over the batch, with `D = sigmoid(realness)`.

    Raises:
        ValueError: if what is given is no float tensors of one shape `(n, 1)` and one type, as by all of these losses.
    """
    _check_batches(None, real_realness=real_realness, fake_realness=fake_realness)
    d_loss = ops.mean(ops.softplus(-real_realness)) + ops.mean(ops.softplus(fake_realness))
    g_loss = ops.mean(ops.softplus(-fake_realness))
    return d_loss, g_loss


def original(real_realness, fake_realness):
    """Goodfellow et al.'s minimax game: G minimises log(1 - D(G(z))), which saturates while D wins."""
    _check_batches(None, real_realness=real_realness, fake_realness=fake_realness)
    d_loss = ops.mean(ops.softplus(-real_realness)) + ops.mean(ops.softplus(fake_realness))
    g_loss = -ops.mean(ops.softplus(fake_realness))
    return d_loss, g_loss


def least_squares(real_realness, fake_realness):
    """Mao et al.'s loss: D regresses real images to 1 and generated ones to 0, G wants 1."""
    _check_batches(None, real_realness=real_realness, fake_realness=fake_realness)
    real_realness, fake_realness = ops.convert_to_tensor(real_realness), ops.convert_to_tensor(fake_realness)
    d_loss = ops.mean(ops.square(real_realness - 1.0)) + ops.mean(ops.square(fake_realness))
    g_loss = ops.mean(ops.square(fake_realness - 1.0))
    return d_loss, g_loss


def wasserstein(real_realness, fake_realness):
    """Arjovsky et al.'s critic. D must be kept 1-Lipschitz: add `gradient_penalty` to `d_loss` (WGAN-GP)."""
    _check_batches(None, real_realness=real_realness, fake_realness=fake_realness)
    d_loss = ops.mean(fake_realness) - ops.mean(real_realness)
    g_loss = -ops.mean(fake_realness)
    return d_loss, g_loss


ADVERSARIAL = {f.__name__: f for f in (non_saturating, original, least_squares, wasserstein)}


def adversarial(name):
    """Look an adversarial loss up: a function `(real_realness, fake_realness) → (d_loss, g_loss)`.

    Args:
        name: `"non_saturating"`, `"original"`, `"least_squares"` or `"wasserstein"`.

    Raises:
        ValueError: if the name is unknown; the message proposes the nearest known one.
    """
    return ADVERSARIAL[check_name(name, ADVERSARIAL, "adversarial loss")]


def soft_label_loss(real_realness, fake_realness, real_range, fake_range, seed):
    """D's loss with labels drawn for every image (Egan et al., Section 4.1.4), in place of 1 for real and 0 for fake.

    The cross-entropy with a label y is `softplus(r) - y r`, linear in y: on average the loss is that of the mean
    labels. With a label above 1 it alone has no minimum; its mean over the range has, while the mean label is below 1.

    Args:
        real_realness: what D answers for real images, shape `(batch_size, 1)`.
        fake_realness: what D answers for generated images, of the same shape.
        real_range: `(low, high)` of the labels of real images; the paper's is `(0.7, 1.2)`.
        fake_range: `(low, high)` of the labels of generated images; the paper's is `(0.0, 0.3)`.
        seed: an int or a `keras.random.SeedGenerator`.

    Returns:
        A scalar, `d_loss`.

    Raises:
        ValueError: if a range is not finite or its ends are exchanged, or the answers are not as described.
    """
    _check_batches(None, real_realness=real_realness, fake_realness=fake_realness)
    real_range, fake_range = label_range(real_range, "real_range"), label_range(fake_range, "fake_range")
    seed, (n, *rest) = as_seed(seed), ops.shape(real_realness)
    real_label, fake_label = (
        replicas.own_rows(lambda n, ends=ends: keras.random.uniform((n, *rest), *ends, dtype="float32", seed=seed), n)
        for ends in (real_range, fake_range)
    )
    real_loss = ops.mean(ops.softplus(real_realness) - real_label * real_realness)
    fake_loss = ops.mean(ops.softplus(fake_realness) - fake_label * fake_realness)
    return real_loss + fake_loss


def label_ranges(ranges):
    """Return `(real_range, fake_range)` as two pairs of floats, or raise a `ValueError`."""
    if not isinstance(ranges, (list, tuple)) or len(ranges) != 2:
        raise ValueError("Invalid value received for argument `soft_labels`. Expected (real_range, fake_range), two "
                         f"pairs (low, high). Received: {ranges!r}")  # fmt: skip
    return label_range(ranges[0], "real_range"), label_range(ranges[1], "fake_range")


def label_range(bounds, what):
    """Return the `(low, high)` of labels as two floats, or raise a `ValueError` that names the argument `what`."""
    pair = isinstance(bounds, (list, tuple)) and len(bounds) == 2
    if not pair or check_number(bounds[0], what, -1e6, 1e6) > check_number(bounds[1], what, -1e6, 1e6):
        raise ValueError(f"Invalid value received for argument `{what}`. Expected (low, high), two numbers in this "
                         f"order. Received: {bounds!r}")  # fmt: skip
    return float(bounds[0]), float(bounds[1])


def _check_batches(rank, **batches):
    """Raise a `ValueError` unless the arguments are floats of this rank (None: any), one type, and one known shape."""
    arrays = [tf.is_tensor(batch) or isinstance(batch, (np.ndarray, keras.Variable)) for batch in batches.values()]
    shapes = [tf.TensorShape(getattr(batch, "shape", ())) for batch in batches.values()]
    dtypes = [type(batch).__name__ if np.ma.isMaskedArray(batch) else getattr(batch, "dtype", type(batch).__name__)
              for batch in batches.values()]  # fmt: skip
    kinds = [getattr(dtype, "name", dtype) for dtype in dtypes]  # Keras variables have strings
    alike = all(rank in (None, shape.rank) and shape.is_compatible_with(shapes[0]) for shape in shapes)
    floats = kinds[0] in ("float16", "bfloat16", "float32", "float64")
    if not all(arrays) or len(set(kinds)) > 1 or not floats or not alike:
        came = ", ".join(f"`{name}` {kind} {shape}" for name, kind, shape in zip(batches, kinds, shapes, strict=True))
        words = {None: "realness (n, 1)", 2: "vectors (n, d)", 4: "images (n, height, width, channels) in [0, 1]"}[rank]
        raise ValueError(f"Expected float {words}, all of one shape and type. Received: {came}.")


def _squared_gradient_norm(realness, x):
    """Return `‖∇D(x)‖²` for every image, with respect to the image in [-1, 1], the range of the papers.

    Ours are in [0, 1]. With `x' = 2x - 1`, `∂D/∂x' = ½ ∂D/∂x`, so penalties weigh what they weigh in the papers.
    """
    with tf.GradientTape() as tape:
        tape.watch(x)
        answer = realness(x)
    gradient = tape.gradient(answer, x)
    if gradient is None:
        raise ValueError("Invalid value received for argument `realness`. Expected a function from images to logits "
                         "with a gradient. Received: one whose answer does not depend on the images")  # fmt: skip
    gradient = gradient / 2.0
    return ops.sum(ops.square(gradient), axis=(1, 2, 3))


def r1(realness, x_real):
    """R1 (Mescheder et al.): `E ‖∇D(x)‖²` on real images, without the ½ that some authors put in front.

    Args:
        realness: a function from images to D's logits `(batch_size, 1)`, such as `GAN.realness`.
        x_real: images in [0, 1], shape `(batch_size, height, width, channels)`. The gradient is taken with respect
            to `2x - 1`.

    Returns:
        A scalar.

    Raises:
        ValueError: if the images are no floats of such a shape, or D's answer does not depend on them.
    """
    _check_batches(4, x_real=x_real)
    return ops.mean(_squared_gradient_norm(realness, tf.convert_to_tensor(x_real)))


def gradient_penalty(realness, x_real, x_fake, seed):
    """WGAN-GP (Gulrajani et al.): `E (‖∇D(x)‖ - 1)²` at random points between real and generated images.

    Args:
        realness: a function from images to D's logits `(batch_size, 1)`; batch normalisation in D defeats the penalty.
        x_real: images in [0, 1], shape `(batch_size, height, width, channels)`.
        x_fake: generated images of the same shape.
        seed: an int or a `keras.random.SeedGenerator`.

    Returns:
        A scalar; the paper weighs it by 10.

    Raises:
        ValueError: if the images are no floats of one such shape, or D's answer does not depend on them.
    """
    _check_batches(4, x_real=x_real, x_fake=x_fake)
    x_real = tf.convert_to_tensor(x_real)
    seed = as_seed(seed)
    share = replicas.own_rows(lambda n: keras.random.uniform((n, 1, 1, 1), dtype=x_real.dtype, seed=seed),
                              ops.shape(x_real)[0])  # fmt: skip
    x = share * x_real + (1.0 - share) * x_fake
    norm = ops.sqrt(_squared_gradient_norm(realness, x) + 1e-12)
    return ops.mean(ops.square(norm - 1.0))


def bce(x, x_hat):
    """Binary cross-entropy for every image, Algorithm 1 of Creswell & Bharath.

    `-(x log x̂ + (1 - x) log(1 - x̂))`, averaged over the pixels: for images `(n, height, width, channels)` in [0, 1]
    a vector `(n,)`. Its smallest value is the entropy of x, which is zero only for purely black and white images.

    In a compiled loop Keras follows x̂ back through a final sigmoid to its logits, and a pixel that the sigmoid has
    rounded to 0 or 1 keeps its gradient. Elsewhere x̂ is clipped to [1e-7, 1 - 1e-7], and such a pixel has none.
    """
    _check_batches(4, x=x, x_hat=x_hat)
    return ops.mean(ops.binary_crossentropy(x, x_hat), axis=(1, 2, 3))


def mse(x, x_hat):
    """Mean squared error for every image, shape `(n,)`."""
    _check_batches(4, x=x, x_hat=x_hat)
    return ops.mean(ops.square(x - x_hat), axis=(1, 2, 3))


def mae(x, x_hat):
    """Mean absolute error for every image, shape `(n,)`."""
    _check_batches(4, x=x, x_hat=x_hat)
    return ops.mean(ops.abs(x - x_hat), axis=(1, 2, 3))


RECONSTRUCTION = {f.__name__: f for f in (bce, mse, mae)}


def reconstruction(loss):
    """Look a reconstruction loss up: a function `(x, x_hat) → loss of every image, shape (n,)`.

    Args:
        loss: `"bce"`, `"mse"`, `"mae"`, or such a function, which is returned as it is.

    Raises:
        ValueError: if the name is unknown; the message proposes the nearest known one.
    """
    return loss if callable(loss) else RECONSTRUCTION[check_name(loss, RECONSTRUCTION, "reconstruction loss")]


def embedding(z_c, z_c_prime):
    """Tangent of the angle between two unit vectors, for every pair, shape `(n,)`: line 7 of Cho's direction embedding.

    The paper writes `tan(arccos(z_c · z'_c))`, whose gradient is infinite at a product of 1. This is the same number:
    the length of what remains of z'_c without its projection on z_c, divided by the length of the projection. Its
    gradient at an angle of 0 is 0.
    """
    _check_batches(2, z_c=z_c, z_c_prime=z_c_prime)
    cosine = ops.sum(z_c * z_c_prime, axis=1)
    rejection = z_c_prime - cosine[:, None] * z_c
    return ops.sqrt(ops.sum(ops.square(rejection), axis=1) + 1e-12) / cosine
