"""Priors: what z is drawn from, and what is improbable under it."""

import math
from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from scipy.special import ndtr

from ganinv_keras.checks import LARGEST_LATENT, check_number, check_positive_integer, check_seed


def as_seed(seed):
    """Return `seed` as `keras.random` takes it, an int or a `keras.random.SeedGenerator`, or raise a `ValueError`."""
    return seed if isinstance(seed, keras.random.SeedGenerator) else check_seed(seed)


def _check_n(n):
    """Return a number of latents as it is if it is a symbolic tensor, the size of a batch, else as an int."""
    if tf.is_tensor(n) and not hasattr(n, "numpy"):
        return n
    return check_positive_integer(n.numpy() if tf.is_tensor(n) else n, "n")


def _set_dim(prior):
    object.__setattr__(prior, "dim", check_positive_integer(prior.dim, "dim"))  # the dataclass is frozen


@dataclass(frozen=True)
class Uniform:
    """`z ~ U(low, high)`, each of `dim` elements drawn independently.

    Args:
        dim: number of latent dimensions, `d`.
        low: lower end of the interval. Defaults to -1.
        high: upper end of the interval. Defaults to 1.

    Raises:
        ValueError: if `dim` is no whole number from 1 on, or `low` is not below `high`.
    """

    dim: int
    low: float = -1.0
    high: float = 1.0

    def __post_init__(self):
        _set_dim(self)
        low, high = (check_number(getattr(self, end), end, -LARGEST_LATENT, LARGEST_LATENT) for end in ("low", "high"))
        if not np.float32(low) < np.float32(high):
            raise ValueError("Invalid value received for argument `high`. "
                             f"Expected a number above low={low:g}. Received: {high:g}")  # fmt: skip
        object.__setattr__(self, "low", low)
        object.__setattr__(self, "high", high)

    @property
    def mean(self):
        """Mean of every element of z."""
        return (self.low + self.high) / 2

    @property
    def std(self):
        """Standard deviation of every element of z, `(high - low) / √12`."""
        return (self.high - self.low) / 12**0.5

    def sample(self, n, seed):
        """Draw `n` latents, float32 of shape `(n, dim)`. `seed` is an int or a `keras.random.SeedGenerator`.

        Raises:
            ValueError: if `n` is no whole number from 1 on, or `seed` is neither.
        """
        shape = _check_n(n), self.dim
        return keras.random.uniform(shape, self.low, self.high, dtype="float32", seed=as_seed(seed))

    def improbable(self, z):
        """Say of every element of `z` whether it lies outside `[low, high]`: the prior never draws such a value."""
        return ops.logical_or(z < self.low, z > self.high)

    def cdf(self, z):
        """Return the probability that an element is at most z, a NumPy array of the shape of `z`."""
        return np.clip((np.asarray(z) - self.low) / (self.high - self.low), 0.0, 1.0)


@dataclass(frozen=True)
class Angular(Uniform):
    """`z ~ U(0, π/2)`, each of `dim` angles drawn independently: a point on the sphere of `dim` + 1 dimensions.

    Args:
        dim: number of angles, `d`.
    """

    low: float = field(default=0.0, init=False)
    high: float = field(default=math.pi / 2, init=False)

    def sample(self, n, seed):
        """Draw `n` latents like `Uniform`, but a millionth away from both ends: there a coordinate would be 0."""
        return ops.clip(super().sample(n, seed), self.low + 1e-6, self.high - 1e-6)


@dataclass(frozen=True)
class Normal:
    """`z ~ N(0, 1)`, each of `dim` elements drawn independently.

    Args:
        dim: number of latent dimensions, `d`.

    Raises:
        ValueError: if `dim` is no whole number from 1 on.
    """

    dim: int

    mean = 0.0
    std = 1.0

    def __post_init__(self):
        _set_dim(self)

    def sample(self, n, seed):
        """Draw `n` latents, float32 of shape `(n, dim)`. `seed` is an int or a `keras.random.SeedGenerator`.

        Raises:
            ValueError: if `n` is no whole number from 1 on, or `seed` is neither.
        """
        return keras.random.normal((_check_n(n), self.dim), dtype="float32", seed=as_seed(seed))

    def improbable(self, z):
        """Say of every element of `z` whether `|z| > 3`: the prior draws such a value 27 times in 10,000."""
        return ops.abs(z) > 3.0

    def cdf(self, z):
        """Return the probability that an element is at most z, a NumPy array of the shape of `z`."""
        return ndtr(np.asarray(z))
