"""Checks of page 04: ICGAN's losses, the difference hash, the best direct answer."""

import numpy as np

from ganinv_keras.course.exercises.report import exercise, expect


@exercise("04")
def check_icgan_losses(icgan_losses):
    """Notebook 04, exercise 1: `icgan_losses(…)` is `(L_ez, L_ey)` of ICGAN, eq. 3 of Luo et al., two scalars."""
    z, y_prime = np.array([[1.0, 0.0], [0.0, 2.0]], "float32"), np.array([[1.0], [0.0]], "float32")
    x, y = np.array([[3.0, 3.0], [1.0, 1.0]], "float32"), np.array([[0.0], [1.0]], "float32")
    found = icgan_losses(lambda z, y: z + y, lambda x: x, lambda x: x[:, :1], z, y_prime, x, y)
    expect(isinstance(found, (tuple, list)) and len(found) == 2, "Return two values, `L_ez` and `L_ey`.")
    l_ez, l_ey = (np.asarray(loss) for loss in found)
    expect(l_ez.shape == l_ey.shape == (), "Each loss is a scalar: sum over the elements, take the mean of the batch.")
    expect(not np.isclose(l_ez, 0.5), "The squares of the elements are added up, not averaged.")
    expect(np.isclose(l_ez, 1.0), f"L_ez compares z with E_z(G(z, y')): 1.0 here, got {l_ez:.3f}.")
    expect(np.isclose(l_ey, 4.5), f"L_ey compares the labels of real images with E_y(x): 4.5 here, got {l_ey:.3f}.")


@exercise("04")
def check_difference_bits(difference_bits):
    """Notebook 04, exercise 2: `difference_bits(small)` is the 64 bits of the difference hash of 8×9 pixels."""
    small = np.random.default_rng(0).permutation(72).reshape(8, 9)
    found = np.asarray(difference_bits(small))
    expect(found.size == 64, f"Each of 8 rows has 8 pairs of neighbours: expected 64 bits, got shape {found.shape}.")
    expect(not np.array_equal(found.ravel(), (small[:, 1:] < small[:, :-1]).ravel()),
           "1 means brighter than the left neighbour, not darker.")  # fmt: skip
    expect(np.array_equal(found.ravel(), (small[:, 1:] > small[:, :-1]).ravel()), "Some bits are wrong.")
    expect(not np.any(difference_bits(np.ones((8, 9)))), "An image of one colour has no bit set.")


@exercise("04")
def check_best_direct_answer(best_direct_answer):
    """Notebook 04, exercise 3: `best_direct_answer(latents)` is the answer with the least expected squared error."""
    latents = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0]])
    found = best_direct_answer(latents)
    expect(isinstance(found, (tuple, list)) and len(found) == 2, "Return two values, `z_hat` and `error`.")
    z_hat, error = np.asarray(found[0]), float(found[1])
    expect(z_hat.shape == (2,), f"The answer is one latent, of shape (2,) here, got {z_hat.shape}.")
    expect(np.allclose(z_hat, [0, 1]), f"Σ‖z - z_hat‖² is smallest at [0, 1] here, got {z_hat}.")
    expect(np.isclose(error, 8 / 6), f"The mean of the six squares is 1.333, got {error:.3f}.")
