"""The compiled loop of `LatentOptimizer`: one batch of rows, its state in variables."""

import functools
from typing import NamedTuple

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ganinv_keras import device
from ganinv_keras.draws import RowSeeds
from ganinv_keras.inversion.constraints import Resampling, constrain
from ganinv_keras.labels import classes_of, with_label


class Settings(NamedTuple):
    """What of a `LatentOptimizer` is compiled into its loop; see there."""

    generator: keras.Model
    loss: object
    constraint: object
    penalty: object
    batch_norm: str
    reset_moments: bool
    precision: str
    measurement: object


class Descent:
    """The state of one batch in variables, and the compiled loop that advances it. One call owns it at a time.

    Args:
        settings: what is compiled.
        rows: number of rows of the batch.
        optimizer: a Keras optimiser of its own.

    Raises:
        ValueError: if the loss, the penalty or the constraint returns another shape than it must, or z has no
            gradient.
        TypeError: if one of them takes other arguments, or is written in NumPy.
    """

    def __init__(self, settings, rows, optimizer):
        self.settings = settings
        self.optimizer = optimizer
        generator = settings.generator
        self.half = _half(generator) if settings.precision == "mixed_bfloat16" else None
        measurement = settings.measurement
        shapes = {"z": tuple(generator.inputs[0].shape[1:]), "images": generator.output_shape[1:], "loss": ()}
        shapes["seen"] = measurement.seen_shape(shapes["images"]) if measurement else shapes["images"]
        self.y, self.z, self.gradient, self.loss, self.best_z, self.best_images, self.best_loss = (
            keras.Variable(np.zeros((rows, *shapes[key]), "float32"), dtype="float32", name=key)
            for key in ("seen", "z", "z", "loss", "z", "images", "loss")
        )
        self.own = [keras.Variable(np.zeros((rows, *own.shape[1:]), own.dtype), dtype=own.dtype.name, trainable=False)
                    for own in (measurement.own if measurement else ())]  # fmt: skip
        self.label = None
        if classes := classes_of(generator):
            self.label = keras.Variable(np.zeros((rows, classes), "float32"), trainable=False)
        self.active = keras.Variable(np.ones(rows, bool), dtype="bool", trainable=False)
        self.steps_taken = keras.Variable(np.zeros(rows, "int32"), dtype="int32", trainable=False)
        self.total_steps = keras.Variable(0, dtype="int32", trainable=False)
        self.seeds = RowSeeds()
        optimizer.build([self.z])
        self.fresh = [variable.numpy() for variable in optimizer.variables]
        self.moments = [variable for variable in optimizer.variables if variable.shape == self.z.shape]
        self._evaluate, self._half_evaluate = (
            self._compiled(Descent.evaluate, network) for network in (generator, self.half)
        )
        self._loop = self._compiled(Descent.loop, self._evaluate)
        self._half_loop = self._compiled(Descent.loop, self._half_evaluate)
        try:
            self._loop.get_concrete_function(tf.TensorSpec((), "int32"), tf.TensorSpec((), "float32"))
        except (NotImplementedError, TypeError) as error:
            raise TypeError("The loss takes (x, x_hat), the penalty and the constraint take z, and all are compiled: "
                            "write them with keras.ops, not with NumPy. "
                            f"TensorFlow says: {error}") from error  # fmt: skip

    def _compiled(self, method, *arguments):
        # As a partial, so that TensorFlow does not take a second inverter's loop for a retracing of the first.
        method = functools.partial(method, self, *arguments)
        return tf.function(method, autograph=False, jit_compile=device.jit_compile())

    def begin(self, y, own, z, label, steps, seed, first_row=0):
        """Set out from `z` for what was seen.

        Args:
            y: images, float32 `(rows, height, width, channels)`, or what was seen of them.
            own: the rows of what the measurement has for each image.
            z: latents, float32 `(rows, d)`.
            label: classes in one-hot code, `(rows, K)`, or None where the generator takes none.
            steps: how many steps the batch will take in all.
            seed: seed of what is redrawn on the way.
            first_row: the place of the batch among all rows of the call. Defaults to 0.
        """
        if self.half:
            self.half.set_weights(self.settings.generator.get_weights())
        for variable, value in zip(self.optimizer.variables, self.fresh, strict=True):
            variable.assign(value)
        self.seeds.begin(seed, first_row)
        self.total_steps.assign(steps)
        self.rough = False
        self.y.assign(y)
        for variable, value in zip(self.own, own, strict=True):
            variable.assign(value)
        if label is not None:
            self.label.assign(label)
        self.z.assign(z)
        self.best_z.assign(z)
        self.best_loss.assign(np.full(len(z), np.inf))
        self.active.assign(np.ones(len(z), bool))
        self.steps_taken.assign(np.zeros(len(z)))
        self.best_images.assign(self._evaluate())  # even where the loss is not finite

    def advance(self, steps, tolerance, half=False):
        """Take `steps` steps, or fewer if all rows converge; with `half` by the copy in bfloat16, if there is one."""
        half = half and self.half is not None
        if self.rough and not half:
            self.settle()
        self.rough = half
        loop = self._half_loop if half else self._loop
        loop(tf.constant(steps), tf.constant(tolerance, "float32"))

    def settle(self):
        """Measure the best z, and where each row stands, anew in float32."""
        z = self.read("z")
        self.best_loss.assign(np.full(len(z), np.inf))
        for place in (self.read("best_z"), z):
            self.z.assign(place)
            self._evaluate()

    def generate(self, generator, z):
        """Return G(z) in float32, with the batch normalisation that was asked for."""
        taken = with_label(z, None if self.label is None else ops.convert_to_tensor(self.label))
        if self.settings.batch_norm == "inference":
            x_hat = generator(taken, training=False)
        else:  # stateless: the moving statistics of the generator stay as they are
            x_hat, _ = generator.stateless_call(
                generator.trainable_variables, generator.non_trainable_variables, taken, training=True
            )
        return ops.cast(x_hat, "float32")

    def measure(self, x_hat):
        """Return what would be seen of images of the batch."""
        measurement = self.settings.measurement
        return measurement.measure(x_hat, *map(ops.convert_to_tensor, self.own)) if measurement else x_hat

    def evaluate(self, generator):
        """Measure the loss and its gradient at z, keep the best z so far, and return G(z). NaN is never better."""
        z = self.z + 0.0
        with tf.GradientTape() as tape:
            tape.watch(z)
            x_hat = self.generate(generator, z)
            loss = self.settings.loss(self.y, self.measure(x_hat))
            loss = _returned("loss", "a number for each image", loss, self.loss.shape)
            total = ops.sum(loss)
            if self.settings.penalty is not None:
                total += loss.shape[0] * _returned("penalty", "a number for the batch", self.settings.penalty(z), ())
        gradient = tape.gradient(total, z)
        if gradient is None:
            raise ValueError("The loss must depend on z by operations that TensorFlow can differentiate: the generator "
                             "or the loss has none, or stops the gradient.")  # fmt: skip
        finite = ops.isfinite(loss)
        better = loss < self.best_loss
        self.best_z.assign(ops.where(better[:, None], z, self.best_z))
        self.best_images.assign(ops.where(better[:, None, None, None], x_hat, self.best_images))
        self.best_loss.assign(ops.where(better, loss, self.best_loss))
        self.z.assign(ops.where(finite[:, None], z, self.best_z))
        self.gradient.assign(ops.where(ops.isfinite(gradient) & finite[:, None], gradient, 0.0))
        self.loss.assign(ops.where(finite, loss, self.best_loss))
        return x_hat

    def constrain(self):
        """Apply the constraint to z. An element that is redrawn starts with fresh moments of the optimiser."""
        z = constrain(self.settings.constraint, self.z + 0.0, self.total_steps + 0, self.seeds)
        z = _returned("constraint", "a new z", z, self.z.shape)
        if isinstance(self.settings.constraint, Resampling) and self.settings.reset_moments:
            for moment in self.moments:
                moment.assign(ops.where(z != self.z, 0.0, moment))
        return z

    def loop(self, evaluate, steps, tolerance):
        """Step, constrain, evaluate, again and again."""

        def unfinished(step):
            return ops.logical_and(step < steps, ops.any(self.active))

        def advance(step):
            before, loss_before = self.z + 0.0, self.loss + 0.0
            self.optimizer.apply([self.gradient + 0.0], [self.z])
            self.z.assign(ops.where(self.active[:, None], self.constrain(), before))
            self.steps_taken.assign_add(ops.cast(self.active, "int32"))
            evaluate()
            self.active.assign(ops.logical_and(self.active, ops.abs(self.loss - loss_before) >= tolerance))
            return (step + 1,)

        tf.while_loop(unfinished, advance, (0,))

    def read(self, name):
        """Return a variable as a NumPy array."""
        return getattr(self, name).numpy()

    def best(self, restarts):
        """Return the best restart of each image."""
        loss = self.read("best_loss").reshape(-1, restarts)
        row = np.arange(len(loss)) * restarts + loss.argmin(1)
        return {"row": row, "z": self.read("best_z")[row], "images": self.read("best_images")[row],
                "loss": self.read("best_loss")[row], "steps_taken": self.read("steps_taken")[row]}  # fmt: skip


def _half(generator):
    """Return a copy of a generator in `mixed_bfloat16`, or None where it is not all float32 or cannot be copied."""
    try:
        return (
            device.computing_in("mixed_bfloat16", generator)
            if device.computing_in("float32", generator) is generator
            else None
        )
    except (NotImplementedError, TypeError, ValueError):
        return None


def _returned(what, meaning, value, shape):
    """Return what a function of the user's returned, if it has the shape that it must have."""
    found = None if value is None else tuple(ops.convert_to_tensor(value).shape)
    if found != shape:
        raise ValueError(f"The {what} must return {meaning}, a tensor of shape {shape}, got "
                         + ("None." if value is None else f"one of shape {found}."))  # fmt: skip
    return value
