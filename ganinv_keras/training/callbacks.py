"""Keras callbacks: a checkpoint that is written whole, and samples over a training."""

import keras
from keras import ops

from ganinv_keras import files


class Checkpoint(keras.callbacks.Callback):
    """Write all of a model's state to one `.weights.h5` file at the end of every epoch, whole or not at all."""

    def __init__(self, path):
        super().__init__()
        self.path = path

    def on_epoch_end(self, epoch, logs=None):
        """Write the file."""
        files.write_whole(self.path, self.model.save_weights)


class SampleGrid(keras.callbacks.Callback):
    """Draw what the generator makes of the same latents at the end of every `every`-th epoch.

    Args:
        z: latents, shape `(n, d)`.
        every: epochs between two drawings. Defaults to 1.

    Attributes:
        frames: one array of images `(n, height, width, channels)` for each drawing, for `figures.images` or
            `figures.player`.
    """

    def __init__(self, z, every=1):
        super().__init__()
        self.z = z
        self.every = every
        self.frames = []

    def on_epoch_end(self, epoch, logs=None):
        """Keep the images."""
        if (epoch + 1) % self.every == 0:
            self.frames.append(ops.convert_to_numpy(self.model(self.z)))
