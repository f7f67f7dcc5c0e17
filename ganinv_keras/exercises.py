"""The checks behind the exercises. Each takes your solution and prints in a line what it found."""

import functools

import numpy as np

from ganinv_keras.constraints import MomentPenalty
from ganinv_keras.priors import Angular, Normal, Uniform
from ganinv_keras.spherical import SphericalToCartesian


def _exercise(check):
    """Turn a check that raises into one that reports in a line, so that a page with open exercises runs through."""

    @functools.wraps(check)
    def report(*attempt):
        name = check.__name__.removeprefix("check_").replace("_", " ")
        try:
            check(*attempt)
        except NotImplementedError:
            print(f"○ {name}: yours to write.")
        except Exception as error:
            print(f"✗ {name}: not yet. {error}")
        else:
            print(f"✓ {name}: right.")

    return report


def _expect(condition, sentence):
    if not condition:
        raise AssertionError(sentence)


@_exercise
def check_moment_penalty(moment_penalty):
    """Notebook 02, exercise 1: `moment_penalty(z, prior, gamma_1, gamma_2)` is eq. 5's two terms, a scalar."""
    z = Normal(3).sample(4, seed=0)
    for prior in (Uniform(3, 0.0, 1.0), Normal(3)):
        found = moment_penalty(z, prior, 2.0, 5.0)
        _expect(np.shape(found) == (), f"The penalty is one number for the whole batch, got shape {np.shape(found)}.")
        expected = MomentPenalty(prior, 2.0, 5.0)(z)
        _expect(np.isclose(found, expected, rtol=1e-4), f"For {prior} it should be {expected:.4f}, got {found:.4f}.")


@_exercise
def check_masked_error(masked_error):
    """Notebook 02, exercise 2: `masked_error(mask)` returns a loss that averages over the pixels of the mask."""
    mask = np.zeros((28, 28, 1), "float32")
    mask[:7] = 1
    x, x_hat = np.zeros((2, 28, 28, 1), "float32"), np.ones((2, 28, 28, 1), "float32")
    x_hat[1, :7] = 0.5
    found = np.asarray(masked_error(mask)(x, x_hat))
    _expect(found.shape == (2,), f"There should be one number for each image, got shape {found.shape}.")
    _expect(np.allclose(found, [1.0, 0.25]), f"Average over the visible pixels only: expected [1, 0.25], got {found}.")


@_exercise
def check_improbable_share(improbable_share):
    """Notebook 02, exercise 3: `improbable_share(z, prior)` is the share of improbable elements of each z."""
    z = np.array([[0.5, 2.0, -3.5, 0.0], [0.0, 0.1, 0.2, -0.3]], "float32")
    for prior, expected in ((Uniform(4), [0.5, 0.0]), (Normal(4), [0.25, 0.0])):
        found = np.asarray(improbable_share(z, prior))
        _expect(found.shape == (2,), f"There should be one number for each z, got shape {found.shape}.")
        _expect(np.allclose(found, expected), f"For {prior} it should be {expected}, got {found}.")


@_exercise
def check_line(line):
    """Notebook 00, exercise 1: `line(z_a, z_b, n)` is `n` latents on the straight line, ends included."""
    z_a, z_b = np.array([0.0, 1.0], "float32"), np.array([1.0, -1.0], "float32")
    found = np.asarray(line(z_a, z_b, 5))
    _expect(found.shape == (5, 2), f"Five latents of two elements have the shape (5, 2), got {found.shape}.")
    _expect(np.allclose(found[0], z_a) and np.allclose(found[-1], z_b), "The line should begin at z_a and end at z_b.")
    _expect(np.allclose(found[1], [0.25, 0.5]), f"A quarter of the way is [0.25, 0.5], got {found[1]}.")


@_exercise
def check_into_range(into_range):
    """Notebook 00, exercise 2: `into_range(images)` makes the course's images of images in [-1, 1]."""
    images = np.linspace(-1, 1, 2 * 28 * 28).reshape(2, 28, 28)
    found = np.asarray(into_range(images))
    _expect(found.shape == (2, 28, 28, 1), f"The channel axis comes last: expected (2, 28, 28, 1), got {found.shape}.")
    _expect(found.dtype == np.float32, f"The type should be float32, got {found.dtype}.")
    _expect(np.allclose(found[..., 0], (images + 1) / 2), "-1 should become 0, 0 should become ½, and 1 stay 1.")


