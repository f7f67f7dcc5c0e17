"""What keeps z probable under its prior during inversion: after every step a clip or a resampling, or a penalty."""

import math
from dataclasses import dataclass

import numpy as np
from keras import ops

from ganinv_keras.checks import check_number
from ganinv_keras.draws import uniform
from ganinv_keras.networks.priors import Normal, Uniform


@dataclass(frozen=True)
class Clip:
    """Clip every element of z to `[low, high]` after every step (Creswell & Bharath, Section 2.3).

    Args:
        prior: a `Uniform` prior, whose interval it is. Another is a `ValueError`.
    """

    prior: object

    def __post_init__(self):
        _check_interval(self)

    def __call__(self, z):
        """Return z clipped, of the same shape `(n, d)`."""
        return ops.clip(z, self.prior.low, self.prior.high)


class Resampling:
    """Draw elements of z anew that the prior would hardly have drawn (Egan et al., Section 3.2 and Algorithm 1).

    A subclass says with which probability `P(R|z)` an element that stays at z is to be redrawn *within a whole run*,
    as `log_keep(z) = log(1 - P(R|z))`: a probability that rounds to 1 still has a logarithm of what is left.
    """

    def log_keep(self, z):
        """Return `log(1 - P(R|z))` of every element, of the shape of z."""
        raise NotImplementedError

    def suits(self, prior):
        """Say whether the criterion redraws from this prior."""
        return prior == Normal(prior.dim)

    def draw(self, z, seed):
        """Return what elements are replaced by: draws from N(0, 1), of the shape of z."""
        return math.sqrt(2.0) * ops.erfinv(2.0 * uniform(z, seed) - 1.0)

    def probability(self, z):
        """Return `P(R|z)` of every element: the probability that it is redrawn within a whole run."""
        return -ops.expm1(self.log_keep(z))

    def hazard(self, z, steps):
        """Return the probability that an element is redrawn at one step of `E = steps`: `1 - (1 - P(R|z))^(1/E)`."""
        return -ops.expm1(self.log_keep(z) / ops.cast(steps, "float32"))

    def __call__(self, z, steps, seed):
        """Return z of shape `(n, d)` after one step of `steps`, with some elements redrawn, each by a draw of its own.

        `seed` is a `keras.random.SeedGenerator`; with `RowSeeds`, as in `LatentOptimizer`, what is drawn for a row
        does not depend on its batch.
        """
        return ops.where(self.hazard(z, steps) > uniform(z, seed), self.draw(z, seed), z)


@dataclass(frozen=True)
class StochasticClip(Resampling):
    """Redraw every element that leaves `[low, high]`, at once (Lipton & Tripathi's stochastic clipping).

    Args:
        prior: a `Uniform` prior, whose interval it is. Another is a `ValueError`.
    """

    prior: object

    def __post_init__(self):
        _check_interval(self)

    def suits(self, prior):
        """Say whether the criterion redraws from this prior."""
        return prior == self.prior

    def log_keep(self, z):
        """Return 0 inside the interval and -∞ outside."""
        return ops.where(self.prior.improbable(z), -np.inf, 0.0)

    def draw(self, z, seed):
        """Return draws from the prior, of the shape of z; like those of `Angular`, a millionth away from both ends."""
        return self.prior.low + (self.prior.high - self.prior.low) * ops.clip(uniform(z, seed), 1e-6, 1.0 - 1e-6)


@dataclass(frozen=True)
class HardCutoff(Resampling):
    """`P(R|z) = [|z| > c]` (Egan et al., Section 3.2.1, which prints `<`). With c = ∞ nothing is ever redrawn.

    Args:
        c: the cutoff, in standard deviations, at least 0.
    """

    c: float

    def __post_init__(self):
        if not (isinstance(self.c, float) and self.c == math.inf):
            check_number(self.c, "c", 0)

    def log_keep(self, z):
        """Return 0 up to the cutoff and -∞ beyond."""
        return ops.where(ops.abs(z) > self.c, -np.inf, 0.0)


@dataclass(frozen=True)
class LogisticCutoff(Resampling):
    """`P(R|z) = 1 / (1 + exp(-a (|z| - b)))` (Egan et al., Section 3.2.2).

    Args:
        a: steepness, at least 0.
        b: the |z| at which P(R|z) is ½.
    """

    a: float
    b: float

    def __post_init__(self):
        check_number(self.a, "a", 0)
        check_number(self.b, "b")

    def log_keep(self, z):
        """Return `-log(1 + exp(a (|z| - b)))`."""
        return -ops.softplus(self.a * (ops.abs(z) - self.b))


