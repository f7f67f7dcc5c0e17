"""What images go through before an encoder sees them: layers from images in [0, 1] to images of the same shape."""

import functools

import keras
import tensorflow as tf

from ganinv_keras.inversion.measurements import Blur, Downsample


class Edges(keras.layers.Layer):
    """How much the brightness changes at each pixel (Sobel), the same in all channels; nothing changes at 0."""

    def call(self, x):
        """Return the edges, of the images' shape."""
        grey = tf.reduce_mean(x, axis=3, keepdims=True)
        change = tf.sqrt(tf.reduce_sum(tf.square(tf.image.sobel_edges(grey)), axis=-1) + 1e-12)
        return tf.repeat(tf.minimum(change / 2, 1.0), x.shape[3], axis=3)


class Hiding(keras.layers.Layer):
    """Hide pixels, other ones of each image: they become grey. A subclass says in `hidden` which.

    Args:
        seed: seed of which. Defaults to 0.
        **kwargs: passed on to `keras.layers.Layer`.
    """

    def __init__(self, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x):
        """Return the images without what is hidden."""
        return tf.where(self.hidden(tf.shape(x)[0], *x.shape[1:3])[..., None], 0.5, x)

    def hidden(self, n, height, width):
        """Return which pixels of n images are hidden, booleans `(n, height, width)`."""
        raise NotImplementedError

    def get_config(self):
        """Return what `from_config` needs."""
        return super().get_config() | {"seed": self.seed}


class Hole(Hiding):
    """A square of 24×24 pixels is hidden."""

    def hidden(self, n, height, width):
        """Return the inside of the squares."""
        top, left = (keras.random.randint((n, 1, 1), 0, side - 23, seed=self.generator) for side in (height, width))
        rows, columns = tf.range(height)[None, :, None] - top, tf.range(width)[None, None] - left
        return (rows >= 0) & (rows < 24) & (columns >= 0) & (columns < 24)


class Mask(Hiding):
    """Nine of ten pixels are hidden."""

    def hidden(self, n, height, width):
        """Return nine of ten."""
        return keras.random.uniform((n, height, width), seed=self.generator) < 0.9


class Coarse(keras.layers.Layer):
    """Images without their fine parts, at a level that is drawn anew for each batch.

    Args:
        levels: keys of `LEVELS`. Defaults to all of them.
        seed: seed of the levels. Defaults to 0.
        **kwargs: passed on to `keras.layers.Layer`.
    """

    def __init__(self, levels=None, seed=0, **kwargs):
        super().__init__(**kwargs)
        self.levels = list(levels or LEVELS)
        self.seed = seed
        self.generator = keras.random.SeedGenerator(seed)

    def call(self, x):
        """Return the images, blurred, or in squares of one colour."""
        level = keras.random.randint((), 0, len(self.levels), seed=self.generator)
        return tf.switch_case(level, [functools.partial(LEVELS[name], x) for name in self.levels])

    def get_config(self):
        """Return what `from_config` needs."""
        return super().get_config() | {"levels": self.levels, "seed": self.seed}


def _squares(factor, x):
    return tf.image.resize(Downsample(factor).measure(x), x.shape[1:3], "nearest")


LEVELS = {f"blur, width {width}": Blur(width).measure for width in (1, 2, 4)}
LEVELS |= {f"pixels {factor}×{factor}": functools.partial(_squares, factor) for factor in (2, 4, 8)}
DAMAGES = {
    "edges": lambda seed: Edges(),
    "grey": lambda seed: keras.layers.RandomGrayscale(1.0, seed=seed),
    "coarse": lambda seed: Coarse(seed=seed),
    "hole": Hole,
    "mask": Mask,
}  # what encoders are trained on: name → a function of a seed
VIEWS = DAMAGES | {name: functools.partial(Coarse, [name]) for name in LEVELS}  # and what they are tested on
