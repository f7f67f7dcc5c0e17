"""The light StyleGAN2 of Cho's papers: a generator, and a discriminator that is the encoder as well."""

import math

import keras
from keras import layers

from ganinv_keras.checks import check_number, check_positive_integer
from ganinv_keras.networks.layers import Blur, EqualizedConv2D, EqualizedDense, LatentScale
from ganinv_keras.networks.spherical import CartesianToSpherical, NormalQuantile


def _filters(image_size, width, max_channels):
    """Return size → channels of the maps of that size, for the sizes 4, 8 … `image_size`."""
    width, max_channels = check_positive_integer(width, "width"), check_positive_integer(max_channels, "max_channels")
    k = check_positive_integer(image_size, "image_size").bit_length() - 1
    if image_size != 2**k or k < 3:
        raise ValueError("Invalid value received for argument `image_size`. "
                         f"Expected a power of two from 8 on. Received: {image_size}")  # fmt: skip
    return {2**i: min(max_channels, width * 2 ** (k - i)) for i in range(2, k + 1)}


def _activated(h):
    return layers.LeakyReLU(0.2)(h)


def _double(h):
    return Blur((1, 2, 1), dtype="float32")(layers.UpSampling2D(2)(h))


def _halve(h):
    return Blur((1, 3, 3, 1), 2, dtype="float32")(h)


def style_generator(latent_dim=512, image_size=128, channels=3, width=32, max_channels=512, angular=False,
                    brightness=0.5):  # fmt: skip
    """Build the generator: a StyleGAN2 (Karras et al.) without mapping network, modulation and noise.

    z passes `LatentScale`, becomes a map of 4×4 by a dense layer, and is doubled until it has the size of the image,
    with two convolutions at each size. The image is a sum over the sizes: each adds its part to the doubled sum of the
    sizes before it. All learning rates are equalised, and nothing depends on the batch.

    The output of the author's code is linear. Here the sum passes a sigmoid, so that images lie in [0, 1]. A sigmoid
    can saturate: where most of every image is black, as in digits, a G that starts at grey is first taught nothing but
    to be darker, overshoots, and draws black for every z from then on, without a gradient. `brightness` lets it start
    where the images are.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 512, the paper's.
        image_size: height and width of the images, a power of two. Defaults to 128, the paper's.
        channels: channels of the images. Defaults to 3.
        width: channels of the maps that have the size of the image; each smaller map has twice as many. Defaults to 32.
        max_channels: what no map has more channels than. Defaults to 512, StyleGAN2's.
        angular: whether z are angles: `NormalQuantile` then stands in the place of `LatentScale`. Defaults to False.
        brightness: what an untrained G draws around, in (0, 1): the mean of the real images. Defaults to 0.5.

    Returns:
        A model `(n, latent_dim) → (n, image_size, image_size, channels)`; its layer `"latent_scale"` is the
        `LatentScale`, unless z are angles.

    Raises:
        ValueError: if a number is no whole number from 1 on, `image_size` no power of two from 8 on, or `brightness`
            not between 0 and 1, or `angular` no boolean.
    """
    filters = _filters(image_size, width, max_channels)
    latent_dim = check_positive_integer(latent_dim, "latent_dim")
    channels = check_positive_integer(channels, "channels")
    if not 0.0 < check_number(brightness, "brightness") < 1.0:
        raise ValueError("Invalid value received for argument `brightness`. "
                         f"Expected a number between 0 and 1. Received: {brightness}")  # fmt: skip
    if not isinstance(angular, bool):
        raise ValueError("Invalid value received for argument `angular`. "
                         f"Expected True or False. Received: {angular!r}")  # fmt: skip
    z = keras.Input((latent_dim,), name="z")
    first = NormalQuantile(dtype="float32") if angular else LatentScale(dtype="float32", name="latent_scale")
    h = first(z)
    h = layers.Reshape((4, 4, filters[4]))(_activated(EqualizedDense(4 * 4 * filters[4], name="dense_4")(h)))
    h = _activated(EqualizedConv2D(filters[4], name="conv_4")(h))
    x = EqualizedConv2D(channels, 1, gain=1.0, name="to_image_4")(h)
    for size in list(filters)[1:]:
        h = _double(h)
        for part in "ab":
            h = _activated(EqualizedConv2D(filters[size], name=f"conv_{size}_{part}")(h))
        x = layers.Add()([_double(x), EqualizedConv2D(channels, 1, gain=1.0, name=f"to_image_{size}")(h)])
    x = layers.Rescaling(1.0, math.log(brightness / (1.0 - brightness)), dtype="float32")(x)
    return keras.Model(z, layers.Activation("sigmoid", dtype="float32", name="x")(x), name="generator")


