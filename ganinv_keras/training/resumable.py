"""Training that can be stopped at any moment, goes on to the same weights, and stops by itself when it has failed."""

import json
import re
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory

import h5py
import keras
import numpy as np
import tensorflow as tf

from ganinv_keras import files, replicas
from ganinv_keras.checks import check_positive_integer
from ganinv_keras.training.callbacks import Checkpoint, StopWhenBroken

RECORD = "made by"  # attribute of a checkpoint: which training it belongs to


class Resumable(keras.Model):
    """A model that counts its training steps, keeps all of its state in one file, and goes on from there.

    A subclass has a `prior` and a `seed_generator`, calls `count_step` once in each `train_step`, and says in
    `identity` what a checkpoint must agree with.

    Attributes:
        step: number of training steps taken, a Keras variable.
        fed: what the training is fed with, as far as a checkpoint must agree with it: name → number or words.
    """

    def __init__(self, name):
        super().__init__(name=name)
        self.fed = {}
        self.step = self.add_weight(shape=(), dtype="int64", initializer="zeros", trainable=False, name="step")

    @property
    def steps_taken(self):
        """The number of training steps taken, an int."""
        return int(self.step.numpy())

    def latents(self, n):
        """Return n new latents, `(n, d)`; on several devices those of this one."""
        return replicas.own_rows(lambda rows: self.prior.sample(rows, self.seed_generator), n)

    def count_step(self):
        """Count one step of training."""
        self.step.assign(self.step + 1)

    def identity(self):
        """Return what makes a training this one and no other: name → what JSON can hold."""
        sizes = [layer.count_params() for layer in self.layers if layer.weights]
        return {"the kind of model": type(self).__name__, "the number of weights": sizes, **self.fed}

    def check_sound(self):
        """Raise a `ValueError` if the training has failed: after this no step can mend it."""
        for layer in self.layers:
            if not all(np.isfinite(weight).all() for weight in layer.get_weights()):
                raise ValueError(f"Training failed by step {self.steps_taken:,}: the weights of the {layer.name} are "
                                 "no longer finite, since a loss became infinite or NaN. Lower the learning rate, or "
                                 "raise the weight of R1.")  # fmt: skip

    def check_compiled(self):
        """Raise a `ValueError` if the model has no optimiser yet."""
        if not self.compiled:
            raise ValueError(f"The {type(self).__name__} has no optimiser: call its compile(…) before you train it.")

    def save_checkpoint(self, path):
        """Write all state to one `.weights.h5` file, whole or not at all.

        Over several machines all of them must call this together, and the first one writes.

        Raises:
            PermissionError: if the folder is missing, full, or cannot be written to.
        """

        def write(temporary):
            self.save_weights(temporary)
            with h5py.File(temporary, "a") as file:
                file.attrs[RECORD] = json.dumps(self.identity(), default=str)

        if replicas.is_first():
            files.write_whole(path, write)
        else:  # to read variables takes all machines
            with TemporaryDirectory() as folder:
                self.save_weights(Path(folder) / "unused.weights.h5")

    def load_checkpoint(self, path):
        """Read what `save_checkpoint` wrote.

        Raises:
            ValueError: if the file is truncated or no checkpoint, or is of another training: the message says in what
                the two differ.
        """
        begin_anew = "Choose another file, or delete it to begin anew."
        try:
            with h5py.File(path) as file:
                made_by = json.loads(file.attrs[RECORD])
        except (OSError, KeyError, ValueError) as error:
            raise ValueError(f"{path} is truncated, or no checkpoint of a training ({error}). {begin_anew}") from error
        now = json.loads(json.dumps(self.identity(), default=str))
        differ = [key for key in now | made_by if made_by.get(key) != now.get(key)]
        if differ:
            how = "; ".join(f"{key} was {made_by.get(key)}, and is {now.get(key)} now" for key in differ)
            raise ValueError(f"{path} is of another training: {how}. {begin_anew}")
        try:
            with warnings.catch_warnings():  # Keras leaves weights that the file lacks as they are, and only warns
                warnings.filterwarnings("error", "Skipping", UserWarning)
                self.load_weights(path)
        except (OSError, KeyError, ValueError, UserWarning) as error:
            raise ValueError(f"{path} does not fit this training ({error}). {begin_anew}") from error

    def fit_resumable(self, batches, epochs, steps_per_epoch, checkpoint=None, callbacks=(), **kwargs):
        """Train until `epochs` epochs are done, and if `checkpoint` is there, go on from it.

        A run that was stopped within an epoch first finishes that epoch; its entry in the history then is of the steps
        that were left.

        Args:
            batches: a function from the number of a step to the dataset that begins with the batch of that step.
            epochs: number of epochs in all, those of earlier runs included.
            steps_per_epoch: number of training steps in an epoch.
            checkpoint: path of a `.weights.h5` file, or None.
            callbacks: Keras callbacks.
            **kwargs: passed on to `keras.Model.fit`.

        Returns:
            The `keras.callbacks.History` of the epochs that this call ran.

        Raises:
            ValueError: if a number is no whole number ≥ 1, the checkpoint's name does not end in `.weights.h5`, it
                cannot be read or is of another training, an image cannot be decoded, or the training fails.
            PermissionError: if the checkpoint cannot be written.
        """
        epochs = check_positive_integer(epochs, "epochs")
        steps_per_epoch = check_positive_integer(steps_per_epoch, "steps_per_epoch")
        callbacks = [StopWhenBroken(), *callbacks]
        if checkpoint is not None:
            if not isinstance(checkpoint, (str, Path)) or not str(checkpoint).endswith(".weights.h5"):
                raise ValueError("A checkpoint must be a path whose name ends in .weights.h5. "
                                 f"Received: {checkpoint!r}")  # fmt: skip
            checkpoint = Path(checkpoint)
            if replicas.agree_on(checkpoint.exists(), f"is there {checkpoint}? It must lie where all of them see it"):
                files.remove_remains(checkpoint)  # a training that is done writes nothing, and so removes nothing
                self.load_checkpoint(checkpoint)
            else:
                self.save_checkpoint(checkpoint)  # a folder that cannot be written to is better found out now
            callbacks.append(Checkpoint(checkpoint))
        history = keras.callbacks.History()
        history.set_model(self)
        history.on_train_begin()
        while (done := self.steps_taken) < epochs * steps_per_epoch:
            epoch, begun = divmod(done, steps_per_epoch)
            part = self._fit(
                batches(done), initial_epoch=epoch, epochs=epoch + 1 if begun else epochs,
                steps_per_epoch=steps_per_epoch - begun, shuffle=False, callbacks=callbacks, **kwargs,
            )  # fmt: skip
            history.epoch += part.epoch
            for name, values in part.history.items():
                history.history.setdefault(name, []).extend(values)
        return history

    def _fit(self, dataset, **kwargs):
        """Call `fit`, and name an image that cannot be decoded without the graph around it."""
        try:
            return self.fit(dataset, **kwargs)
        except tf.errors.InvalidArgumentError as error:
            found = re.search(r"ValueError: (.* cannot be decoded .*)", str(error))
            if not found:
                raise
            raise ValueError(found[1]) from error


def optimizer_identity(optimizers):
    """Return for `Resumable.identity` what optimisers do, of a dictionary of them, whatever they are called."""
    return {name: {"class": type(o).__name__} | o.get_config() | {"name": None} for name, o in optimizers.items()}
