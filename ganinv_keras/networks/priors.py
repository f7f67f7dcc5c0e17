"""Priors: what z is drawn from, and what is improbable under it."""

import math
from dataclasses import dataclass

import keras
import numpy as np
from keras import ops
from scipy.special import ndtr


@dataclass(frozen=True)
class Uniform:
    """`z ~ U(low, high)`, each of `dim` elements drawn independently.

    Args:
        dim: number of latent dimensions, `d`.
        low: lower end of the interval. Defaults to -1.
        high: upper end of the interval. Defaults to 1.
    """

    dim: int
    low: float = -1.0
    high: float = 1.0

    @property
    def mean(self):
        """Mean of every element of z."""
        return (self.low + self.high) / 2

    @property
    def std(self):
        """Standard deviation of every element of z, `(high - low) / √12`."""
        return (self.high - self.low) / 12**0.5

    def sample(self, n, seed):
        """Draw `n` latents, float32 of shape `(n, dim)`. `seed` is an int or a `keras.random.SeedGenerator`."""
        return keras.random.uniform((n, self.dim), self.low, self.high, dtype="float32", seed=seed)

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

    low: float = 0.0
    high: float = math.pi / 2

    def sample(self, n, seed):
        """Draw `n` latents like `Uniform`, but a millionth away from both ends: there a coordinate would be 0."""
        return ops.clip(super().sample(n, seed), self.low + 1e-6, self.high - 1e-6)


@dataclass(frozen=True)
class Normal:
    """`z ~ N(0, 1)`, each of `dim` elements drawn independently.

    Args:
        dim: number of latent dimensions, `d`.
    """

    dim: int

    mean = 0.0
    std = 1.0

    def sample(self, n, seed):
        """Draw `n` latents, float32 of shape `(n, dim)`. `seed` is an int or a `keras.random.SeedGenerator`."""
        return keras.random.normal((n, self.dim), dtype="float32", seed=seed)

    def improbable(self, z):
        """Say of every element of `z` whether `|z| > 3`: the prior draws such a value 27 times in 10,000."""
        return ops.abs(z) > 3.0

    def cdf(self, z):
        """Return the probability that an element is at most z, a NumPy array of the shape of `z`."""
        return ndtr(np.asarray(z))
