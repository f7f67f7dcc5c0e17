"""Find the z of an image by gradient descent through the generator, many images and restarts at a time."""

import contextlib
import time

import numpy as np
from keras import ops

from ganinv_keras import checks, device, losses
from ganinv_keras.inversion import optimizers
from ganinv_keras.inversion.constraints import Resampling
from ganinv_keras.inversion.descent import Descent, Settings
from ganinv_keras.inversion.measurements import check_measurement, take
from ganinv_keras.inversion.record import Inversion, warn_of_losses
from ganinv_keras.labels import draw, one_hot, tried_labels, with_label
from ganinv_keras.progress import progress

FEW = 8  # rows of a batch: below about so many, bfloat16 was no quicker, on digits and on faces


class LatentOptimizer:
    """Invert a generator by gradient descent on z (Creswell & Bharath, Algorithm 1).

    Minimises, for a batch, the sum over images of each image's loss, so that one image's gradient does not depend on
    how many others there are (eqs. 2 to 4).

    The arguments are attributes. One that is changed counts from the next call of `invert` on. Calls do not share
    state: threads and callbacks may use one inverter at the same time.

    Args:
        generator: a Keras model from z of shape `(n, d)`, or from z and a class in one-hot code, `(n, K)`, to images
            in [0, 1]. Its weights may change between calls, its layers may not.
        prior: what z was drawn from when the generator was trained, such as `Uniform(100)`.
        loss: `"bce"`, `"mse"`, `"mae"`, or a function `(x, x_hat) → (n,)`. Defaults to `"bce"`, the paper's.
        constraint: a function `z → z` applied after every step, such as `Clip(prior)`, or a `Resampling`, such as
            `LogisticCutoff(2, 2)`. Defaults to None.
        penalty: a function `z → scalar` over the batch, such as `MomentPenalty(prior)`. Defaults to None.
        restarts: how many starts to draw for each image; the one with the lowest loss is kept. Defaults to 1.
        batch_norm: `"inference"` uses the statistics of training, and each image is inverted for itself. `"batch"`
            uses the statistics of the batch at hand, as papers 1 and 2 do. Defaults to `"inference"`.
        reset_moments: whether the optimiser's moments are set to zero for elements that a `Resampling` redraws: they
            belong to the place that was left. Defaults to True.
        precision: `"mixed_bfloat16"` takes the first nine tenths of the steps with a copy of the generator in bfloat16,
            then measures the best so far anew and goes on in float32, as z, losses and moments are all along. An error
            in the image hardly differs; z has fewer right digits. A call with a `tolerance`, and a generator that is
            not in float32 or that Keras cannot copy, do without. `"float32"` computes all in float32: use it to
            recover z. Defaults to None: bfloat16 where the device multiplies it (`device.precision`) and a batch has 8
            rows or more, with fewer of which it gains nothing; else float32.
        measurement: what is seen of the images, such as `Mask(mask)` (`inversion.measurements`): the loss compares what
            was seen with what is seen of G(z). Defaults to None: whole images.

    Raises:
        ValueError: if the generator takes other inputs or makes no images, the prior has another dimension, a name
            is unknown, or the constraint redraws from another prior.
    """

    def __init__(self, generator, prior, loss="bce", constraint=None, penalty=None, restarts=1, batch_norm="inference",
                 reset_moments=True, precision=None, measurement=None):  # fmt: skip
        self.generator = generator
        self.prior = prior
        self.loss = loss
        self.constraint = constraint
        self.penalty = penalty
        self.restarts = restarts
        self.batch_norm = batch_norm
        self.reset_moments = reset_moments
        self.precision = precision
        self.measurement = measurement
        self._seen = None  # the generator whose images were looked at
        self._idle = None, []  # what the compiled loops that no call owns are compiled for, and they
        self._settings()

    def invert(self, images, steps=500, optimizer=None, initial_z=None, batch_size=256, tolerance=None, seed=0,
               callbacks=(), labels=None):  # fmt: skip
        """Invert images.

        The same images, settings, `seed` and `batch_size` give the same z, on a CPU to the bit. With another
        `batch_size` the starts are the same, and so is what a `Resampling` draws for an image at a step. But float32
        is rounded otherwise in a batch of another size, and descent magnifies that: after 150 steps elements of z may
        differ by tenths, where they hardly change the image. A `penalty` and `batch_norm="batch"` depend on the batch
        by their nature.

        Args:
            images: float32 in [0, 1], shape `(n, height, width, channels)`, the generator's; with a `measurement` what
                was seen of them, or whole images that are then measured.
            steps: gradient steps at most. Defaults to 500.
            optimizer: a Keras optimiser that treats every element of z for itself; a copy of it is used. Defaults to
                `default_optimizer(steps)`.
            initial_z: where to start, shape `(n, d)`, or `(n, restarts, d)`. Defaults to draws from the prior.
            batch_size: rows (images times restarts, and times K where the classes are unknown) computed at a time,
                at least one image with all of its own: it bounds the memory. Defaults to 256.
            tolerance: an image whose loss changes by less than this from one step to the next has converged, and is
                frozen; when all have, the loop ends. Defaults to None: all steps are taken.
            seed: seed of the starts, and of what a `Resampling` redraws. Defaults to 0.
            callbacks: functions `(step, z, images, loss)`, called at the steps of `Inversion.history` with copies of
                the best so far of the images of the batch at hand.
            labels: for a generator that takes a class, that of each image, whole numbers `(n,)`. Defaults to None:
                unknown. Every start is then tried with every class, and the best is kept.

        Returns:
            An `Inversion`. Where no loss of an image was finite, a warning names it, and its z and image are those of
            the start.

        Raises:
            ValueError: if the images are not as described (the message says how to mend them), a number is out of its
                range, `initial_z` has another shape or is not finite, the optimiser cannot be copied or mixes the rows
                of z, the loss has no gradient or another shape, or a weight of the generator is not finite.
        """
        started = time.perf_counter()
        settings = self._settings()
        checks.check_weights(settings.generator, "generator")
        y, own = take(settings.measurement, images, settings.generator.output_shape[1:])
        steps = checks.check_positive_integer(steps, "steps")
        batch_size = checks.check_positive_integer(batch_size, "batch_size")
        tolerance = -1.0 if tolerance is None else checks.check_number(tolerance, "tolerance", 0)
        seed = checks.check_seed(seed)
        callbacks = checks.check_functions(callbacks, "callbacks")
        n, r, d = len(y), int(self.restarts), self.prior.dim
        if initial_z is None:
            initial_z = self.prior.sample(n * r, seed)
        shapes = ((n, d), (n, 1, d)) if r == 1 else ((n, r, d), (n * r, d))
        initial_z = checks.check_latents(initial_z, "initial_z", *shapes).reshape(n, r, d)
        tried = tried_labels(labels, settings.generator, n)
        if tried is not None:
            initial_z, tried = np.repeat(initial_z, tried.shape[1], axis=1), np.tile(tried, r)
            r = tried.shape[1]

        # Batches of one size, so that the loop is compiled once; the last is filled up with the first images.
        count = -(-n // max(1, batch_size // r))
        size = -(-n // count)
        if self.precision is None and size * r < FEW:
            settings = settings._replace(precision="float32")
        reports = _report_steps(steps)
        halved = 0.9 * steps if tolerance < 0 else 0.0
        records = []
        optimizer = optimizers.default_optimizer(steps) if optimizer is None else optimizer
        with self._lend(settings, size * r, optimizer) as descent, progress(count * steps, "step") as bar:
            for first in range(0, n, size):
                index = np.arange(first, first + size) % n
                kept = min(size, n - first)
                rows, z = np.repeat(index, r), initial_z[index].reshape(size * r, d)
                label = None if tried is None else one_hot(tried[index].ravel(), settings.generator)
                descent.begin(y[rows], [array[rows] for array in own], z, label, steps, seed, first * r)
                history = [descent.read("loss")]
                for before, after in zip(reports[:-1], reports[1:], strict=True):
                    descent.advance(after - before, tolerance, half=after <= halved)
                    history.append(descent.read("loss"))
                    bar.update(after - before)
                    bar.set_postfix(loss=f"{descent.read('best_loss')[: kept * r].mean():.4f}")
                    for callback in callbacks:
                        best = descent.best(r)
                        callback(after, *(best[key][:kept] for key in ("z", "images", "loss")))
                best = descent.best(r)
                best["history"] = np.stack(history, 1)[best["row"]]
                records.append({key: value[:kept] for key, value in best.items()})
        z, best_images, loss, history, taken, row = (
            np.concatenate([record[key] for record in records])
            for key in ("z", "images", "loss", "history", "steps_taken", "row")
        )
        found = None if tried is None else tried[np.arange(n), row % r]
        warn_of_losses(loss)
        return Inversion(z, best_images, loss, {"step": np.array(reports), "loss": history.T}, taken,
                         time.perf_counter() - started, labels=found)  # fmt: skip

    def _settings(self):
        """Check the attributes as they are now, and return those that are compiled."""
        checks.check_prior(self.prior, self.generator, inputs=2)
        checks.check_image_model(self.generator)
        if self.generator is not self._seen:
            draws = self.generator(with_label(*draw(self.generator, self.prior, 8, 0)), training=False)
            checks.warn_of_range(ops.convert_to_numpy(draws), stacklevel=4)
            self._seen = self.generator
        for name in ("loss", "constraint", "penalty"):
            function = getattr(self, name)
            if isinstance(function, type) or not (callable(function) or function is None or name == "loss"):
                raise ValueError(f"Invalid value received for argument `{name}`. Expected a function, or an "
                                 f"object that is one, such as Clip(prior). Received: {function!r}")  # fmt: skip
        if isinstance(self.constraint, Resampling) and not self.constraint.suits(self.prior):
            raise ValueError(f"{self.constraint} does not redraw from {self.prior}: use StochasticClip(prior) with a "
                             "uniform prior, the cutoffs with a normal one.")  # fmt: skip
        checks.check_positive_integer(self.restarts, "restarts")
        checks.check_name(self.batch_norm, ("inference", "batch"), "batch_norm mode")
        best_here = "mixed_bfloat16" if device.precision() == "mixed_bfloat16" else "float32"
        precision = checks.check_name(self.precision or best_here, ("float32", "mixed_bfloat16"), "precision")
        check_measurement(self.measurement, self.generator.output_shape[1:])
        return Settings(self.generator, losses.reconstruction(self.loss), self.constraint, self.penalty,
                        self.batch_norm, self.reset_moments, precision, self.measurement)  # fmt: skip

    @contextlib.contextmanager
    def _lend(self, settings, rows, optimizer):
        """Lend a compiled loop to one call: an idle one that was compiled for the same, else a new one."""
        kind, config = optimizers.configuration(optimizer)
        key = *map(id, settings), rows, kind, repr(config)
        idle = self._idle
        if idle[0] != key:
            idle = self._idle = key, []  # what was compiled for other settings is forgotten
        try:
            descent = idle[1].pop()
        except IndexError:
            descent = Descent(settings, rows, optimizers.make(kind, config))
        try:
            yield descent
        finally:
            idle[1].append(descent)


def _report_steps(steps):
    """List the steps at which the loss is read: dense at the start, then at least every fiftieth of the way."""
    dense = np.geomspace(1, steps, 50)
    even = np.linspace(0, steps, 51)
    return sorted({round(step) for step in np.concatenate([dense, even])})
