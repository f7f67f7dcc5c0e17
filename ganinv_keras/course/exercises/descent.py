"""Checks of page 02: the moment penalty, the masked error, the share of improbable elements."""

import numpy as np

from ganinv_keras.course.exercises.report import exercise, expect
from ganinv_keras.inversion.constraints import MomentPenalty
from ganinv_keras.networks.priors import Normal, Uniform


@exercise("02")
def check_moment_penalty(moment_penalty):
    """Notebook 02, exercise 1: `moment_penalty(z, prior, gamma_1, gamma_2)` is eq. 5's two terms, a scalar."""
    z = Normal(3).sample(4, seed=0)
    for prior in (Uniform(3, 0.0, 1.0), Normal(3)):
        found = moment_penalty(z, prior, 2.0, 5.0)
        expect(np.shape(found) == (), f"The penalty is one number for the whole batch, got shape {np.shape(found)}.")
        expected = MomentPenalty(prior, 2.0, 5.0)(z)
        expect(np.isclose(found, expected, rtol=1e-4), f"For {prior} it should be {expected:.4f}, got {found:.4f}.")


@exercise("02")
def check_masked_error(masked_error):
    """Notebook 02, exercise 2: `masked_error(mask)` returns a loss that averages over the pixels of the mask."""
    mask = np.zeros((28, 28, 1), "float32")
    mask[:7] = 1
    x, x_hat = np.zeros((2, 28, 28, 1), "float32"), np.ones((2, 28, 28, 1), "float32")
    x_hat[1, :7] = 0.5
    found = np.asarray(masked_error(mask)(x, x_hat))
    expect(found.shape == (2,), f"There should be one number for each image, got shape {found.shape}.")
    expect(np.allclose(found, [1.0, 0.25]), f"Average over the visible pixels only: expected [1, 0.25], got {found}.")


@exercise("02")
def check_improbable_share(improbable_share):
    """Notebook 02, exercise 3: `improbable_share(z, prior)` is the share of improbable elements of each z."""
    z = np.array([[0.5, 2.0, -3.5, 0.0], [0.0, 0.1, 0.2, -0.3]], "float32")
    for prior, expected in ((Uniform(4), [0.5, 0.0]), (Normal(4), [0.25, 0.0])):
        found = np.asarray(improbable_share(z, prior))
        expect(found.shape == (2,), f"There should be one number for each z, got shape {found.shape}.")
        expect(np.allclose(found, expected), f"For {prior} it should be {expected}, got {found}.")