@_exercise
def check_hinge_loss(hinge):
    """Notebook 01, exercise 1: `hinge(real_realness, fake_realness)` is `(d_loss, g_loss)` of the hinge loss."""
    real, fake = np.array([[2.0], [0.5], [-1.0]], "float32"), np.array([[-3.0], [0.0], [0.5]], "float32")
    found = hinge(real, fake)
    _expect(isinstance(found, (tuple, list)) and len(found) == 2, "Return two values, `d_loss` and `g_loss`.")
    d_loss, g_loss = (np.asarray(loss) for loss in found)
    _expect(d_loss.shape == g_loss.shape == (), "Each loss is a scalar: take the mean over the batch.")
    _expect(np.isclose(g_loss, 2.5 / 3), f"g_loss is minus the mean of fake_realness, 0.833 here, got {g_loss:.3f}.")
    _expect(not np.isclose(d_loss, 2.0 / 3), "No image costs less than 0: take the maximum before the mean.")
    _expect(np.isclose(d_loss, 5.0 / 3), f"d_loss of the check's six images is 1.667, got {d_loss:.3f}.")


@_exercise
def check_optimal_realness(optimal_realness):
    """Notebook 01, exercise 2: `optimal_realness(p, q)` minimises `p softplus(-r) + q softplus(r)` by r."""
    p, q = np.array([0.5, 0.2, 0.9, 0.01]), np.array([0.5, 0.8, 0.3, 0.02])
    r = np.asarray(optimal_realness(p, q), "float64")
    _expect(r.shape == p.shape, f"Expected one realness for each density, shape {p.shape}, got {r.shape}.")
    _expect(not np.allclose(r, p / (p + q)), "That is the probability D; the realness is the logit of it.")
    slope = -p / (1 + np.exp(r)) + q / (1 + np.exp(-r))
    _expect(np.allclose(slope, 0, atol=1e-5), f"The derivative should be 0 at your r, but it is {np.round(slope, 3)}.")


@_exercise
def check_batch_norm_line(batch_norm_line):
    """Notebook 01, exercise 3: `batch_norm_line(gamma, beta, mean, variance, epsilon)` is `(scale, offset)`."""
    gamma, beta = np.array([1.0, 0.5], "float32"), np.array([0.0, -2.0], "float32")
    mean, variance = np.array([3.0, -1.0], "float32"), np.array([4.0, 0.25], "float32")
    found = batch_norm_line(gamma, beta, mean, variance, 0.1)
    _expect(isinstance(found, (tuple, list)) and len(found) == 2, "Return two values, `scale` and `offset`.")
    scale, offset = (np.asarray(value) for value in found)
    _expect(not np.allclose(scale, gamma / np.sqrt(variance)), "The layer adds epsilon to the variance.")
    _expect(np.allclose(scale, gamma / np.sqrt(variance + 0.1)), f"The slope is another one, got {scale}.")
    _expect(np.allclose(offset, beta - scale * mean), f"At h = 0 the layer gives beta - scale * mean, got {offset}.")


@_exercise
def check_hazard(hazard):
    """Notebook 03, exercise 1: `hazard(probability, steps)` is the per-step probability of a whole-run one."""
    probability = np.array([0.0, 0.1, 0.5, 0.999])
    for steps in (1, 50, 5000):
        found = np.asarray(hazard(probability, steps))
        _expect(found.shape == probability.shape, f"Expected one value for each probability, got shape {found.shape}.")
        survived = (1 - found) ** steps
        _expect(np.allclose(survived, 1 - probability, atol=1e-6),
                f"After {steps} steps {np.round(1 - probability, 3)} should be left untouched, "
                f"but it is {np.round(survived, 3)}.")  # fmt: skip


@_exercise
def check_damped_step(damped_step):
    """Notebook 03, exercise 2: `damped_step(J, residual, damping)` solves Levenberg–Marquardt's equations."""
    draw = np.random.default_rng(0)
    J, residual = draw.normal(size=(20, 3)) * [1.0, 10.0, 0.1], draw.normal(size=20)
    found = np.asarray(damped_step(J, residual, 0.0))
    _expect(found.shape == (3,), f"One step for one latent has the shape (3,) here, got {found.shape}.")
    expected = np.linalg.lstsq(J, residual)[0]
    _expect(not np.allclose(found, -expected), "The residual is x - G(z): the step has the wrong sign.")
    _expect(np.allclose(found, expected), f"Without damping it is the least-squares solution {expected}, got {found}.")
    small = np.asarray(damped_step(J, residual, 1e6)) * 1e6
    expected = J.T @ residual / np.sum(J**2, axis=0)
    _expect(np.allclose(small, expected, rtol=1e-3),
            "With a large damping each element should move by (Jᵀ residual)_i / (λ (JᵀJ)_ii).")  # fmt: skip


