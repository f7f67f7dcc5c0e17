"""Find the z of an image by Levenberg–Marquardt: non-linear least squares with the whole Jacobian of the generator."""

import functools
import time
import warnings

import keras
import numpy as np
import tensorflow as tf

from ganinv_keras.checks import check_images, check_positive_integer, check_prior
from ganinv_keras.inversion.latent_optimizer import LatentOptimizer
from ganinv_keras.inversion.record import Inversion
from ganinv_keras.progress import progress

FACTORS = (0.1, 1.0, 10.0, 100.0)  # of the damping: the four that each iteration tries
SMALLEST, START, LARGEST = 1e-7, 1e-3, 1e8  # damping: float32 has no finer JᵀJ; the first; no step left to take


def jacobian(generator, z):
    """Differentiate all pixels by all elements of z, in forward mode: one pass for each element, all in one batch.

    Args:
        generator: a Keras model from z to images, m values each.
        z: float32 tensor of shape `(n, d)`.

    Returns:
        A tensor of shape `(n, d, m)`: row i is `∂G(z)/∂z_i`, so that it holds `Jᵀ` of the usual J.

    Raises:
        TypeError: if the generator's output does not depend on z by operations that TensorFlow can differentiate.
    """
    n, d = z.shape

    def along(direction):
        with tf.autodiff.ForwardAccumulator(z, tf.tile(direction[None], [n, 1])) as accumulator:
            x_hat = generator(z, training=False)
        derivative = accumulator.jvp(x_hat)
        if derivative is None:
            raise TypeError("its output is not differentiable by z")
        return tf.reshape(derivative, (n, -1))

    return tf.transpose(tf.vectorized_map(along, tf.eye(d)), (1, 0, 2))