def _trunk(answers, image_size, channels, width, max_channels):
    """Return x, and what the residual network sees in it: `(n, units)`, with no fewer units than there are answers."""
    filters = _filters(image_size, width, max_channels)
    size = max(filters)
    x = keras.Input((size, size, check_positive_integer(channels, "channels")), name="x")
    h = layers.Rescaling(2.0, -1.0)(x)
    h = _activated(EqualizedConv2D(filters[size], 1, name=f"from_image_{size}")(h))
    for size in reversed(list(filters)[1:]):
        shortcut = EqualizedConv2D(filters[size // 2], 1, gain=0.5**0.5, name=f"shortcut_{size}")(_halve(h))
        h = _activated(EqualizedConv2D(filters[size], name=f"conv_{size}_a")(h))
        h = _halve(_activated(EqualizedConv2D(filters[size // 2], name=f"conv_{size}_b")(h)))
        h = layers.Add()([layers.Rescaling(0.5**0.5)(h), shortcut])
    h = layers.Flatten()(_activated(EqualizedConv2D(filters[4], name="conv_4")(h)))
    return x, _activated(EqualizedDense(max(answers, filters[4]), name="dense_4")(h))


def style_discriminator(latent_dim=512, image_size=128, channels=3, width=32, max_channels=512):
    """Build the discriminator: StyleGAN2's residual network without minibatch deviation, and with two heads.

    The heads share all layers but themselves, the last of them with at least as many units as z has dimensions (512
    in the paper's networks), so that it is no bottleneck for z.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 512, the paper's.
        image_size: height and width of the images, a power of two. Defaults to 128, the paper's.
        channels: channels of the images. Defaults to 3.
        width: channels at the size of the image, see `style_generator`. Defaults to 32.
        max_channels: what no map has more channels than. Defaults to 512.

    Returns:
        A model `(n, image_size, image_size, channels) → [(n, 1), (n, latent_dim)]`: realness, and the latent `z_hat`
        that it predicts.

    Raises:
        ValueError: if an argument is no whole number from 1 on, or `image_size` no power of two from 8 on.
    """
    latent_dim = check_positive_integer(latent_dim, "latent_dim")
    x, h = _trunk(latent_dim, image_size, channels, width, max_channels)
    realness = EqualizedDense(1, gain=1.0, dtype="float32", name="realness")(h)
    z_hat = EqualizedDense(latent_dim, gain=1.0, dtype="float32", name="z_hat")(h)
    return keras.Model(x, [realness, z_hat], name="discriminator")


def style_embedder(latent_dim=511, image_size=128, channels=3, width=32, max_channels=512):
    """Build the direction embedding discriminator: the same residual network, with one vector for an answer.

    Args:
        latent_dim: number of angles, `d`; d + 1 must be a power of two. Defaults to 511.
        image_size: height and width of the images, a power of two. Defaults to 128, the paper's.
        channels: channels of the images. Defaults to 3.
        width: channels at the size of the image, see `style_generator`. Defaults to 32.
        max_channels: what no map has more channels than. Defaults to 512.

    Returns:
        A model `(n, image_size, image_size, channels) → (n, latent_dim + 1)`, all positive.

    Raises:
        ValueError: if a number is no whole number from 1 on, or `image_size` no power of two from 8 on.
    """
    latent_dim = check_positive_integer(latent_dim, "latent_dim")
    x, h = _trunk(latent_dim + 1, image_size, channels, width, max_channels)
    h = EqualizedDense(latent_dim + 1, gain=1.0, dtype="float32", name="vector")(h)
    return keras.Model(x, layers.Activation("softplus", dtype="float32", name="embedding")(h), name="discriminator")


def style_encoder(**arguments):
    """Build the encoder that `style_discriminator` contains: a model from images to z. The arguments are the same."""
    discriminator = style_discriminator(**arguments)
    return keras.Model(discriminator.input, discriminator.outputs[1], name="encoder")


def style_angle_encoder(**arguments):
    """Build the encoder that `style_embedder` contains: a model from images to angles. The arguments are the same."""
    discriminator = style_embedder(**arguments)
    return keras.Model(discriminator.input, CartesianToSpherical(dtype="float32")(discriminator.output), name="encoder")