@_exercise
def check_line_length(line_length):
    """Notebook 03, exercise 3: `line_length(mu, d)` is the root mean square length on the line between two latents."""
    mu = np.array([0.0, 0.25, 0.5, 1.0])
    found = np.asarray(line_length(mu, 100))
    _expect(found.shape == mu.shape, f"Expected one length for each μ, shape {mu.shape}, got {found.shape}.")
    _expect(np.allclose(found[[0, 3]], 10), f"At the ends it is √d, 10 for d = 100, got {found[[0, 3]]}.")
    _expect(not np.allclose(found, 10), "That is the length on the arc; the straight line cuts through the inside.")
    _expect(np.allclose(found, 10 * np.sqrt(1 - 2 * mu + 2 * mu**2)), "The squares of independent parts add up.")


@_exercise
def check_icgan_losses(icgan_losses):
    """Notebook 04, exercise 1: `icgan_losses(…)` is `(L_ez, L_ey)` of ICGAN, eq. 3 of Luo et al., two scalars."""
    z, y_prime = np.array([[1.0, 0.0], [0.0, 2.0]], "float32"), np.array([[1.0], [0.0]], "float32")
    x, y = np.array([[3.0, 3.0], [1.0, 1.0]], "float32"), np.array([[0.0], [1.0]], "float32")
    found = icgan_losses(lambda z, y: z + y, lambda x: x, lambda x: x[:, :1], z, y_prime, x, y)
    _expect(isinstance(found, (tuple, list)) and len(found) == 2, "Return two values, `L_ez` and `L_ey`.")
    l_ez, l_ey = (np.asarray(loss) for loss in found)
    _expect(l_ez.shape == l_ey.shape == (), "Each loss is a scalar: sum over the elements, take the mean of the batch.")
    _expect(not np.isclose(l_ez, 0.5), "The squares of the elements are added up, not averaged.")
    _expect(np.isclose(l_ez, 1.0), f"L_ez compares z with E_z(G(z, y')): 1.0 here, got {l_ez:.3f}.")
    _expect(np.isclose(l_ey, 4.5), f"L_ey compares the labels of real images with E_y(x): 4.5 here, got {l_ey:.3f}.")


@_exercise
def check_difference_bits(difference_bits):
    """Notebook 04, exercise 2: `difference_bits(small)` is the 64 bits of the difference hash of 8×9 pixels."""
    small = np.random.default_rng(0).permutation(72).reshape(8, 9)
    found = np.asarray(difference_bits(small))
    _expect(found.size == 64, f"Each of 8 rows has 8 pairs of neighbours: expected 64 bits, got shape {found.shape}.")
    _expect(not np.array_equal(found.ravel(), (small[:, 1:] < small[:, :-1]).ravel()),
            "1 means brighter than the left neighbour, not darker.")  # fmt: skip
    _expect(np.array_equal(found.ravel(), (small[:, 1:] > small[:, :-1]).ravel()), "Some bits are wrong.")
    _expect(not np.any(difference_bits(np.ones((8, 9)))), "An image of one colour has no bit set.")


@_exercise
def check_best_direct_answer(best_direct_answer):
    """Notebook 04, exercise 3: `best_direct_answer(latents)` is the answer with the least expected squared error."""
    latents = np.array([[1.0, 0.0], [-1.0, 0.0], [0.0, 3.0]])
    found = best_direct_answer(latents)
    _expect(isinstance(found, (tuple, list)) and len(found) == 2, "Return two values, `z_hat` and `error`.")
    z_hat, error = np.asarray(found[0]), float(found[1])
    _expect(z_hat.shape == (2,), f"The answer is one latent, of shape (2,) here, got {z_hat.shape}.")
    _expect(np.allclose(z_hat, [0, 1]), f"Σ‖z - z_hat‖² is smallest at [0, 1] here, got {z_hat}.")
    _expect(np.isclose(error, 8 / 6), f"The mean of the six squares is 1.333, got {error:.3f}.")


