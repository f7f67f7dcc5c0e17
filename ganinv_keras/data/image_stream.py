"""Images that are decoded as they are needed, for sets that do not fit in memory."""

import dataclasses
import io

import numpy as np
import tensorflow as tf

from ganinv_keras.data.image_set import ImageSet, shuffled
from ganinv_keras.data.pixels import UNREADABLE, area, read_square


@dataclasses.dataclass(frozen=True, eq=False)
class ImageStream:
    """Images in files, each decoded when a step needs it: what an `ImageSet` is to training, in less memory.

    Indexing with an integer, a slice or an index array decodes the images chosen, and returns them as an `ImageSet`
    without labels. A stream and a set of the same images give equal batches.

    Attributes:
        name: name of the data set.
        split: `"train"` or `"test"`.
        source: where the images come from, in words.
        size: height and width of the images: squares are cut out and averaged. None may have fewer pixels.
        files: a list of paths of image files, or of what is in them, as bytes.
        mirrored: for each pass through `files` whether it shows mirror images. Defaults to one that does not.
    """

    name: str
    split: str
    source: str
    size: int
    files: list = dataclasses.field(repr=False)
    mirrored: tuple = (False,)

    @property
    def image_shape(self):
        """The shape of one image, `(height, width, channels)`."""
        return (self.size, self.size, 3)

    def __len__(self):
        return len(self.files) * len(self.mirrored)

    def __getitem__(self, index):
        indices = np.atleast_1d(np.arange(len(self))[index])
        pixels = np.empty((len(indices), *self.image_shape), "uint8")
        images = iter(tf.data.Dataset.from_tensor_slices(indices).map(self._image, tf.data.AUTOTUNE))
        for row, number in enumerate(indices):
            try:
                pixels[row] = next(images)
            except tf.errors.OpError:
                self._decoded(number)  # says what is wrong with the file, as a ValueError
                raise
        return ImageSet(self.name, self.split, pixels, None, None, {}, self.source)

    def with_mirror_images(self):
        """Return a stream with each image and, behind all of them, each one's mirror image, left for right."""
        return dataclasses.replace(self, mirrored=self.mirrored + tuple(not flip for flip in self.mirrored))

    def batches(self, batch_size, seed=0, first_step=0):
        """Make an endless `tf.data.Dataset` of shuffled float32 batches for training, as `ImageSet.batches` does.

        Images are decoded in parallel and ahead of the steps. One that cannot be decoded stops the training with a
        `tf.errors.InvalidArgumentError` that names its file.

        Args:
            batch_size: images in a batch, each of the same size.
            seed: seed of the order, 0 or more. Defaults to 0.
            first_step: number of the step to begin with. Defaults to 0.

        Raises:
            ValueError: if there are fewer images than `batch_size`, or a number is not as described.
        """
        return (
            shuffled(self, batch_size, seed, first_step).unbatch()
            .map(self._image, tf.data.AUTOTUNE, deterministic=True).batch(int(batch_size), drop_remainder=True)
            .map(lambda images: tf.cast(images, tf.float32) / 255.0).prefetch(tf.data.AUTOTUNE)
        )  # fmt: skip

    def _image(self, index):
        """Decode image `index`, a scalar tensor, as a uint8 tensor of `image_shape`."""
        square = tf.ensure_shape(tf.numpy_function(self._decoded, [index], tf.uint8), (None, None, 3))
        image = area(square, self.size)
        return tf.where(tf.gather(self.mirrored, index // len(self.files)), image[:, ::-1], image)

    def _decoded(self, index):
        """Decode the square of image `index`, not yet averaged, or say which file cannot be decoded."""
        number = int(index) % len(self.files)
        file = self.files[number]
        try:
            return read_square(io.BytesIO(file) if isinstance(file, bytes) else file, self.name)
        except UNREADABLE as error:
            file = f"Image {number} of {self.name}/{self.split}" if isinstance(file, bytes) else file
            raise ValueError(f"{file} cannot be decoded ({error}): replace or remove it.") from error
