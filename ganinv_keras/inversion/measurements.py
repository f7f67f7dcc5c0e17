"""What is seen of an image: some of its pixels, fewer pixels, greys, a blur, random sums.

A measurement is a linear map from images `(n, height, width, channels)` to what is seen of them, `(n, rows, columns,
values)`. An inverter that is given one compares `measurement(G(z))` with what was seen.
"""

import numpy as np
import tensorflow as tf
from keras import ops
from scipy.ndimage import gaussian_filter1d

from ganinv_keras import checks


class Measurement:
    """A linear map of images. A subclass says in `measure` what it sees.

    Attributes:
        own: arrays `(n, …)` with what is different for each image, such as a mask of its own; none where all images are
            measured alike.
    """

    own = ()
    idempotent = False  # whether measuring twice is measuring once

    def __call__(self, x):
        """Return what is seen of images, a float32 array `(n, rows, columns, values)`.

        Args:
            x: images, shape `(n, height, width, channels)`.

        Raises:
            ValueError: if they are no images, are not finite, or the measurement does not fit them.
        """
        x = _check_finite(checks.check_numbers(x, "images"))
        if x.ndim != 4 or not x.size:
            raise ValueError(f"images must have 4 axes (n, height, width, channels), none of them 0, got {x.shape}")
        self.check(x.shape)
        return ops.convert_to_numpy(self.measure(tf.constant(x), *map(tf.constant, self.own)))

    def check(self, shape):
        """Raise a `ValueError` unless images of a shape `(n, height, width, channels)` can be measured."""
        for own in self.own:
            if len(own) != shape[0]:
                raise ValueError(f"{self!r} is of {len(own)} images, one each, but there are {shape[0]}.")

    def seen_shape(self, image_shape):
        """Return the shape of what is seen of an image `(height, width, channels)`."""
        own = [tf.constant(array[:1]) for array in self.own]
        return tuple(self.measure(tf.zeros((1, *image_shape)), *own).shape[1:])

    def measure(self, x, *own):
        """Return what is seen of a tensor of images, given the rows of `own` that belong to them; differentiable."""
        raise NotImplementedError

    def __repr__(self):
        return type(self).__name__


class Mask(Measurement):
    """Some pixels, in their places: the others are 0.

    Args:
        mask: 1 where a pixel is seen and 0 elsewhere, shape `(height, width)`, or `(n, height, width)`, for each image
            its own.
    """

    idempotent = True

    def __init__(self, mask):
        mask = checks.check_numbers(mask, "mask")
        if mask.ndim not in (2, 3) or not mask.size or not np.isin(mask, (0, 1)).all():
            raise ValueError("mask must hold 1 where a pixel is seen and 0 elsewhere, in the shape (height, width) or "
                             f"(n, height, width), got shape {mask.shape}")  # fmt: skip
        self.mask = mask[..., None].astype("float32")
        self.own = (self.mask,) if mask.ndim == 3 else ()

    def check(self, shape):
        """Raise a `ValueError` unless the mask is of such images."""
        super().check(shape)
        if self.mask.shape[-3:-1] != shape[1:3]:
            raise ValueError(f"The mask is of images {self.mask.shape[-3:-1]}, but these are {shape[1:3]}.")

    def measure(self, x, mask=None):
        """Return x ⊙ mask."""
        return x * (self.mask if mask is None else mask)


class Pixels(Measurement):
    """Some pixels, in a column, with all channels of each.

    Args:
        indices: numbers of pixels, counted row by row from the upper left, 0: `(m,)`, or `(n, m)`, each image's own.
    """

    def __init__(self, indices):
        indices = checks.check_numbers(indices, "indices")
        if indices.ndim not in (1, 2) or indices.dtype.kind not in "iu" or not indices.size or indices.min() < 0:
            raise ValueError("indices must be whole numbers from 0 on, in the shape (m,) or (n, m), got "
                             f"{indices.dtype} of shape {indices.shape}")  # fmt: skip
        self.indices = indices.astype("int32")
        self.own = (self.indices,) if indices.ndim == 2 else ()

    def check(self, shape):
        """Raise a `ValueError` unless such images have all of these pixels."""
        super().check(shape)
        if self.indices.max() >= shape[1] * shape[2]:
            raise ValueError(f"Images of {shape[1]}×{shape[2]} have no pixel {self.indices.max()}.")

    def measure(self, x, indices=None):
        """Return the pixels, `(n, m, 1, channels)`."""
        flat = ops.reshape(x, (-1, x.shape[1] * x.shape[2], x.shape[3]))
        if indices is None:
            return ops.take(flat, self.indices, axis=1)[:, :, None]
        return tf.gather(flat, indices, batch_dims=1)[:, :, None]


class Downsample(Measurement):
    """Fewer pixels: the means of squares of `factor`×`factor`."""

    def __init__(self, factor):
        self.factor = checks.check_positive_integer(factor, "factor")

    def check(self, shape):
        """Raise a `ValueError` unless the factor divides height and width."""
        if shape[1] % self.factor or shape[2] % self.factor:
            raise ValueError(f"The factor {self.factor} must divide {shape[1]} and {shape[2]}, the size of the images.")

    def measure(self, x):
        """Return the means, `(n, height / factor, width / factor, channels)`."""
        return ops.average_pool(x, self.factor, data_format="channels_last")


