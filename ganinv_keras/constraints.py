"""What keeps z probable under its prior during inversion: a clip after every step, or a penalty in the loss."""

from dataclasses import dataclass

from keras import ops


@dataclass(frozen=True)
class Clip:
    """Clip every element of z to `[low, high]` after every step (Creswell & Bharath, Section 2.3).

    Args:
        prior: a `Uniform` prior, whose interval it is.
    """

    prior: object

    def __call__(self, z):
        """Return z clipped, of the same shape `(n, d)`."""
        return ops.clip(z, self.prior.low, self.prior.high)


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

    def __call__(self, z):
        """Return the penalty of latents `(n, d)`, a scalar."""
        mean_error = self.prior.mean - ops.mean(z)
        std_error = self.prior.std - ops.std(z)
        return self.gamma_1 * ops.square(mean_error) + self.gamma_2 * ops.square(std_error)
