"""The networks of Luo et al. (AEGAN), Tables 4 and 5, and the discriminator of pairs of BiGAN."""

import keras
from keras import layers

from ganinv_keras.checks import check_positive_integer
from ganinv_keras.networks.dcgan import initial


def _strided(h, filters, activation):
    """Halve the size: convolution 5×5, batch normalisation, the activation layer."""
    h = layers.Conv2D(filters, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
    return activation(layers.BatchNormalization()(h))


def luo_discriminator(width=64):
    """Build D(x) of Luo et al. (AEGAN), Table 4, for 64×64×3 images. Its generator, Table 3, is `dcgan_generator`.

    The sigmoid that ends the table is in the losses, which take a logit.

    Args:
        width: channels of the first layer; each layer behind it has twice as many. Defaults to 64, the paper's.

    Returns:
        A model `(n, 64, 64, 3) → (n, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    width = check_positive_integer(width, "width")
    x = h = keras.Input((64, 64, 3), name="x")
    for filters in (width, 2 * width, 4 * width, 8 * width):
        h = _strided(h, filters, layers.LeakyReLU(0.2))
    h = layers.Flatten()(h)
    return keras.Model(x, layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h), name="discriminator")


def luo_encoder(latent_dim=100, width=64):
    """Build the inverse generator IG(x) of Luo et al. (AEGAN), Table 5, for 64×64×3 images.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        width: channels of the first layer; each layer behind it has twice as many. Defaults to 64, the paper's.

    Returns:
        A model `(n, 64, 64, 3) → (n, latent_dim)`, with values in [-1, 1], where `Uniform(latent_dim)` lives.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    latent_dim, width = check_positive_integer(latent_dim, "latent_dim"), check_positive_integer(width, "width")
    x = h = keras.Input((64, 64, 3), name="x")
    for filters in (width, 2 * width, 4 * width, 8 * width):
        h = _strided(h, filters, layers.ReLU())
    h = layers.Flatten()(h)
    h = layers.Dense(latent_dim, kernel_initializer=initial())(h)
    return keras.Model(x, layers.Activation("tanh", dtype="float32", name="z_hat")(h), name="encoder")


def luo_bigan_discriminator(latent_dim=100, width=64):
    """Build D(x, z) of Luo et al.'s BiGAN, Table 6: z joins the features of x at 8×8, repeated in each place.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        width: channels of the first layer. Defaults to 64, the paper's.

    Returns:
        A model `[(n, 64, 64, 3), (n, latent_dim)] → (n, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    latent_dim, width = check_positive_integer(latent_dim, "latent_dim"), check_positive_integer(width, "width")
    x = h = keras.Input((64, 64, 3), name="x")
    z = keras.Input((latent_dim,), name="z")
    for filters in (width, 2 * width, 4 * width):
        h = _strided(h, filters, layers.LeakyReLU(0.2))
    everywhere = layers.UpSampling2D(8)(layers.Reshape((1, 1, latent_dim))(z))
    h = layers.Concatenate()([h, everywhere])
    for _ in range(3):
        h = _strided(h, 8 * width, layers.LeakyReLU(0.2))
    h = layers.Flatten()(h)
    realness = layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h)
    return keras.Model([x, z], realness, name="discriminator")
