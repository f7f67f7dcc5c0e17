"""The compiled loop of `LatentOptimizer`: one batch of rows, its state in variables."""

import functools

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from ganinv_keras import device
from ganinv_keras.inversion.constraints import Resampling, constrain


class Descent:
    """The state of one batch in variables, and the compiled loop that advances it."""

    def __init__(self, inverter, rows, optimizer):
        self.inverter = inverter
        self.optimizer = optimizer
        shapes = {"z": (inverter.prior.dim,), "images": inverter.generator.output_shape[1:], "loss": ()}
        self.x, self.z, self.gradient, self.loss, self.best_z, self.best_images, self.best_loss = (
            keras.Variable(np.zeros((rows, *shapes[key]), "float32"), dtype="float32", name=key)
            for key in ("images", "z", "z", "loss", "z", "images", "loss")
        )
        self.active = keras.Variable(np.ones(rows, bool), dtype="bool", trainable=False)
        self.steps_taken = keras.Variable(np.zeros(rows, "int32"), dtype="int32", trainable=False)
        self.total_steps = keras.Variable(0, dtype="int32", trainable=False)
        self.seed_generator = keras.random.SeedGenerator(0)
        optimizer.build([self.z])
        self.fresh = [variable.numpy() for variable in optimizer.variables]
        self.moments = [variable for variable in optimizer.variables if variable.shape == self.z.shape]
        # As partials, so that TensorFlow does not take a second inverter's loop for a retracing of the first.
        self._evaluate, self._loop = (
            tf.function(functools.partial(method, self), jit_compile=device.jit_compile())
            for method in (Descent.evaluate, Descent.loop)
        )

    def begin_run(self, steps, seed):
        """Say how many steps each batch will take, and seed what is redrawn on the way."""
        self.total_steps.assign(steps)
        self.seed_generator.state.assign(keras.random.SeedGenerator(seed).state)

    def begin(self, x, z):
        """Set out from `z` for the images `x`."""
        for variable, value in zip(self.optimizer.variables, self.fresh, strict=True):
            variable.assign(value)
        self.x.assign(x)
        self.z.assign(z)
        self.best_z.assign(z)
        self.best_loss.assign(np.full(len(z), np.inf))
        self.active.assign(np.ones(len(z), bool))
        self.steps_taken.assign(np.zeros(len(z)))
        self._evaluate()

    def advance(self, steps, tolerance):
        """Take `steps` steps, or fewer if all rows converge."""
        self._loop(tf.constant(steps), tf.constant(tolerance, "float32"))

    def generate(self, z):
        """Return G(z) in float32, with the batch normalisation that was asked for."""
        generator = self.inverter.generator
        if self.inverter.batch_norm == "inference":
            x_hat = generator(z, training=False)
        else:  # stateless: the moving statistics of the generator stay as they are
            x_hat, _ = generator.stateless_call(
                generator.trainable_variables, generator.non_trainable_variables, z, training=True
            )
        return ops.cast(x_hat, "float32")

    def evaluate(self):
        """Measure the loss and its gradient at z, and keep the best z so far. NaN is never better."""
        z = self.z + 0.0
        with tf.GradientTape() as tape:
            tape.watch(z)
            x_hat = self.generate(z)
            loss = self.inverter.loss(self.x, x_hat)
            total = ops.sum(loss)
            if self.inverter.penalty is not None:
                total += len(loss) * self.inverter.penalty(z)
        gradient = tape.gradient(total, z)
        finite = ops.isfinite(loss)
        better = loss < self.best_loss
        self.best_z.assign(ops.where(better[:, None], z, self.best_z))
        self.best_images.assign(ops.where(better[:, None, None, None], x_hat, self.best_images))
        self.best_loss.assign(ops.where(better, loss, self.best_loss))
        self.z.assign(ops.where(finite[:, None], z, self.best_z))
        self.gradient.assign(ops.where(ops.isfinite(gradient) & finite[:, None], gradient, 0.0))
        self.loss.assign(ops.where(finite, loss, self.best_loss))

    def constrain(self):
        """Apply the constraint to z. An element that is redrawn starts with fresh moments of the optimiser."""
        z = constrain(self.inverter.constraint, self.z + 0.0, self.total_steps + 0, self.seed_generator)
        if isinstance(self.inverter.constraint, Resampling) and self.inverter.reset_moments:
            for moment in self.moments:
                moment.assign(ops.where(z != self.z, 0.0, moment))
        return z

    def loop(self, steps, tolerance):
        """Step, constrain, evaluate, again and again."""
        step = 0
        while step < steps and ops.any(self.active):
            before, loss_before = self.z + 0.0, self.loss + 0.0
            self.optimizer.apply([self.gradient + 0.0], [self.z])
            self.z.assign(ops.where(self.active[:, None], self.constrain(), before))
            self.steps_taken.assign_add(ops.cast(self.active, "int32"))
            self.evaluate()
            self.active.assign(ops.logical_and(self.active, ops.abs(self.loss - loss_before) >= tolerance))
            step += 1

    def read(self, name):
        """Return a variable as a NumPy array."""
        return getattr(self, name).numpy()

    def best(self, restarts):
        """Return the best restart of each image."""
        loss = self.read("best_loss").reshape(-1, restarts)
        row = np.arange(len(loss)) * restarts + loss.argmin(1)
        return {"row": row, "z": self.read("best_z")[row], "images": self.read("best_images")[row],
                "loss": self.read("best_loss")[row], "steps_taken": self.read("steps_taken")[row]}  # fmt: skip
