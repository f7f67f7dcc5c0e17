"""The layers that the papers add to those of Keras."""

import math

import keras
import tensorflow as tf
from keras import ops

from ganinv_keras.checks import check_number, check_positive_integer


@keras.saving.register_keras_serializable(package="ganinv")
class PixelShuffle(keras.layers.Layer):
    """Make an image `scale` times larger out of `scale²` times as many channels (Shi et al., sub-pixel convolution).

    `(n, h, w, scale² · c) → (n, scale · h, scale · w, c)`: each pixel becomes a square of `scale × scale` pixels,
    whose rows are its channels one after another.

    Args:
        scale: factor by which height and width grow, at least 2. Defaults to 2.
        **kwargs: passed on to `keras.layers.Layer`.
    """

    def __init__(self, scale=2, **kwargs):
        super().__init__(**kwargs)
        self.scale = check_positive_integer(scale, "scale", least=2)
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape):
        """Check the input.

        Raises:
            ValueError: if the channels are no multiple of `scale²`.
        """
        if input_shape[-1] % self.scale**2:
            raise ValueError(
                f"PixelShuffle({self.scale}) needs a multiple of {self.scale**2} channels, got {input_shape[-1]}."
            )

    def compute_output_shape(self, input_shape):
        """Return the shape of the larger image."""
        n, height, width, channels = input_shape
        height, width = (None if side is None else side * self.scale for side in (height, width))
        return n, height, width, channels // self.scale**2

    def call(self, x):
        """Rearrange."""
        return tf.nn.depth_to_space(x, self.scale)

    def get_config(self):
        """Return what `from_config` needs."""
        return super().get_config() | {"scale": self.scale}


class _Equalized(keras.layers.Layer):
    """A linear layer with equalised learning rate: weights from N(0, 1), scaled by `gain / √fan_in` in every call."""

    def __init__(self, units, gain=2**0.5, **kwargs):
        super().__init__(**kwargs)
        self.units = check_positive_integer(units, "units")
        self.gain = check_number(gain, "gain", 0)

    def _add_weights(self, shape):
        self.kernel = self.add_weight(shape=shape, initializer=keras.initializers.RandomNormal(stddev=1.0),
                                      name="kernel")  # fmt: skip
        self.bias = self.add_weight(shape=shape[-1:], initializer="zeros", name="bias")
        self.factor = self.gain / math.prod(shape[:-1]) ** 0.5

    def get_config(self):
        """Return what `from_config` needs."""
        return super().get_config() | {"units": self.units, "gain": self.gain}


@keras.saving.register_keras_serializable(package="ganinv")
class EqualizedDense(_Equalized):
    """A dense layer with equalised learning rate (Karras et al., Progressive Growing of GANs, Section 4.1).

    The weights are drawn from N(0, 1) and multiplied by `gain / √fan_in` when they are used. The outputs start as He
    et al.'s initialisation makes them, and Adam, whose steps have the size of the learning rate, moves every layer by
    the same share of its weights.

    Args:
        units: number of outputs.
        gain: see above. Defaults to √2, for an activation that halves the variance; use 1 where none follows.
        **kwargs: passed on to `keras.layers.Layer`.
    """

    def build(self, input_shape):
        """Create the weights."""
        self._add_weights((input_shape[-1], self.units))
        self.input_spec = keras.layers.InputSpec(min_ndim=2, axes={-1: input_shape[-1]})

    def call(self, x):
        """Return `x (factor · kernel) + bias`, `(n, inputs) → (n, units)`."""
        return ops.matmul(x, self.kernel * self.factor) + self.bias


