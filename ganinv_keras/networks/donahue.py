"""The networks of Donahue et al. (BiGAN) for digits: perceptrons, which know nothing of rows and columns."""

import keras
from keras import layers

from ganinv_keras.checks import check_positive_integer
from ganinv_keras.networks.dcgan import initial


def _hidden(h, width):
    """Two hidden layers, the second with batch normalisation."""
    h = layers.LeakyReLU(0.2)(layers.Dense(width, kernel_initializer=initial())(h))
    h = layers.Dense(width, use_bias=False, kernel_initializer=initial())(h)
    return layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))


def donahue_generator(latent_dim=50, width=1024):
    """Build G(z) of Donahue et al., Section 4.1, for 28×28×1 images.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 50, theirs.
        width: units of each of the two hidden layers. Defaults to 1024, theirs.

    Returns:
        A model `(n, latent_dim) → (n, 28, 28, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    latent_dim, width = check_positive_integer(latent_dim, "latent_dim"), check_positive_integer(width, "width")
    z = keras.Input((latent_dim,), name="z")
    h = layers.Dense(28 * 28, kernel_initializer=initial())(_hidden(z, width))
    h = layers.Reshape((28, 28, 1))(h)
    return keras.Model(z, layers.Activation("sigmoid", dtype="float32", name="x")(h), name="generator")


def donahue_encoder(latent_dim=50, width=1024):
    """Build E(x) of Donahue et al., Section 4.1, for 28×28×1 images.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 50, theirs.
        width: units of each of the two hidden layers. Defaults to 1024, theirs.

    Returns:
        A model `(n, 28, 28, 1) → (n, latent_dim)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    latent_dim, width = check_positive_integer(latent_dim, "latent_dim"), check_positive_integer(width, "width")
    x = keras.Input((28, 28, 1), name="x")
    h = _hidden(layers.Flatten()(x), width)
    z_hat = layers.Dense(latent_dim, kernel_initializer=initial(), dtype="float32", name="z_hat")(h)
    return keras.Model(x, z_hat, name="encoder")


def donahue_discriminator(latent_dim=50, width=1024):
    """Build D(x, z) of Donahue et al., Section 4.1: image and latent enter side by side.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 50, theirs.
        width: units of each of the two hidden layers. Defaults to 1024, theirs.

    Returns:
        A model `[(n, 28, 28, 1), (n, latent_dim)] → (n, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on.
    """
    latent_dim, width = check_positive_integer(latent_dim, "latent_dim"), check_positive_integer(width, "width")
    x, z = keras.Input((28, 28, 1), name="x"), keras.Input((latent_dim,), name="z")
    h = _hidden(layers.Concatenate()([layers.Flatten()(x), z]), width)
    realness = layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h)
    return keras.Model([x, z], realness, name="discriminator")
