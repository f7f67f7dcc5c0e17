"""The layers that the papers add to those of Keras."""

import keras
import tensorflow as tf

from ganinv_keras.checks import check_positive_integer


@keras.saving.register_keras_serializable(package="ganinv")
class PixelShuffle(keras.layers.Layer):
    """Make an image `scale` times larger out of `scale²` times as many channels (Shi et al., sub-pixel convolution).

    `(n, h, w, scale² · c) → (n, scale · h, scale · w, c)`: each pixel becomes a square of `scale × scale` pixels,
    whose rows are its channels one after another.

    Args:
        scale: factor by which height and width grow. Defaults to 2.
        **kwargs: passed on to `keras.layers.Layer`.
    """

    def __init__(self, scale=2, **kwargs):
        super().__init__(**kwargs)
        self.scale = check_positive_integer(scale, "scale")

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
