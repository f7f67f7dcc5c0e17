"""Find the z of an image by gradient descent through the generator, many images and restarts at a time."""

import time

import keras
import numpy as np
from keras import ops

from ganinv_keras import losses
from ganinv_keras.checks import check_images, check_name, check_positive_integer, check_prior
from ganinv_keras.inversion.constraints import Resampling
from ganinv_keras.inversion.descent import Descent
from ganinv_keras.inversion.record import Inversion
from ganinv_keras.progress import progress


def default_optimizer(steps):
    """Return the Adam of this course: a learning rate that falls from 0.3 along a cosine, β₁ = 0.7 and β₂ = 0.9.

    The gradient of a reconstruction loss shrinks by orders of magnitude on the way. Adam's own β₂ = 0.999 remembers
    the large gradients of the start for a thousand steps, and its steps stay too small; 0.9 forgets them within ten.
    Notebook 02 measures the difference.
    """
    schedule = keras.optimizers.schedules.CosineDecay(0.3, steps, alpha=0.05)
    return keras.optimizers.Adam(schedule, beta_1=0.7, beta_2=0.9)


class LatentOptimizer:
    """Invert a generator by gradient descent on z (Creswell & Bharath, Algorithm 1).

    Minimises, for a batch, the sum over images of each image's loss, so that one image's gradient does not depend on
    how many others there are (eqs. 2 to 4).

    Args:
        generator: a Keras model with one input, z of shape `(n, d)`, and images in [0, 1] as its output.
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

    Raises:
        ValueError: if the generator takes several inputs, the prior has another dimension, a name is unknown, or the
            constraint redraws from another prior.
    """

    def __init__(self, generator, prior, loss="bce", constraint=None, penalty=None, restarts=1, batch_norm="inference",
                 reset_moments=True):  # fmt: skip
        check_prior(prior, generator)
        if isinstance(constraint, Resampling) and not constraint.suits(prior):
            raise ValueError(f"{constraint} does not redraw from {prior}: use StochasticClip(prior) with a uniform "
                             "prior, the cutoffs with a normal one.")  # fmt: skip
        self.generator = generator
        self.prior = prior
        self.loss = losses.reconstruction(loss)
        self.constraint = constraint
        self.penalty = penalty
        self.restarts = check_positive_integer(restarts, "restarts")
        self.batch_norm = check_name(batch_norm, ("inference", "batch"), "batch_norm mode")
        self.reset_moments = reset_moments
        self._descent = None

    def invert(self, images, steps=500, optimizer=None, initial_z=None, batch_size=256, tolerance=None, seed=0,
               callbacks=()):  # fmt: skip
        """Invert images.

        Args:
            images: float32 in [0, 1], shape `(n, height, width, channels)`, the generator's.
            steps: gradient steps at most. Defaults to 500.
            optimizer: a Keras optimiser; a copy of it is used. Defaults to `default_optimizer(steps)`.
            initial_z: where to start, shape `(n, d)`, or `(n, restarts, d)`. Defaults to draws from the prior.
            batch_size: rows (images times restarts) computed at a time, at least one image with its restarts: it
                bounds the memory. Defaults to 256.
            tolerance: an image whose loss changes by less than this from one step to the next has converged, and is
                frozen; when all have, the loop ends. Defaults to None: all steps are taken.
            seed: seed of the starts, and of what a `Resampling` redraws. Defaults to 0.
            callbacks: functions `(step, z, images, loss)`, called at the steps of `Inversion.history` with the best
                so far of the images of the batch at hand.

        Returns:
            An `Inversion`.

        Raises:
            ValueError: if the images are not as described (the message says how to mend them), `steps` or
                `batch_size` is less than 1, or `initial_z` has another shape.
        """
        started = time.perf_counter()
        images = check_images(images, self.generator.output_shape[1:])
        steps = check_positive_integer(steps, "steps")
        n, r, d = len(images), self.restarts, self.prior.dim
        if initial_z is None:
            initial_z = self.prior.sample(n * r, seed)
        initial_z = ops.convert_to_numpy(initial_z).astype("float32")
        if initial_z.shape not in {(n * r, d), (n, r, d)}:
            raise ValueError(f"initial_z must have the shape {(n, d) if r == 1 else (n, r, d)}, got {initial_z.shape}")
        initial_z = initial_z.reshape(n, r, d)

        # Batches of one size, so that the loop is compiled once; the last is filled up with the first images.
        count = -(-n // max(1, check_positive_integer(batch_size, "batch_size") // r))
        size = -(-n // count)
        descent = self._compiled(size * r, keras.optimizers.get(optimizer or default_optimizer(steps)))
        descent.begin_run(steps, seed)
        reports = _report_steps(steps)
        records = []
        with progress(count * steps, "step") as bar:
            for first in range(0, n, size):
                index = np.arange(first, first + size) % n
                kept = min(size, n - first)
                descent.begin(np.repeat(images[index], r, axis=0), initial_z[index].reshape(size * r, d))
                history = [descent.read("loss")]
                for before, after in zip(reports[:-1], reports[1:], strict=True):
                    descent.advance(after - before, -1.0 if tolerance is None else tolerance)
                    history.append(descent.read("loss"))
                    bar.update(after - before)
                    bar.set_postfix(loss=f"{descent.read('best_loss')[: kept * r].mean():.4f}")
                    if callbacks:
                        best = {key: value[:kept] for key, value in descent.best(r).items()}
                        for callback in callbacks:
                            callback(after, best["z"], best["images"], best["loss"])
                best = descent.best(r)
                best["history"] = np.stack(history, 1)[best["row"]]
                records.append({key: value[:kept] for key, value in best.items()})
        z, best_images, loss, history, taken = (
            np.concatenate([record[key] for record in records])
            for key in ("z", "images", "loss", "history", "steps_taken")
        )
        return Inversion(z, best_images, loss, {"step": np.array(reports), "loss": history.T}, taken,
                         time.perf_counter() - started)  # fmt: skip

    def _compiled(self, rows, optimizer):
        """Return the compiled loop for this many rows and this optimiser, the last one again if it fits."""
        config = optimizer.get_config()
        key = rows, type(optimizer), repr(config | {"name": None})
        if self._descent is None or self._descent.key != key:
            self._descent = Descent(self, rows, type(optimizer).from_config(config))
            self._descent.key = key
        return self._descent


def _report_steps(steps):
    """List the steps at which the loss is read: dense at the start, then at least every fiftieth of the way."""
    dense = np.geomspace(1, steps, 50)
    even = np.linspace(0, steps, 51)
    return sorted({round(step) for step in np.concatenate([dense, even])})
