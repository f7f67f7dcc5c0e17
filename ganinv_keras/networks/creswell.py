"""The networks of Creswell & Bharath, Table 1."""

import keras
from keras import layers

from ganinv_keras.checks import check_positive_integer
from ganinv_keras.networks.dcgan import initial


def creswell_generator(latent_dim=100, width=64, classes=0):
    """Build G(z) of Creswell & Bharath, Table 1, for 28×28×1 images.

    The table calls its up-samplings "down-sample" (and D's down-samplings "upsample"); they are strided convolutions
    here. Its last line ends in batch normalisation and ReLU; this one ends in a sigmoid, as the cross-entropy of
    Algorithm 1 needs values in [0, 1].

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        width: channels of the layer before the image; the others follow. Defaults to 64, the paper's.
        classes: K, where a class in one-hot code is to stand beside z (Mirza & Osindero), or 0. Defaults to 0.

    Returns:
        A model `(n, latent_dim) → (n, 28, 28, 1)`, or with classes `[(n, latent_dim), (n, K)] → (n, 28, 28, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on; `classes` may be 0.
    """
    latent_dim, width = check_positive_integer(latent_dim, "latent_dim"), check_positive_integer(width, "width")
    classes = check_positive_integer(classes, "classes", least=0)
    z, label = keras.Input((latent_dim,), name="z"), _label(classes)
    h = layers.Concatenate()([z, label]) if classes else z
    h = layers.Dense(16 * width, use_bias=False, kernel_initializer=initial())(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Dense(7 * 7 * 2 * width, use_bias=False, kernel_initializer=initial())(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Reshape((7, 7, 2 * width))(h)
    h = layers.Conv2DTranspose(width, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Conv2DTranspose(1, 5, 2, "same", kernel_initializer=initial())(h)
    x = layers.Activation("sigmoid", dtype="float32", name="x")(h)
    return keras.Model([z, label] if classes else z, x, name="generator")


def creswell_discriminator(width=64, classes=0):
    """Build D(x) of Creswell & Bharath, Table 1, for 28×28×1 images.

    The table puts a leaky ReLU behind the last unit; realness is left as it is here, since the losses take a logit.

    Args:
        width: channels of the first layer; the others follow. Defaults to 64, the paper's.
        classes: K, where D is to judge an image as one of a class: the last layer's features h then count once for all
            classes and once by a vector of the class's own, `w·h + v_label·h` (Miyato & Koyama). Defaults to 0.

    Returns:
        A model `(n, 28, 28, 1) → (n, 1)`, or with classes `[(n, 28, 28, 1), (n, K)] → (n, 1)`.

    Raises:
        ValueError: if an argument is no whole number from 1 on; `classes` may be 0.
    """
    width, classes = check_positive_integer(width, "width"), check_positive_integer(classes, "classes", least=0)
    x, label = keras.Input((28, 28, 1), name="x"), _label(classes)
    h = layers.Conv2D(width, 5, 2, "same", use_bias=False, kernel_initializer=initial())(x)
    h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Conv2D(2 * width, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
    h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Flatten()(h)
    h = layers.LeakyReLU(0.2)(layers.Dense(16 * width, kernel_initializer=initial())(h))
    realness = layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h)
    if classes:
        own = layers.Dense(16 * width, use_bias=False, kernel_initializer=initial())(label)
        realness = layers.Add(dtype="float32")([realness, layers.Dot(1, dtype="float32", name="projection")([h, own])])
    return keras.Model([x, label] if classes else x, realness, name="discriminator")


def _label(classes):
    """Return the input for a class in one-hot code, or None where there are no classes."""
    return keras.Input((classes,), name="label") if classes else None
