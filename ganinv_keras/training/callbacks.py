"""Keras callbacks: checkpoints, a stop when training has failed, time left, losses on disk, and samples."""

import json
import time

import keras
import numpy as np
from keras import ops
from PIL import Image

from ganinv_keras import files, replicas
from ganinv_keras.progress import progress


class StopWhenBroken(keras.callbacks.Callback):
    """Stop a `Resumable` model with an error at the end of the epoch in which its training has failed."""

    def on_epoch_end(self, epoch, logs=None):
        """Look at the model."""
        self.model.check_sound()


class Checkpoint(keras.callbacks.Callback):
    """Write all of a `Resumable` model's state to one file, every few minutes and at the end of every epoch.

    Over several machines, whose clocks differ, only at the end of every epoch.

    A model whose training has failed is not written, so that the file on disk is the last good one.

    Args:
        path: path of a `.weights.h5` file.
        minutes: minutes between two of them within an epoch. Defaults to 5.
    """

    def __init__(self, path, minutes=5.0):
        super().__init__()
        self.path = path
        self.minutes = minutes
        self.written = time.monotonic()

    def on_train_batch_end(self, batch, logs=None):
        """Write the file if it is time."""
        if replicas.machines() == 1 and time.monotonic() - self.written > 60 * self.minutes:
            self.on_epoch_end(None)

    def on_epoch_end(self, epoch, logs=None):
        """Write the file."""
        self.model.check_sound()
        self.model.save_checkpoint(self.path)
        self.written = time.monotonic()


class ProgressBar(keras.callbacks.Callback):
    """Show the steps done and the time left of a whole training, and the losses.

    Args:
        steps: number of training steps in all.
    """

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def on_train_begin(self, logs=None):
        """Begin where the model is."""
        self.bar = progress(self.steps, "step", initial=self.model.steps_taken, mininterval=2)

    def on_train_batch_end(self, batch, logs=None):
        """Count one step."""
        self.bar.update()

    def on_epoch_end(self, epoch, logs=None):
        """Show the losses."""
        self.bar.set_postfix({name: f"{value:.3g}" for name, value in logs.items()})

    def on_train_end(self, logs=None):
        """Take the bar away."""
        self.bar.close()


class Records(keras.callbacks.Callback):
    """What is kept of each epoch, a list of dictionaries with the key `step`, in a JSON file that is always whole.

    Args:
        path: the file. A training that goes on keeps the records up to its own step.

    Attributes:
        records: the list.
    """

    def __init__(self, path):
        super().__init__()
        self.path = path
        self.records = []

    def on_train_begin(self, logs=None):
        """Go on from the file of an earlier run."""
        if self.path.exists():
            done = self.model.steps_taken
            self.records = [record for record in json.loads(self.path.read_text()) if record["step"] <= done]

    def keep(self, **record):
        """Take a record of the model's step into the file."""
        self.records.append({"step": self.model.steps_taken, **record})
        self.path.parent.mkdir(parents=True, exist_ok=True)
        files.write_whole(self.path, lambda p: p.write_text(json.dumps(self.records) + "\n"))


class LossCurves(Records):
    """Keep the losses of every epoch, as Keras logs them, in a JSON file."""

    def on_epoch_end(self, epoch, logs=None):
        """Keep them."""
        self.keep(**{name: float(value) for name, value in logs.items()})


class SampleGrid(keras.callbacks.Callback):
    """Draw what the generator makes of the same latents at the end of every `every`-th epoch.

    Args:
        z: latents, shape `(n, d)`.
        every: epochs between two drawings. Defaults to 1.
        folder: where each drawing is written too, as `step-00001000.png` with ten images a row. Defaults to None: they
            are only kept.

    Attributes:
        frames: one array of images `(n, height, width, channels)` for each drawing, for `figures.images` or
            `figures.player`. With a folder, the last drawing alone.
    """

    def __init__(self, z, every=1, folder=None):
        super().__init__()
        self.z = z
        self.every = every
        self.folder = folder
        self.frames = []

    def on_epoch_end(self, epoch, logs=None):
        """Draw."""
        if (epoch + 1) % self.every:
            return
        images = ops.convert_to_numpy(self.model(self.z))
        if self.folder is None:
            self.frames.append(images)
            return
        self.frames = [images]
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / f"step-{self.model.steps_taken:08d}.png"
        files.write_whole(path, _sheet(images).save)


def _sheet(images, columns=10):
    """Return a picture of images `(n, height, width, channels)` in [0, 1], row by row; what is left over is black."""
    missing = -len(images) % columns
    images = np.pad(images, [(0, missing), (0, 0), (0, 0), (0, 0)])
    n, height, width, channels = images.shape
    rows = images.reshape(n // columns, columns, height, width, channels).swapaxes(1, 2)
    pixels = rows.reshape(-1, columns * width, channels)
    return Image.fromarray((pixels.squeeze() * 255).round().astype("uint8"))
