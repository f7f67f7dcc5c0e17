"""Find the z of an image by Levenberg–Marquardt: non-linear least squares with the whole Jacobian of the generator."""

import functools
import time
import warnings

import numpy as np
import tensorflow as tf
from scipy import stats

from ganinv_keras import checks, device
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.inversion.latent_optimizer import LatentOptimizer
from ganinv_keras.inversion.measurements import check_measurement, take
from ganinv_keras.inversion.normal_equations import (
    covariance,
    damped_step,
    error_bars,
    is_well_conditioned,
    values_seen,
)
from ganinv_keras.inversion.record import Inversion, warn_of_losses
from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.labels import draw, one_hot, tried_labels, with_label
from ganinv_keras.progress import progress

START, LARGEST = 1e-3, 1e8  # damping: the first; no step is left to take


class LevenbergMarquardt:
    """Invert a generator by Levenberg–Marquardt, for latents to more digits than gradient descent finds.

    Near a solution `G(z + δ) ≈ G(z) + J δ`, and the δ that then explains the image best solves the normal equations
    `JᵀJ δ = Jᵀ(x - G(z))` (Gauss–Newton). Far from it the step is damped:
    `(JᵀJ + λ diag(JᵀJ)) δ = Jᵀ(x - G(z))`. Every iteration tries four λ, 0.1, 1, 10 and 100 times the image's last
    one, and keeps the best; if none lowers the error, λ grows a thousandfold. The loss is the mean squared error.

    Images and losses are computed in float32, the small equations in float64, whatever the generator's dtype policy.
    Where the device multiplies bfloat16 (`device.precision`) and JᵀJ is well conditioned, the Jacobian is computed in
    it: a step then goes in a direction that is right to two decimals, and is judged in float32. If the generator cannot
    be inverted this way, because fewer values are seen than z has elements and no `noise` is given, or because
    TensorFlow cannot differentiate it, a warning says so, and a `LatentOptimizer` does the work.

    The arguments are attributes, and one that is changed counts from the next call of `invert` on.

    Args:
        generator: a Keras model from z of shape `(n, d)`, or from z and a class in one-hot code, `(n, K)`, to images
            in [0, 1]. Its weights may change between calls, its layers may not.
        prior: what z was drawn from when the generator was trained, such as `Normal(100)`.
        tolerance: loss at which an image counts as solved, at least 0. Defaults to 1e-14.
        measurement: what is seen of the images, such as `Pixels(indices)` (`inversion.measurements`): the loss compares
            what was seen with what is seen of G(z). Defaults to None: whole images.

    Attributes:
        obstacle: why the generator that was last prepared, at construction or by `invert`, cannot be inverted this way,
            or None.

    Raises:
        ValueError: if the generator takes other inputs or makes no images, the prior has another dimension, or the
            tolerance is no number from 0 on.
    """

    def __init__(self, generator, prior, tolerance=1e-14, measurement=None):
        self.generator = generator
        self.prior = prior
        self.tolerance = tolerance
        self.measurement = measurement
        # what for; the generator in float32 and in bfloat16; what is compiled; what forbids it
        self._prepared = (None, None), None, None, None, None
        self._prepare()

    def _prepare(self, given=0.0):
        """Check the attributes as they are, and return the generator in float32, what is compiled, the tolerance."""
        checks.check_prior(self.prior, self.generator, inputs=2)
        checks.check_image_model(self.generator)
        tolerance = checks.check_number(self.tolerance, "tolerance", 0)
        check_measurement(self.measurement, self.generator.output_shape[1:])
        wanted = self.generator, self.measurement
        if any(old is not new for old, new in zip(self._prepared[0], wanted, strict=True)):
            exact = device.computing_in("float32", self.generator)
            draws = exact(with_label(*draw(exact, self.prior, 8, 0)), training=False)
            checks.warn_of_range(draws.numpy(), stacklevel=4)
            obstacle, halved = _find_obstacle(exact, self.prior), None
            rough = device.precision() == "mixed_bfloat16" and not obstacle
            if rough and is_well_conditioned(exact, self.prior, self.measurement):
                halved = device.computing_in("mixed_bfloat16", self.generator)
            parts = (functools.partial(damped_step, exact, half=halved, measurement=self.measurement),
                     functools.partial(covariance, exact, self.measurement))  # fmt: skip
            compiled = [tf.function(part, autograph=False) for part in parts]
            self._prepared = wanted, exact, halved, compiled, obstacle
        _, exact, halved, compiled, obstacle = self._prepared
        self.obstacle = obstacle or (None if given else _find_shortage(exact, self.prior, self.measurement))
        for copy in (exact, halved):
            if copy and copy is not self.generator:
                copy.set_weights(self.generator.get_weights())
        return exact, compiled, tolerance

    def invert(self, images, steps=50, restarts=10, initial_z=None, batch_size=10, seed=0, callbacks=(), noise=None,
               labels=None):  # fmt: skip
        """Invert images.

        A start is given up when the gradient vanishes (`cosine` below 1e-4), when no damping helps any more, when with
        a given `noise` an iteration raises the log posterior by less than 5e-4, or after `steps` iterations. The
        image's next start, or the next image, takes its place in the batch at once.

        Args:
            images: float32 in [0, 1], shape `(n, height, width, channels)`, the generator's; with a `measurement` what
                was seen of them, or whole images that are then measured.
            steps: iterations at most for each start. Defaults to 50.
            restarts: how many starts each image is given at most; the next one only while the loss of all before it
                is above `tolerance`. Use 1 for photographs, whose loss never falls so far. Defaults to 10.
            initial_z: first start of each image, shape `(n, d)`. Defaults to draws from the prior, as do restarts.
            batch_size: images computed at a time; the memory is that of `d` times as many. Defaults to 10.
            seed: seed of the starts. Defaults to 0.
            callbacks: functions `(step, z, images, loss)`, called after each iteration of the batch with copies of the
                best so far of all images. An image that waits for its turn has its start's, and an infinite loss.
            noise: σ, standard deviation of the noise in each value that was seen, 1 / (255 √12) of pixels that were
                rounded to bytes. What is found is then the most probable z under a normal prior of the prior's mean
                and deviation s, and the loss is the mean squared error plus `σ² ‖(z - mean) / s‖² / m`; an image that
                the noise explains (χ² at 1 %) gets no other start; and the inversion has error bars, see
                `normal_equations.error_bars`. `"residual"` takes σ for the bars from what is left of each image, and
                nothing else. A `LatentOptimizer` that does the work ignores it. Defaults to None: neither.
            labels: for a generator that takes a class, that of each image, whole numbers `(n,)`. Defaults to None:
                unknown. Every start is then tried with one class after the other.

        Returns:
            An `Inversion`. Its history and `steps_taken` count iterations, those of earlier starts included. Where no
            loss of an image was finite, a warning names it, and its z and image are those of the first start.

        Raises:
            ValueError: if the images are not as described, `steps`, `restarts` or `batch_size` is less than 1,
                `initial_z` has another shape or is not finite, or a weight of the generator is not finite.
        """
        unknown = noise is None or (isinstance(noise, str) and noise == "residual")
        given = 0.0 if unknown else checks.check_number(noise, "noise", 1e-9, 1e9)
        generator, (damped, covered), tolerance = self._prepare(given)
        steps = checks.check_positive_integer(steps, "steps")
        restarts = checks.check_positive_integer(restarts, "restarts")
        batch_size = checks.check_positive_integer(batch_size, "batch_size")
        if self.obstacle:
            warnings.warn(f"Levenberg–Marquardt does not work for this generator: {self.obstacle}. "
                          "LatentOptimizer inverts it instead, by gradient descent.", stacklevel=2)  # fmt: skip
            descent = LatentOptimizer(generator, self.prior, "mse", precision="float32", measurement=self.measurement)
            return descent.invert(images, initial_z=initial_z, seed=seed, callbacks=callbacks, labels=labels)
        started = time.perf_counter()
        checks.check_weights(generator, "generator")
        y, own = take(self.measurement, images, generator.output_shape[1:])
        callbacks = checks.check_functions(callbacks, "callbacks")
        n, d = len(y), self.prior.dim
        drawn = self.prior.sample(n * restarts, checks.check_seed(seed))
        starts = checks.check_latents(drawn, "what the prior draws", (n * restarts, d)).reshape(restarts, n, d)
        if initial_z is not None:
            starts[0] = checks.check_latents(initial_z, "initial_z", (n, d))
        tried = tried_labels(labels, generator, n)
        if tried is not None:
            starts, tried = np.repeat(starts, tried.shape[1], axis=0), np.tile(tried, restarts)  # (n, starts)

        m = int(np.prod(y.shape[1:]))
        pull, mean = (tf.constant(value, "float32") for value in (given / self.prior.std, self.prior.mean))
        damped = functools.partial(damped, pull=pull, mean=mean)
        seen = values_seen(self.measurement, y, own, generator.output_shape[1:])
        explains = np.maximum(tolerance, given**2 * stats.chi2.ppf(0.99, seen) / m)
        best_z, best_loss = starts[0].copy(), np.full(n, np.inf, "float32")
        best_label = None if tried is None else tried[:, 0].copy()
        best_images = predict(generator, with_label(best_z, one_hot(best_label, generator)), batch_size)
        history = [[] for _ in range(n)]
        slots = _Slots(min(batch_size, n), starts)
        step = 0
        with progress(n, "image") as bar:
            while slots.fill():
                label = None if tried is None else tried[slots.image, slots.start]
                rows = (y[slots.image], slots.z, slots.damping, *(array[slots.image] for array in own))
                found = damped(*map(tf.constant, rows), label=one_hot(label, generator))
                slots.z, x_hat, loss, slots.damping, cosine = map(np.array, found)
                with np.errstate(invalid="ignore"):  # infinity from infinity
                    gained, slots.loss = (slots.loss - loss) * m, loss
                slots.taken, step = slots.taken + 1, step + 1
                for slot in np.flatnonzero(slots.busy):
                    i = slots.image[slot]
                    if loss[slot] < best_loss[i]:
                        best_z[i], best_images[i], best_loss[i] = slots.z[slot], x_hat[slot], loss[slot]
                        if tried is not None:
                            best_label[i] = label[slot]
                    history[i].append(best_loss[i])
                solved, explained = loss <= np.float64(tolerance), loss <= explains[slots.image]
                settled = (gained > 0) & (gained < 1e-3 * given**2)
                ended = settled | (cosine < 1e-4) | (slots.damping > LARGEST) | (slots.taken >= steps)
                bar.update(slots.free(solved | ended, explained))
                for callback in callbacks:
                    callback(step, best_z.copy(), best_images.copy(), best_loss.copy())
        steps_taken = np.array([len(losses) for losses in history])
        longest = steps_taken.max()
        losses = np.stack([np.pad(row, (0, longest - len(row)), mode="edge") for row in history], axis=1)
        warn_of_losses(best_loss)
        arguments = y, own, seen, best_z, given or noise, self.prior, batch_size, one_hot(best_label, generator)
        bars = {} if noise is None else error_bars(covered, *arguments)
        return Inversion(best_z, best_images, best_loss, {"step": np.arange(1, longest + 1), "loss": losses},
                         steps_taken, time.perf_counter() - started, labels=best_label, **bars)  # fmt: skip