@keras.saving.register_keras_serializable(package="ganinv")
class EqualizedConv2D(_Equalized):
    """A convolution of stride 1 that keeps height and width, with equalised learning rate, see `EqualizedDense`.

    Args:
        units: number of output channels.
        kernel_size: height and width of the kernel. Defaults to 3.
        gain: see `EqualizedDense`. Defaults to √2.
        **kwargs: passed on to `keras.layers.Layer`.
    """

    def __init__(self, units, kernel_size=3, gain=2**0.5, **kwargs):
        super().__init__(units, gain, **kwargs)
        self.kernel_size = check_positive_integer(kernel_size, "kernel_size")

    def build(self, input_shape):
        """Create the weights."""
        self._add_weights((self.kernel_size, self.kernel_size, input_shape[-1], self.units))
        self.input_spec = keras.layers.InputSpec(ndim=4, axes={-1: input_shape[-1]})

    def call(self, x):
        """Convolve, `(n, h, w, c) → (n, h, w, units)`."""
        return ops.conv(x, self.kernel * self.factor, padding="same") + self.bias

    def get_config(self):
        """Return what `from_config` needs."""
        return super().get_config() | {"kernel_size": self.kernel_size}


@keras.saving.register_keras_serializable(package="ganinv")
class Blur(keras.layers.Layer):
    """Smooth every channel by a small fixed kernel, and keep each `stride`-th pixel.

    `Blur((1, 3, 3, 1), 2)` halves an image as StyleGAN2 does, and `UpSampling2D(2)` followed by `Blur((1, 2, 1))`
    doubles it as StyleGAN2 does: repeating a pixel and smoothing by (1, 2, 1) is smoothing by (1, 3, 3, 1) with zeros
    between the pixels. R1 needs the second derivative of what is in D; TensorFlow has none for its bilinear resizing,
    but has one for this depthwise convolution.

    Args:
        taps: the kernel along one side, of a sum above 0, by which it is divided; the kernel is its outer product with
            itself.
        stride: every how many pixels are kept. Defaults to 1.
        **kwargs: passed on to `keras.layers.Layer`.
    """

    def __init__(self, taps, stride=1, **kwargs):
        super().__init__(**kwargs)
        row = isinstance(taps, (list, tuple))
        self.taps = tuple(check_number(tap, "taps") for tap in taps) if row else ()
        if sum(self.taps) <= 0:
            raise ValueError(
                f"Invalid value received for argument `taps`. Expected a list of numbers with a sum above "
                f"0. Received: {taps!r}"
            )
        self.stride = check_positive_integer(stride, "stride")
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def kernel(self, channels, dtype="float32"):
        """Return the kernel of the depthwise convolution, `(taps, taps, channels, 1)`."""
        line = ops.convert_to_tensor(self.taps, dtype) / sum(self.taps)
        return ops.tile(ops.outer(line, line)[:, :, None, None], (1, 1, channels, 1))

    def call(self, x):
        """Smooth, `(n, h, w, c) → (n, h / stride, w / stride, c)`; pixels outside the image are 0."""
        return ops.depthwise_conv(x, self.kernel(x.shape[-1], x.dtype), self.stride, "same")

    def get_config(self):
        """Return what `from_config` needs."""
        return super().get_config() | {"taps": self.taps, "stride": self.stride}


@keras.saving.register_keras_serializable(package="ganinv")
class LatentScale(keras.layers.Layer):
    """Scale each latent dimension by how much of it can be read back (Cho, Dynamic Latent Scale GAN, Algorithm 1).

    The layer holds `v`, the second moment of the latents predicted for generated images, as a weight that no optimiser
    moves, so that a saved generator carries its scale. No gradient flows through the scale.

    Input and output: latents of shape `(n, d)`.
    """

    def build(self, input_shape):
        """Create `v`, shape `(d,)`, all ones: at first every dimension has the scale 1."""
        self.v = self.add_weight(shape=input_shape[1:], initializer="ones", trainable=False, name="v",
                                 aggregation="mean")  # fmt: skip
        self.input_spec = keras.layers.InputSpec(shape=(None, input_shape[-1]))

    @property
    def scale(self):
        """The latent scale of line 2, `s = √(d v) / ‖√v‖₂`, shape `(d,)`: its squares sum to d."""
        v = ops.stop_gradient(self.v)
        return ops.sqrt(v.shape[0] * v) / ops.sqrt(ops.sum(v))

    def call(self, z):
        """Return `z ⊙ s`."""
        return z * self.scale