class Grey(Measurement):
    """Grey pixels: `.2989 R + .587 G + .114 B`, as `tf.image.rgb_to_grayscale`."""

    def check(self, shape):
        """Raise a `ValueError` unless images have three channels."""
        if shape[3] != 3:
            raise ValueError(f"Grey() is of images with 3 channels, got {shape[3]}.")

    def measure(self, x):
        """Return the greys, `(n, height, width, 1)`."""
        return ops.image.rgb_to_grayscale(x, data_format="channels_last")


class Blur(Measurement):
    """A Gaussian blur of `width` pixels' standard deviation, .01 to 1,000; what lies outside repeats the border."""

    def __init__(self, width):
        self.width = checks.check_number(width, "width", 0.01, 1000.0)

    def measure(self, x):
        """Return the blurred images, of the same shape."""
        down, across = (gaussian_filter1d(np.eye(size, dtype="float32"), self.width, axis=0, mode="nearest")
                        for size in x.shape[1:3])  # fmt: skip
        return ops.einsum("ih,nhwc,jw->nijc", down, x, across)


class Gaussian(Measurement):
    """Random sums of all values, weighted by N(0, 1 / m): compressed sensing with generators (Bora et al., 2017).

    Args:
        m: how many.
        seed: seed of the weights. Defaults to 0.
    """

    def __init__(self, m, seed=0):
        self.m = checks.check_positive_integer(m, "m")
        self.seed = checks.check_seed(seed)
        self._drawn = {}  # number of values → weights, once for all graphs

    def weights(self, values):
        """Return the weights for images of so many values, a float32 tensor `(values, m)`."""
        if values not in self._drawn:
            drawn = np.random.default_rng(self.seed).normal(0, self.m**-0.5, (values, self.m))
            with tf.init_scope():
                self._drawn[values] = tf.constant(drawn, "float32")
        return self._drawn[values]

    def measure(self, x):
        """Return the sums, `(n, m, 1, 1)`."""
        values = int(np.prod(x.shape[1:]))
        return ops.reshape(ops.matmul(ops.reshape(x, (-1, values)), self.weights(values)), (-1, self.m, 1, 1))


class Compose(Measurement):
    """One measurement after the other, such as `Compose(Grey(), Downsample(4))`."""

    def __init__(self, first, *others):
        self.parts = first, *others
        for part in self.parts:
            if not isinstance(part, Measurement):
                raise ValueError(f"Compose takes measurements, such as Grey(), got {part!r}.")
        self.own = tuple(array for part in self.parts for array in part.own)

    def check(self, shape):
        """Raise a `ValueError` unless each part can measure what the one before it makes."""
        for part in self.parts:
            part.check(shape)
            shape = shape[0], *part.seen_shape(shape[1:])

    def measure(self, x, *own):
        """Return what is seen in the end."""
        own = list(own)
        for part in self.parts:
            x = part.measure(x, *[own.pop(0) for _ in part.own])
        return x

    def __repr__(self):
        return f"Compose({', '.join(map(repr, self.parts))})"


def check_measurement(measurement, image_shape):
    """Raise a `ValueError` unless it is a `Measurement` of images `(height, width, channels)`, or None."""
    if not (measurement is None or isinstance(measurement, Measurement)):
        raise ValueError("Invalid value received for argument `measurement`. Expected one of inversion.measurements, "
                         f"such as Mask(mask), or None. Received: {measurement!r}")  # fmt: skip
    if measurement:
        measurement.check((min(map(len, measurement.own), default=1), *image_shape))


def take(measurement, images, image_shape):
    """Return what was seen, float32 `(n, rows, columns, values)`, and what the measurement has for each image.

    Args:
        measurement: a `Measurement`, or None for whole images.
        images: what was seen, or whole images, which are then measured. What has the shape of both was seen.
        image_shape: `(height, width, channels)` of a whole image.

    Raises:
        ValueError: if the images are neither, are not finite, or the measurement does not fit them.
    """
    if measurement is None:
        return checks.check_images(images, image_shape), ()
    images = checks.check_numbers(images, "images")
    measurement.check((len(images) if images.ndim else 0, *image_shape))
    seen_shape = measurement.seen_shape(image_shape)
    if images.shape[1:] == image_shape and (seen_shape != image_shape or measurement.idempotent):
        return measurement(checks.check_images(images, image_shape)), measurement.own
    if images.shape[1:] != seen_shape or not len(images):
        raise ValueError(f"images must be what {measurement!r} sees of them, (n, {str(seen_shape)[1:]}, or whole, "
                         f"(n, {str(image_shape)[1:]}, got shape {images.shape}")  # fmt: skip
    return _check_finite(images), measurement.own


def _check_finite(images):
    if not np.isfinite(images).all() or np.abs(images).max(initial=0) > 1e30:
        raise ValueError("images contain NaN, infinity or huge numbers: look at how they were made or measured")
    return images.astype("float32")
