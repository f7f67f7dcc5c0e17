"""Checks of pages 05 and 06: scaled latents and their dimension, angles and directions on the sphere."""

import numpy as np

from ganinv_keras.course.exercises.report import exercise, expect
from ganinv_keras.networks.priors import Angular
from ganinv_keras.networks.spherical import SphericalToCartesian


@exercise("05")
def check_noisy_share(noisy_share):
    """Notebook 05, exercise 1: `noisy_share(A, sigma)` is the variance of the best answer for z, element by element."""
    A = np.random.default_rng(0).normal(size=(2, 3))
    found = np.asarray(noisy_share(A, 0.5))
    expect(found.shape == (3,), f"Expected one share for each of 3 elements of z, got shape {found.shape}.")
    expect(np.allclose(noisy_share(np.eye(3), 1.0), 0.5), "With A = I and σ = 1 half of each element is noise: v = ½.")
    rng = np.random.default_rng(1)
    z = rng.normal(size=(50_000, 3))
    x = z @ A.T + 0.5 * rng.normal(size=(50_000, 2))
    answer = x @ np.linalg.lstsq(x, z, rcond=None)[0]
    expect(np.allclose(found, answer.var(0), atol=0.02),
           f"A regression on 50,000 draws says {answer.var(0).round(2)}, got {found.round(2)}.")  # fmt: skip


@exercise("05")
def check_moving_average(moving_average):
    """Notebook 05, exercise 2: `moving_average(moments, k)` is v of Algorithm 1 after each batch."""
    moments = np.array([[3.0, 0.0], [5.0, 2.0], [7.0, 4.0]])
    found = np.asarray(moving_average(moments, 2))
    expect(found.shape == (3, 2), f"Expected one v for each batch, shape (3, 2), got {found.shape}.")
    expect(np.allclose(found[0], [2, 0.5]), f"At first the window holds a batch and ones: [2, 0.5], got {found[0]}.")
    expect(np.allclose(found[2], [6, 3]), f"The third v knows the last two batches only: [6, 3], got {found[2]}.")
    expect(np.allclose(found[1], [4, 1]), f"Expected [4, 1] after two batches, got {found[1]}.")


@exercise("05")
def check_effective_dimension(effective_dimension):
    """Notebook 05, exercise 3: `effective_dimension(s)` is `e^H` of the distribution `s² / Σ s²`."""
    for s, expected in ((np.ones(5), 5.0), (np.array([2.0, 2.0, 0.0, 0.0]), 2.0), (np.sqrt([3.0, 1.0]), 1.7548)):
        found = float(effective_dimension(s))
        expect(not np.isnan(found), "A scale of 0 adds nothing to the entropy: p log p tends to 0.")
        expect(np.isclose(found, expected, rtol=1e-3), f"For s = {s.round(2)} it is {expected:.3f}, got {found:.3f}.")


@exercise("06")
def check_leaf(leaf):
    """Notebook 06, exercise 1: `leaf(z, bits)` is one coordinate of the tree, such as x_010, for 7 angles."""
    z = Angular(7).sample(1, seed=0).numpy()
    expected = SphericalToCartesian()(z).numpy()[0]
    expect(np.isclose(leaf(np.zeros(7), "111"), 1.0), "With all angles 0 every cosine is 1, and so is x_111.")
    for i, value in enumerate(expected):
        found = float(leaf(z[0], f"{i:03b}"))
        expect(np.isclose(found, value, atol=1e-5), f"x_{i:03b} should be {value:.4f}, got {found:.4f}: 0 takes the "
               "sine, 1 the cosine, and the angle's place is 2^level - 1 plus the bits read so far.")  # fmt: skip


@exercise("06")
def check_tangent(tangent):
    """Notebook 06, exercise 2: `tangent(z_c, z_prime)` is L_emb of unit vectors and of answers of any length."""
    z_c = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 1.0, 0.0]])
    z_prime = np.array([[3.0, 4.0, 0.0], [0.6, 0.8, 1.0], [0.0, 7.0, 0.0]])
    found = np.asarray(tangent(z_c, z_prime))
    expect(found.shape == (3,), f"There should be one number for each pair, got shape {found.shape}.")
    expect(np.all(np.isfinite(found)), "At an angle of 0 the tangent is 0: no arccosine is needed.")
    expect(np.allclose(found, [4 / 3, 1, 0]), f"Rejection over projection: expected [1.333, 1, 0], got {found}.")


@exercise("06")
def check_best_direction(best_direction):
    """Notebook 06, exercise 3: `best_direction(z_c)` is the unit vector with the largest mean cosine to the rows."""
    z_c = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    found = np.asarray(best_direction(z_c))
    expect(found.shape == (2,), f"One vector of shape (2,), got {found.shape}.")
    expect(np.isclose(np.linalg.norm(found), 1), f"Its length should be 1, got {np.linalg.norm(found):.3f}.")
    expect(np.allclose(found, [0.6644, 0.7474], atol=1e-3),
           f"The sum of the cosines is (Σ z_c) · u, largest for u along the sum: got {found.round(3)}.")  # fmt: skip
