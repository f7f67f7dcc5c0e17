"""The networks of Egan, Zhang & Shen, Section 4.1."""

import keras
from keras import layers

from ganinv_keras.checks import check_positive_integer
from ganinv_keras.networks.dcgan import initial
from ganinv_keras.networks.layers import PixelShuffle


def _transposed(h, filters):
    """Double the size: transposed convolution 4×4, batch normalisation, ReLU."""
    h = layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=False, kernel_initializer=initial())(h)
    return layers.ReLU()(layers.BatchNormalization()(h))


def _egan_start(latent_dim, filters):
    """Return z, and hidden layer 1: a transposed convolution of one pixel, which is a dense layer, to 4×4."""
    z = keras.Input((check_positive_integer(latent_dim, "latent_dim"),), name="z")
    h = layers.Dense(4 * 4 * filters, use_bias=False, kernel_initializer=initial())(z)
    return z, layers.ReLU()(layers.BatchNormalization()(layers.Reshape((4, 4, filters))(h)))


def _egan_image(z, h):
    """Return the model from z to the image that the last transposed convolution makes of h, tanh in [0, 1]."""
    h = layers.Conv2DTranspose(3, 4, 2, "same", use_bias=False, kernel_initializer=initial())(h)
    h = layers.Activation("tanh", dtype="float32")(h)
    return keras.Model(z, layers.Rescaling(0.5, 0.5, dtype="float32", name="x")(h), name="generator")


def egan_generator(latent_dim=100, width=64):
    """Build the DCGAN generator of Egan et al., Section 4.1.2, for 64×64×3 images.

    Its list of layers leaves out hidden layer 1, 8·width channels at 4×4; Figure 1 has it. Kernels are 4×4, as in the
    PyTorch example that the paper builds on. The tanh is rescaled to [0, 1].

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        width: channels of the layer before the image; each layer before it has twice as many. Defaults to 64, the
            paper's.

    Returns:
        A model `(n, latent_dim) → (n, 64, 64, 3)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    width = check_positive_integer(width, "width")
    z, h = _egan_start(latent_dim, 8 * width)
    for filters in (4 * width, 2 * width, width):
        h = _transposed(h, filters)
    return _egan_image(z, h)


def egan_pixel_shuffle_generator(latent_dim=100, width=64):
    """Build the pixel-shuffle generator of Egan et al., Section 4.1.3, for 64×64×3 images.

    Hidden layer 4 rearranges the channels of hidden layer 3 instead of convolving them, so the layers before it have
    twice the channels of `egan_generator`. The paper does not print them, nor the dropout behind hidden layer 2;
    both are from its authors' code.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        width: channels of the layer before the image. Defaults to 64.

    Returns:
        A model `(n, latent_dim) → (n, 64, 64, 3)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    width = check_positive_integer(width, "width")
    z, h = _egan_start(latent_dim, 16 * width)
    h = layers.Dropout(0.5)(_transposed(h, 8 * width))
    h = PixelShuffle(2)(_transposed(h, 4 * width))
    return _egan_image(z, layers.ReLU()(layers.BatchNormalization()(h)))


def egan_discriminator(width=64):
    """Build the discriminator of Egan et al., Section 4.1.2, for 64×64×3 images in [0, 1].

    The sigmoid that the paper ends it in is in the losses, which take a logit.

    Args:
        width: channels of the first layer; each layer behind it has twice as many. Defaults to 64, the paper's.

    Returns:
        A model `(n, 64, 64, 3) → (n, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    width = check_positive_integer(width, "width")
    x = keras.Input((64, 64, 3), name="x")
    h = layers.Rescaling(2.0, -1.0)(x)
    h = layers.LeakyReLU(0.2)(layers.Conv2D(width, 4, 2, "same", use_bias=False, kernel_initializer=initial())(h))
    for filters in (2 * width, 4 * width, 8 * width):
        h = layers.Conv2D(filters, 4, 2, "same", use_bias=False, kernel_initializer=initial())(h)
        h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Flatten()(h)
    return keras.Model(x, layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h), name="discriminator")