class LevenbergMarquardt:
    """Invert a generator by Levenberg–Marquardt, for latents to more digits than gradient descent finds.

    Near a solution `G(z + δ) ≈ G(z) + J δ`, and the δ that then explains the image best solves the normal equations
    `JᵀJ δ = Jᵀ(x - G(z))` (Gauss–Newton). Far from it the step is damped:
    `(JᵀJ + λ diag(JᵀJ)) δ = Jᵀ(x - G(z))`. Every iteration tries four λ, 0.1, 1, 10 and 100 times the image's last
    one, and keeps the best; if none lowers the error, λ grows a thousandfold. The loss is the mean squared error.

    Everything is computed in float32, the small equations in float64, whatever the generator's dtype policy. If the
    generator cannot be inverted this way, because its images have fewer values than z has elements or because
    TensorFlow cannot differentiate it, a warning says so, and a `LatentOptimizer` does the work.

    Args:
        generator: a Keras model with one input, z of shape `(n, d)`, and images in [0, 1] as its output.
        prior: what z was drawn from when the generator was trained, such as `Normal(100)`.
        tolerance: loss at which an image counts as solved. Defaults to 1e-12.

    Raises:
        ValueError: if the generator takes several inputs, or the prior has another dimension.
    """

    def __init__(self, generator, prior, tolerance=1e-12):
        check_prior(prior, generator)
        self.generator = _in_float32(generator)
        self.prior = prior
        self.tolerance = tolerance
        self._iterate = tf.function(functools.partial(LevenbergMarquardt.iterate, self))
        self.obstacle = self._find_obstacle()

    def _find_obstacle(self):
        """Return why this generator cannot be inverted by Levenberg–Marquardt, or None."""
        values, d = int(np.prod(self.generator.output_shape[1:])), self.prior.dim
        if values < d:
            return f"its images have {values} values, fewer than the {d} elements of z"
        z = tf.zeros((1, d))
        try:
            tf.function(lambda: jacobian(self.generator, z), autograph=False).get_concrete_function()
        except (LookupError, TypeError, ValueError) as error:
            return str(error).strip().splitlines()[0]
        return None

    def iterate(self, x, z, damping):
        """Take one step for each of a batch: four dampings tried, the best kept.

        Args:
            x: images, float32 `(n, height, width, channels)`.
            z: where they are, `(n, d)`.
            damping: λ of each, `(n,)`.

        Returns:
            `(z, x_hat, loss, damping, cosine)` after the step. `cosine`, before the step, is the largest
            `|∂G/∂z_i · r| / (‖∂G/∂z_i‖ ‖r‖)` over i: 0 where the gradient of the loss is 0, whatever the scale.
        """
        n, d = z.shape
        x_hat = self.generator(z, training=False)
        r, jacobian_t = _finite(tf.reshape(x_hat - x, (n, -1))), _finite(jacobian(self.generator, z))
        jtj = tf.cast(tf.matmul(jacobian_t, jacobian_t, transpose_b=True), "float64")
        jtr = tf.cast(tf.linalg.matvec(jacobian_t, r), "float64")

        # In z scaled by D = diag(JᵀJ)^½ the damping is λ times the identity: one eigen-decomposition serves every λ.
        scale = tf.sqrt(tf.linalg.diag_part(jtj)) + 1e-12
        eigenvalues, q = tf.linalg.eigh(jtj / (scale[:, :, None] * scale[:, None, :]))
        projected = tf.linalg.matvec(q, jtr / scale, transpose_a=True)
        tried = damping[:, None] * tf.constant(FACTORS)
        damped = tf.maximum(eigenvalues, 0.0)[:, None] + tf.cast(tried, "float64")[:, :, None]
        delta = -tf.einsum("nij,nkj->nki", q, projected[:, None] / damped) / scale[:, None]

        candidates = z[:, None] + tf.cast(delta, "float32")
        images = tf.reshape(self.generator(tf.reshape(candidates, (-1, d)), training=False), (n, -1, *x.shape[1:]))
        losses = tf.reduce_mean(tf.square(images - x[:, None]), axis=(2, 3, 4))
        losses = tf.where(tf.math.is_finite(losses), losses, np.inf)
        best = tf.argmin(losses, axis=1)
        before = tf.reduce_mean(tf.square(x_hat - x), axis=(1, 2, 3))
        before, after = tf.where(tf.math.is_finite(before), before, np.inf), tf.gather(losses, best, batch_dims=1)
        better = after < before

        cosine = tf.reduce_max(tf.abs(jtr) / scale, axis=1) / tf.cast(tf.norm(r, axis=1) + 1e-30, "float64")
        return (
            tf.where(better[:, None], tf.gather(candidates, best, batch_dims=1), z),
            tf.where(better[:, None, None, None], tf.gather(images, best, batch_dims=1), x_hat),
            tf.where(better, after, before),
            tf.maximum(tf.where(better, tf.gather(tried, best, batch_dims=1), 1000.0 * damping), SMALLEST),
            tf.cast(cosine, "float32"),
        )

    def invert(self, images, steps=50, restarts=10, initial_z=None, batch_size=10, seed=0, callbacks=()):
        """Invert images.

        A start is given up when the gradient vanishes (`cosine` below 1e-4), when no damping helps any more, or after
        `steps` iterations; the image's next start, or the next image, takes its place in the batch at once.

        Args:
            images: float32 in [0, 1], shape `(n, height, width, channels)`, the generator's.
            steps: iterations at most for each start. Defaults to 50.
            restarts: how many starts each image is given at most; the next one only while the loss of all before it
                is above `tolerance`. Use 1 for photographs, whose loss never falls so far. Defaults to 10.
            initial_z: first start of each image, shape `(n, d)`. Defaults to draws from the prior, as do restarts.
            batch_size: images computed at a time; the memory is that of `d` times as many. Defaults to 10.
            seed: seed of the starts. Defaults to 0.
            callbacks: functions `(step, z, images, loss)`, called after each iteration of the batch with the best so
                far of all images.

        Returns:
            An `Inversion`. Its history and `steps_taken` count iterations, those of earlier starts included.

        Raises:
            ValueError: if the images are not as described, `steps`, `restarts` or `batch_size` is less than 1, or
                `initial_z` has another shape.
        """
        if self.obstacle:
            warnings.warn(f"Levenberg–Marquardt does not work for this generator: {self.obstacle}. "
                          "LatentOptimizer inverts it instead, by gradient descent.", stacklevel=2)  # fmt: skip
            return LatentOptimizer(self.generator, self.prior, "mse").invert(
                images, initial_z=initial_z, seed=seed, callbacks=callbacks
            )
        started = time.perf_counter()
        images = check_images(images, self.generator.output_shape[1:])
        check_positive_integer(steps, "steps")
        check_positive_integer(restarts, "restarts")
        n, d = len(images), self.prior.dim
        starts = np.array(self.prior.sample(n * restarts, seed)).reshape(restarts, n, d)
        if initial_z is not None:
            if np.shape(initial_z) != (n, d):
                raise ValueError(f"initial_z must have the shape {(n, d)}, got {np.shape(initial_z)}")
            starts[0] = initial_z

        best_z, best_images, best_loss = starts[0].copy(), np.zeros_like(images), np.full(n, np.inf, "float32")
        history = [[] for _ in range(n)]
        waiting = [(image, 0) for image in range(n)]
        slots = min(check_positive_integer(batch_size, "batch_size"), n)
        image, start, taken = np.zeros(slots, int), np.zeros(slots, int), np.zeros(slots, int)
        z, damping, busy = np.zeros((slots, d), "float32"), np.zeros(slots, "float32"), np.zeros(slots, bool)
        step = 0
        with progress(n, "image") as bar:
            while waiting or busy.any():
                for slot in np.flatnonzero(~busy)[: len(waiting)]:
                    image[slot], start[slot] = waiting.pop(0)
                    z[slot], damping[slot], taken[slot], busy[slot] = starts[start[slot], image[slot]], START, 0, True
                z, x_hat, loss, damping, cosine = (
                    np.array(part) for part in self._iterate(*map(tf.constant, (images[image], z, damping)))
                )
                taken, step = taken + 1, step + 1
                for slot in np.flatnonzero(busy):
                    i = image[slot]
                    if loss[slot] < best_loss[i]:
                        best_z[i], best_images[i], best_loss[i] = z[slot], x_hat[slot], loss[slot]
                    history[i].append(best_loss[i])
                solved = loss <= self.tolerance
                over = busy & (solved | (cosine < 1e-4) | (damping > LARGEST) | (taken >= steps))
                again = over & ~solved & (start + 1 < restarts)
                waiting += [(image[slot], start[slot] + 1) for slot in np.flatnonzero(again)]
                busy &= ~over
                bar.update(int((over & ~again).sum()))
                for callback in callbacks:
                    callback(step, best_z, best_images, best_loss)
        steps_taken = np.array([len(losses) for losses in history])
        longest = steps_taken.max()
        losses = np.stack([np.pad(row, (0, longest - len(row)), mode="edge") for row in history], axis=1)
        return Inversion(best_z, best_images, best_loss, {"step": np.arange(1, longest + 1), "loss": losses},
                         steps_taken, time.perf_counter() - started)  # fmt: skip


def _finite(values):
    """Return the values with 0 for NaN and infinity: no direction to go, and no reason to stop the others."""
    return tf.where(tf.math.is_finite(values), values, 0.0)


def _in_float32(generator):
    """Return the generator itself if all of it computes in float32, else a copy that does."""
    if all(layer.compute_dtype == "float32" for layer in _layers(generator)):
        return generator
    copy = keras.models.clone_model(
        generator, recursive=True,
        clone_function=lambda layer: type(layer).from_config(layer.get_config() | {"dtype": "float32"}),
    )  # fmt: skip
    copy.set_weights(generator.get_weights())
    return copy


def _layers(model):
    """Return the layers of a model, those of models in it included."""
    return [inner for layer in model.layers for inner in (_layers(layer) if hasattr(layer, "layers") else [layer])]
