"""The networks of Radford et al. (DCGAN), which papers 1 to 3 build on."""

import keras
from keras import layers

from ganinv_keras.checks import check_positive_integer


def initial():
    """Return a fresh initialiser N(0, 0.02²), Radford et al.'s; Creswell & Bharath build on their networks."""
    return keras.initializers.RandomNormal(stddev=0.02)


def _doublings(image_size):
    """Return `(base, k)` with `image_size = base · 2^k` and a base of 4 to 7 pixels."""
    base, k = check_positive_integer(image_size, "image_size"), 0
    while base > 7 and base % 2 == 0:
        base, k = base // 2, k + 1
    if not 4 <= base <= 7 or k == 0:
        raise ValueError("Invalid value received for argument `image_size`. "
                         f"Expected 4, 5, 6 or 7 times a power of two. Received: {image_size}")  # fmt: skip
    return base, k


def dcgan_generator(latent_dim=100, image_size=28, channels=1, width=64):
    """Build the generator of Radford et al. (DCGAN): one dense layer, then transposed convolutions.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        image_size: height and width of the images: 4, 5, 6 or 7 times a power of two. Defaults to 28.
        channels: channels of the images. Defaults to 1.
        width: channels of the layer before the image; each layer before it has twice as many. Defaults to 64.

    Returns:
        A model `(n, latent_dim) → (n, image_size, image_size, channels)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on, or `image_size` none of those.
    """
    base, k = _doublings(image_size)
    latent_dim, width = check_positive_integer(latent_dim, "latent_dim"), check_positive_integer(width, "width")
    channels = check_positive_integer(channels, "channels")
    z = keras.Input((latent_dim,), name="z")
    first = width * 2 ** (k - 1)
    h = layers.Dense(base * base * first, use_bias=False, kernel_initializer=initial())(z)
    h = layers.Reshape((base, base, first))(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    for level in reversed(range(k - 1)):
        h = layers.Conv2DTranspose(width * 2**level, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
        h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Conv2DTranspose(channels, 5, 2, "same", kernel_initializer=initial())(h)
    return keras.Model(z, layers.Activation("sigmoid", dtype="float32", name="x")(h), name="generator")


def dcgan_discriminator(image_size=28, channels=1, width=64):
    """Build the discriminator of Radford et al. (DCGAN), the mirror image of `dcgan_generator`.

    Args:
        image_size: height and width of the images: 4, 5, 6 or 7 times a power of two. Defaults to 28.
        channels: channels of the images. Defaults to 1.
        width: channels of the first layer; each layer behind it has twice as many. Defaults to 64.

    Returns:
        A model `(n, image_size, image_size, channels) → (n, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on, or `image_size` none of those.
    """
    base, k = _doublings(image_size)
    channels, width = check_positive_integer(channels, "channels"), check_positive_integer(width, "width")
    x = keras.Input((base * 2**k, base * 2**k, channels), name="x")
    h = layers.Conv2D(width, 5, 2, "same", kernel_initializer=initial())(x)
    h = layers.LeakyReLU(0.2)(h)
    for level in range(1, k):
        h = layers.Conv2D(width * 2**level, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
        h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Flatten()(h)
    return keras.Model(x, layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h), name="discriminator")