@dataclass(frozen=True)
class TruncatedNormalCutoff(Resampling):
    """`P(R|z) = N(a) / N(z)` up to |z| = a, with the normal density N, and 1 beyond (Egan et al., Section 3.2.3).

    Args:
        a: where the probability reaches 1, in standard deviations, at least 0.
    """

    a: float

    def __post_init__(self):
        check_number(self.a, "a", 0)

    def log_keep(self, z):
        """Return `log(1 - exp((z² - a²) / 2))` up to a, and -∞ beyond."""
        return ops.log1p(-ops.exp(ops.minimum(ops.square(z) - self.a**2, 0.0) / 2.0))


@dataclass(frozen=True)
class SharedDraw(Resampling):
    """A criterion as Egan et al. ran it: whatever is redrawn of one z at one step is replaced by the *same* number.

    Args:
        criterion: the `Resampling` whose probabilities are used.
    """

    criterion: Resampling

    def __post_init__(self):
        if not isinstance(self.criterion, Resampling):
            raise ValueError(f"SharedDraw needs a Resampling, such as LogisticCutoff(2, 2), got {self.criterion!r}.")

    def suits(self, prior):
        """Say whether the criterion redraws from this prior."""
        return self.criterion.suits(prior)

    def log_keep(self, z):
        """Return the criterion's."""
        return self.criterion.log_keep(z)

    def draw(self, z, seed):
        """Return one draw for each z, repeated over its elements."""
        return ops.broadcast_to(self.criterion.draw(z, seed)[:, :1], ops.shape(z))


@dataclass(frozen=True)
class SideBySide(Resampling):
    """Several constraints in one batch: the first for the first rows of z, and so on, in equal parts.

    Args:
        constraints: a tuple of constraints; None leaves its part as it is.
    """

    constraints: tuple

    def __post_init__(self):
        if not isinstance(self.constraints, tuple):
            raise ValueError(f"SideBySide needs a tuple of constraints, got {self.constraints!r}.")

    def suits(self, prior):
        """Say whether all criteria among the constraints redraw from this prior."""
        return all(c.suits(prior) for c in self.constraints if isinstance(c, Resampling))

    def __call__(self, z, steps, seed):
        """Return z after one step.

        Raises:
            ValueError: if its rows are no multiple of the number of constraints.
        """
        if ops.shape(z)[0] % len(self.constraints):
            raise ValueError(f"SideBySide needs a multiple of {len(self.constraints)} rows, got {ops.shape(z)[0]}: "
                             "give each constraint as many images, all in one batch.")  # fmt: skip
        parts = zip(self.constraints, ops.split(z, len(self.constraints)), strict=True)
        return ops.concatenate([constrain(constraint, part, steps, seed) for constraint, part in parts])


def constrain(constraint, z, steps, seed):
    """Return z of shape `(n, d)` after one step of `steps` under any constraint: None, a function or a `Resampling`."""
    if isinstance(constraint, Resampling):
        return constraint(z, steps, seed)
    return z if constraint is None else constraint(z)


@dataclass(frozen=True)
class MomentPenalty:
    """The two regularisation terms of Creswell & Bharath, eq. 5, over a whole batch.

    `γ₁ (μ - μ̂)² + γ₂ (σ - σ̂)²`, where μ̂ and σ̂ are the mean and the standard deviation of all elements of all z in
    the batch. It is added to the loss of every image of the batch.

    Args:
        prior: the prior whose μ and σ are wanted.
        gamma_1: weight of the mean, γ₁. Defaults to 1, the paper's.
        gamma_2: weight of the standard deviation, γ₂. Defaults to 1, the paper's.
    """

    prior: object
    gamma_1: float = 1.0
    gamma_2: float = 1.0

    def __post_init__(self):
        check_number(getattr(self.prior, "mean", None), "prior.mean")
        check_number(self.gamma_1, "gamma_1", 0)
        check_number(self.gamma_2, "gamma_2", 0)

    def __call__(self, z):
        """Return the penalty of latents `(n, d)`, a scalar."""
        mean_error = self.prior.mean - ops.mean(z)
        std_error = self.prior.std - ops.std(z)
        return self.gamma_1 * ops.square(mean_error) + self.gamma_2 * ops.square(std_error)


def _check_interval(constraint):
    if not isinstance(constraint.prior, Uniform):
        raise ValueError(f"{type(constraint).__name__} needs a Uniform prior, whose interval it is, "
                         f"got {constraint.prior!r}.")  # fmt: skip
