"""A set of images with what is known about them, and its batches for training."""

import dataclasses
import functools

import numpy as np
import tensorflow as tf

from ganinv_keras.checks import check_positive_integer
from ganinv_keras.data.pixels import area, border


@dataclasses.dataclass(frozen=True, eq=False)
class ImageSet:
    """Images, what is known about them, and where they came from. Indexing with a slice or an index array selects.

    Attributes:
        name: name of the data set.
        split: `"train"` or `"test"`.
        pixels: uint8 array of shape `(n, height, width, channels)`.
        labels: integers of shape `(n,)`, or None if the set has no classes.
        label_names: the classes' names, or None.
        attributes: everything else that is known: name → array of shape `(n,)`.
        source: where the images came from, in words.

    Raises:
        ValueError: if `pixels` is not as described, or labels or an attribute are no array of length n.
    """

    name: str
    split: str
    pixels: np.ndarray
    labels: np.ndarray | None
    label_names: tuple | None
    attributes: dict = dataclasses.field(repr=False)
    source: str

    def __post_init__(self):
        array = isinstance(self.pixels, np.ndarray) and not np.ma.isMaskedArray(self.pixels)
        if not array or self.pixels.dtype != np.uint8 or self.pixels.ndim != 4 or 0 in self.image_shape:
            raise ValueError("Expected images as a NumPy array, uint8 (n, height, width, channels). "
                             f"Received: {describe(self.pixels)}.")  # fmt: skip
        known = {} if self.labels is None else {"labels": self.labels}
        for key, values in {**known, **self.attributes}.items():
            if not isinstance(values, np.ndarray) or values.shape[:1] != (len(self),):
                raise ValueError(f"Expected `{key}` as a NumPy array with an entry for each of the {len(self)} images. "
                                 f"Received: {describe(values)}.")  # fmt: skip

    @functools.cached_property
    def images(self):
        """The images as float32 in [0, 1], shape `(n, height, width, channels)`."""
        return self.pixels.astype("float32") / 255

    @property
    def image_shape(self):
        """The shape of one image, `(height, width, channels)`."""
        return self.pixels.shape[1:]

    def __len__(self):
        return len(self.pixels)

    def __getitem__(self, index):
        if isinstance(index, (int, np.integer)):
            index = [index]
        return ImageSet(
            self.name, self.split, self.pixels[index], None if self.labels is None else self.labels[index],
            self.label_names, {key: value[index] for key, value in self.attributes.items()}, self.source
        )  # fmt: skip

    def with_mirror_images(self):
        """Return a set with each image and, behind all of them, each one's mirror image, left for right."""
        twice = self[np.tile(np.arange(len(self)), 2)]
        twice.pixels[len(self) :] = self.pixels[:, :, ::-1]
        return twice

    def at(self, size):
        """Return the set with images of `size`×`size`: larger ones are averaged, smaller ones get a black border.

        Args:
            size: height and width wanted.

        Raises:
            ValueError: if the images are not square, or are smaller and most of their outermost pixels are not black,
                or would get a border of more than an eighth of `size` on each side: they are not enlarged.
        """
        size = check_positive_integer(size, "size")
        height, side, channels = self.image_shape
        if height != side:
            raise ValueError(f"Expected square images. Received: {height}×{side} pixels. Crop them first.")
        if size == side:
            return self
        if size > side:
            around = border(side, size, self._ends_in_black())
            return dataclasses.replace(self, pixels=np.pad(self.pixels, [(0, 0), around, around, (0, 0)]))
        pixels = np.empty((len(self), size, size, channels), "uint8")
        for start in range(0, len(self), 1000):  # in parts, since averages are made in float32
            pixels[start : start + 1000] = area(self.pixels[start : start + 1000], size)
        return dataclasses.replace(self, pixels=pixels)

    def _ends_in_black(self):
        """Say whether most of the images' outermost pixels are 0."""
        edges = [self.pixels[:, 0], self.pixels[:, -1], self.pixels[:, :, 0], self.pixels[:, :, -1]]
        return 2 * np.count_nonzero(edges) <= np.size(edges)

    def batches(self, batch_size, seed=0, first_step=0, classes=0):
        """Make an endless `tf.data.Dataset` of shuffled float32 batches for training.

        Each pass through the images has its own order. The batch of a step depends on `seed` and on the step's
        number alone, so that training can go on exactly where it stopped.

        Args:
            batch_size: images in a batch, each of the same size.
            seed: seed of the order, 0 or more. Defaults to 0.
            first_step: number of the step to begin with. Defaults to 0.
            classes: K, where each batch is to be of images and their labels in one-hot code, `(batch_size, K)`.
                Defaults to 0: of images alone.

        Raises:
            ValueError: if there are fewer images than `batch_size`, a number is not as described, or the labels are not
                from 0 to K - 1.
        """
        with tf.device("CPU"):  # where tf.data works: a GPU's memory is for the training
            pixels = tf.constant(self.pixels)
            labels = tf.one_hot(self._labels_below(classes), classes) if classes else None

        def batch(index):
            x = tf.cast(tf.gather(pixels, index), tf.float32) / 255.0
            return (x, tf.gather(labels, index)) if classes else x

        return shuffled(self, batch_size, seed, first_step).map(batch).prefetch(2)

    def _labels_below(self, classes):
        """Return the labels, or raise a `ValueError` unless each is one of the classes 0 to `classes` - 1."""
        if self.labels is None or self.labels.min() < 0 or self.labels.max() >= classes:
            found = "none" if self.labels is None else f"some from {self.labels.min()} to {self.labels.max()}"
            raise ValueError(f"Labels must be from 0 to {classes - 1}, but {self.name}/{self.split} has {found}.")
        return self.labels


def shuffled(images, batch_size, seed, first_step):
    """Make the endless `tf.data.Dataset` of indices, `(batch_size,)` a step, that a set's or a stream's batches follow.

    Args:
        images: an `ImageSet` or an `ImageStream`.
        batch_size: as of `ImageSet.batches`.
        seed: as of `ImageSet.batches`.
        first_step: as of `ImageSet.batches`.
    """
    n = len(images)
    batch_size = check_positive_integer(batch_size, "batch_size")
    seed = check_positive_integer(seed, "seed", least=0)
    if batch_size > n:
        raise ValueError(f"batch_size={batch_size} is larger than the {n} images of {images.name}/{images.split}")
    first_pass, used = divmod(check_positive_integer(first_step, "first_step", least=0) * batch_size, n)

    def order(number):
        return tf.data.Dataset.from_tensor_slices(
            tf.random.experimental.stateless_shuffle(tf.range(n), seed=[seed, number])
        )

    return tf.data.Dataset.counter(first_pass).flat_map(order).skip(used).batch(batch_size, drop_remainder=True)


def describe(value):
    """Return the dtype and the shape of an array in words, and of anything else its type."""
    return f"{value.dtype} {value.shape}" if isinstance(value, np.ndarray) else type(value).__name__


def check_image_set(images, image_shape):
    """Raise an error unless `images` is a set or stream of images of `image_shape`, `(height, width, channels)`."""
    if not hasattr(images, "batches"):
        raise TypeError(f"images must be what load_images returns. Received: {type(images).__name__}")
    if images.image_shape != tuple(image_shape):
        raise ValueError(f"The networks are for images of shape {tuple(image_shape)}, but those of {images.name} have "
                         f"{images.image_shape}: load_images takes a size, the builders of networks image_size and "
                         "channels.")  # fmt: skip