class _Slots:
    """The starts that are under way, one a slot of the batch. When one is over, the next takes its place at once.

    Args:
        size: number of slots.
        starts: `starts[k, i]` is where start k of image i begins, shape `(restarts, n, d)`.
    """

    def __init__(self, size, starts):
        self.starts = starts
        self.waiting = [(image, 0) for image in range(starts.shape[1])]
        self.image, self.start, self.taken = np.zeros((3, size), int)
        self.loss = np.full(size, np.inf, "float32")
        self.z, self.damping = np.zeros((size, starts.shape[2]), "float32"), np.zeros(size, "float32")
        self.busy = np.zeros(size, bool)

    def fill(self):
        """Put waiting starts into free slots, and say whether any slot is busy."""
        for slot in np.flatnonzero(~self.busy)[: len(self.waiting)]:
            image, start = self.waiting.pop(0)
            self.image[slot], self.start[slot], self.z[slot] = image, start, self.starts[start, image]
            self.damping[slot], self.taken[slot], self.loss[slot], self.busy[slot] = START, 0, np.inf, True
        return self.busy.any()

    def free(self, over, explained):
        """Free the slots that are over; an unexplained image waits for its next start. Count the images that end."""
        over = over & self.busy
        again = over & ~explained & (self.start + 1 < len(self.starts))
        self.waiting += [(self.image[slot], self.start[slot] + 1) for slot in np.flatnonzero(again)]
        self.busy &= ~over
        return int((over & ~again).sum())


def _find_obstacle(generator, prior):
    """Return why TensorFlow cannot differentiate this generator, or None."""
    z, label = draw(generator, prior, 1, 0)
    try:
        tf.function(lambda: jacobian(generator, z, label=label), autograph=False).get_concrete_function()
    except (LookupError, TypeError, ValueError) as error:
        return str(error).strip().splitlines()[0]
    return None


def _find_shortage(generator, prior, measurement):
    """Return that fewer values are seen than z has elements, or None."""
    shape = generator.output_shape[1:]
    if (values := int(np.prod(measurement.seen_shape(shape) if measurement else shape))) >= prior.dim:
        return None
    what = f"what {measurement!r} sees of its images has" if measurement else "its images have"
    return f"{what} {values} values, fewer than the {prior.dim} elements of z"