@_exercise
def check_noisy_share(noisy_share):
    """Notebook 05, exercise 1: `noisy_share(A, sigma)` is the variance of the best answer for z, element by element."""
    A = np.random.default_rng(0).normal(size=(2, 3))
    found = np.asarray(noisy_share(A, 0.5))
    _expect(found.shape == (3,), f"Expected one share for each of 3 elements of z, got shape {found.shape}.")
    _expect(np.allclose(noisy_share(np.eye(3), 1.0), 0.5), "With A = I and σ = 1 half of each element is noise: v = ½.")
    rng = np.random.default_rng(1)
    z = rng.normal(size=(50_000, 3))
    x = z @ A.T + 0.5 * rng.normal(size=(50_000, 2))
    answer = x @ np.linalg.lstsq(x, z, rcond=None)[0]
    _expect(np.allclose(found, answer.var(0), atol=0.02),
            f"A regression on 50,000 draws says {answer.var(0).round(2)}, got {found.round(2)}.")  # fmt: skip


@_exercise
def check_moving_average(moving_average):
    """Notebook 05, exercise 2: `moving_average(moments, k)` is v of Algorithm 1 after each batch."""
    moments = np.array([[3.0, 0.0], [5.0, 2.0], [7.0, 4.0]])
    found = np.asarray(moving_average(moments, 2))
    _expect(found.shape == (3, 2), f"Expected one v for each batch, shape (3, 2), got {found.shape}.")
    _expect(np.allclose(found[0], [2, 0.5]), f"At first the window holds a batch and ones: [2, 0.5], got {found[0]}.")
    _expect(np.allclose(found[2], [6, 3]), f"The third v knows the last two batches only: [6, 3], got {found[2]}.")
    _expect(np.allclose(found[1], [4, 1]), f"Expected [4, 1] after two batches, got {found[1]}.")


@_exercise
def check_effective_dimension(effective_dimension):
    """Notebook 05, exercise 3: `effective_dimension(s)` is `e^H` of the distribution `s² / Σ s²`."""
    for s, expected in ((np.ones(5), 5.0), (np.array([2.0, 2.0, 0.0, 0.0]), 2.0), (np.sqrt([3.0, 1.0]), 1.7548)):
        found = float(effective_dimension(s))
        _expect(not np.isnan(found), "A scale of 0 adds nothing to the entropy: p log p tends to 0.")
        _expect(np.isclose(found, expected, rtol=1e-3), f"For s = {s.round(2)} it is {expected:.3f}, got {found:.3f}.")


@_exercise
def check_leaf(leaf):
    """Notebook 06, exercise 1: `leaf(z, bits)` is one coordinate of the tree, such as x_010, for 7 angles."""
    z = Angular(7).sample(1, seed=0).numpy()
    expected = SphericalToCartesian()(z).numpy()[0]
    _expect(np.isclose(leaf(np.zeros(7), "111"), 1.0), "With all angles 0 every cosine is 1, and so is x_111.")
    for i, value in enumerate(expected):
        found = float(leaf(z[0], f"{i:03b}"))
        _expect(np.isclose(found, value, atol=1e-5), f"x_{i:03b} should be {value:.4f}, got {found:.4f}: 0 takes the "
                "sine, 1 the cosine, and the angle's place is 2^level - 1 plus the bits read so far.")  # fmt: skip


@_exercise
def check_tangent(tangent):
    """Notebook 06, exercise 2: `tangent(z_c, z_prime)` is L_emb of unit vectors and of answers of any length."""
    z_c = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 1.0, 0.0]])
    z_prime = np.array([[3.0, 4.0, 0.0], [0.6, 0.8, 1.0], [0.0, 7.0, 0.0]])
    found = np.asarray(tangent(z_c, z_prime))
    _expect(found.shape == (3,), f"There should be one number for each pair, got shape {found.shape}.")
    _expect(np.all(np.isfinite(found)), "At an angle of 0 the tangent is 0: no arccosine is needed.")
    _expect(np.allclose(found, [4 / 3, 1, 0]), f"Rejection over projection: expected [1.333, 1, 0], got {found}.")


@_exercise
def check_best_direction(best_direction):
    """Notebook 06, exercise 3: `best_direction(z_c)` is the unit vector with the largest mean cosine to the rows."""
    z_c = np.array([[1.0, 0.0], [0.0, 1.0], [0.6, 0.8]])
    found = np.asarray(best_direction(z_c))
    _expect(found.shape == (2,), f"One vector of shape (2,), got {found.shape}.")
    _expect(np.isclose(np.linalg.norm(found), 1), f"Its length should be 1, got {np.linalg.norm(found):.3f}.")
    _expect(np.allclose(found, [0.6644, 0.7474], atol=1e-3),
            f"The sum of the cosines is (Σ z_c) · u, largest for u along the sum: got {found.round(3)}.")  # fmt: skip
