"""One builder for each network of the papers: functional Keras models, widths as arguments.

Generators map z to images in [0, 1]; discriminators map images in [0, 1] to realness, a logit. Both end in float32
whatever the dtype policy.
"""

import keras
from keras import layers

from ganinv_keras.checks import check_positive_integer
from ganinv_keras.layers import PixelShuffle


def initial():
    """Return a fresh initialiser N(0, 0.02²), Radford et al.'s; Creswell & Bharath build on their networks."""
    return keras.initializers.RandomNormal(stddev=0.02)


def creswell_generator(latent_dim=100, width=64):
    """Build G(z) of Creswell & Bharath, Table 1, for 28×28×1 images.

    The table calls its up-samplings "down-sample" (and D's down-samplings "upsample"); they are strided convolutions
    here. Its last line ends in batch normalisation and ReLU; this one ends in a sigmoid, as the cross-entropy of
    Algorithm 1 needs values in [0, 1].

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        width: channels of the layer before the image; the others follow. Defaults to 64, the paper's.

    Returns:
        A model `(n, latent_dim) → (n, 28, 28, 1)`.
    """
    z = keras.Input((check_positive_integer(latent_dim, "latent_dim"),), name="z")
    h = layers.Dense(16 * width, use_bias=False, kernel_initializer=initial())(z)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Dense(7 * 7 * 2 * width, use_bias=False, kernel_initializer=initial())(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Reshape((7, 7, 2 * width))(h)
    h = layers.Conv2DTranspose(width, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
    h = layers.ReLU()(layers.BatchNormalization()(h))
    h = layers.Conv2DTranspose(1, 5, 2, "same", kernel_initializer=initial())(h)
    return keras.Model(z, layers.Activation("sigmoid", dtype="float32", name="x")(h), name="generator")


def creswell_discriminator(width=64):
    """Build D(x) of Creswell & Bharath, Table 1, for 28×28×1 images.

    The table puts a leaky ReLU behind the last unit; realness is left as it is here, since the losses take a logit.

    Args:
        width: channels of the first layer; the others follow. Defaults to 64, the paper's.

    Returns:
        A model `(n, 28, 28, 1) → (n, 1)`.
    """
    x = keras.Input((28, 28, 1), name="x")
    h = layers.Conv2D(width, 5, 2, "same", use_bias=False, kernel_initializer=initial())(x)
    h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Conv2D(2 * width, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
    h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Flatten()(h)
    h = layers.LeakyReLU(0.2)(layers.Dense(16 * width, kernel_initializer=initial())(h))
    return keras.Model(x, layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h), name="discriminator")


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
    """
    base, k = _doublings(image_size)
    z = keras.Input((check_positive_integer(latent_dim, "latent_dim"),), name="z")
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
    """
    _, k = _doublings(image_size)
    x = keras.Input((image_size, image_size, channels), name="x")
    h = layers.Conv2D(width, 5, 2, "same", kernel_initializer=initial())(x)
    h = layers.LeakyReLU(0.2)(h)
    for level in range(1, k):
        h = layers.Conv2D(width * 2**level, 5, 2, "same", use_bias=False, kernel_initializer=initial())(h)
        h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Flatten()(h)
    return keras.Model(x, layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h), name="discriminator")


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
    """
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
    """
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
    """
    x = keras.Input((64, 64, 3), name="x")
    h = layers.Rescaling(2.0, -1.0)(x)
    h = layers.LeakyReLU(0.2)(layers.Conv2D(width, 4, 2, "same", use_bias=False, kernel_initializer=initial())(h))
    for filters in (2 * width, 4 * width, 8 * width):
        h = layers.Conv2D(filters, 4, 2, "same", use_bias=False, kernel_initializer=initial())(h)
        h = layers.LeakyReLU(0.2)(layers.BatchNormalization()(h))
    h = layers.Flatten()(h)
    return keras.Model(x, layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h), name="discriminator")


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
    """
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
    """
    x = h = keras.Input((64, 64, 3), name="x")
    for filters in (width, 2 * width, 4 * width, 8 * width):
        h = _strided(h, filters, layers.ReLU())
    h = layers.Flatten()(h)
    h = layers.Dense(check_positive_integer(latent_dim, "latent_dim"), kernel_initializer=initial())(h)
    return keras.Model(x, layers.Activation("tanh", dtype="float32", name="z_hat")(h), name="encoder")


def luo_bigan_discriminator(latent_dim=100, width=64):
    """Build D(x, z) of Luo et al.'s BiGAN, Table 6: z joins the features of x at 8×8, repeated in each place.

    Args:
        latent_dim: number of latent dimensions, `d`. Defaults to 100.
        width: channels of the first layer. Defaults to 64, the paper's.

    Returns:
        A model `[(n, 64, 64, 3), (n, latent_dim)] → (n, 1)`.
    """
    x = h = keras.Input((64, 64, 3), name="x")
    z = keras.Input((check_positive_integer(latent_dim, "latent_dim"),), name="z")
    for filters in (width, 2 * width, 4 * width):
        h = _strided(h, filters, layers.LeakyReLU(0.2))
    everywhere = layers.UpSampling2D(8)(layers.Reshape((1, 1, latent_dim))(z))
    h = layers.Concatenate()([h, everywhere])
    for _ in range(3):
        h = _strided(h, 8 * width, layers.LeakyReLU(0.2))
    h = layers.Flatten()(h)
    realness = layers.Dense(1, kernel_initializer=initial(), dtype="float32")(h)
    return keras.Model([x, z], realness, name="discriminator")
