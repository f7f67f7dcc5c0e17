"""A set of images with what is known about them, and its batches for training."""

import dataclasses
import functools

import numpy as np
import tensorflow as tf

from ganinv_keras.checks import check_positive_integer


@dataclasses.dataclass(frozen=True)
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
    """

    name: str
    split: str
    pixels: np.ndarray
    labels: np.ndarray | None
    label_names: tuple | None
    attributes: dict = dataclasses.field(repr=False)
    source: str

    @functools.cached_property
    def images(self):
        """The images as float32 in [0, 1], shape `(n, height, width, channels)`."""
        return self.pixels.astype("float32") / 255

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
        """Return the set with images of `size`×`size`: smaller ones get a black border, larger ones are averaged."""
        height, width = self.pixels.shape[1:3]
        if max(height, width) > size:
            return dataclasses.replace(self, pixels=np.stack([area(image, size) for image in self.pixels]))
        top, left = (size - height) // 2, (size - width) // 2
        border = [(0, 0), (top, size - height - top), (left, size - width - left), (0, 0)]
        return dataclasses.replace(self, pixels=np.pad(self.pixels, border))

    def batches(self, batch_size, seed=0, first_step=0):
        """Make an endless `tf.data.Dataset` of shuffled float32 batches for training.

        Each pass through the images has its own order. The batch of a step depends on `seed` and on the step's
        number alone, so that training can go on exactly where it stopped.

        Args:
            batch_size: images in a batch, each of the same size.
            seed: seed of the order. Defaults to 0.
            first_step: number of the step to begin with. Defaults to 0.

        Raises:
            ValueError: if there are fewer images than `batch_size`.
        """
        n = len(self)
        if check_positive_integer(batch_size, "batch_size") > n:
            raise ValueError(f"batch_size={batch_size} is larger than the {n} images of {self.name}/{self.split}")
        pixels = tf.constant(self.pixels)
        first_pass, used = divmod(first_step * batch_size, n)

        def order(number):
            return tf.data.Dataset.from_tensor_slices(
                tf.random.experimental.stateless_shuffle(tf.range(n), seed=[seed, number])
            )

        return (
            tf.data.Dataset.counter(first_pass).flat_map(order).skip(used).batch(batch_size, drop_remainder=True)
            .map(lambda index: tf.cast(tf.gather(pixels, index), tf.float32) / 255.0).prefetch(2)
        )  # fmt: skip


def area(image, size):
    """Resize one uint8 image to `size`×`size` by averaging areas."""
    return np.clip(np.round(tf.image.resize(image, (size, size), method="area")), 0, 255).astype("uint8")
