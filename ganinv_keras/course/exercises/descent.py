"""Checks of page 02: the moment penalty, the gradient of the cross-entropy, the masked error."""

import numpy as np
from keras import ops
from scipy.special import expit

from ganinv_keras.course.exercises.report import array, compare, exercise, expect
from ganinv_keras.networks.priors import Normal, Uniform


@exercise("02")
def check_moment_penalty(moment_penalty):
    """`moment_penalty(z, prior, gamma_1, gamma_2)` is equation 5's two terms, a scalar, for latents `(n, d)`."""
    prior, gamma_1, gamma_2 = Uniform(3, 0.0, 3.0), 2.0, 5.0
    z = np.array([[0.1, 1.3, 2.0], [0.4, 2.9, 1.1], [1.7, 0.2, 0.3], [2.5, 0.6, 0.9]], "float32")
    mean, std = prior.mean, prior.std

    def terms(mu_hat, sigma_hat, first=gamma_1, second=gamma_2):
        return first * (mean - mu_hat) ** 2 + second * (std - sigma_hat) ** 2

    mu_hat, sigma_hat = z.mean(), z.std()
    expected = terms(mu_hat, sigma_hat)
    found = array(moment_penalty(z.copy(), prior, gamma_1, gamma_2))
    compare(found, expected, {
        "γ₁ belongs to the mean, γ₂ to the standard deviation: yours are exchanged.":
            terms(mu_hat, sigma_hat, gamma_2, gamma_1),
        "gamma_1 and gamma_2 are missing.": terms(mu_hat, sigma_hat, 1, 1),
        "Each term is a square: (μ - μ̂)², not |μ - μ̂|.": gamma_1 * abs(mean - mu_hat) + gamma_2 * abs(std - sigma_hat),
        "Only the mean is there: the term of σ̂ is missing.": gamma_1 * (mean - mu_hat) ** 2,
        "Only the standard deviation is there: the term of μ̂ is missing.": gamma_2 * (std - sigma_hat) ** 2,
        "That is for N(0, 1): take prior.mean and prior.std.": gamma_1 * mu_hat**2 + gamma_2 * (1 - sigma_hat) ** 2,
        "σ is a standard deviation, and yours are variances.":
            gamma_1 * (mean - mu_hat) ** 2 + gamma_2 * (std**2 - sigma_hat**2) ** 2,
        "μ̂ and σ̂ are taken over all elements of the batch; yours is one penalty for each latent.":
            terms(z.mean(1), z.std(1)),
        "μ̂ and σ̂ are taken over all elements of the batch, not for each latent and averaged.":
            terms(z.mean(1), z.std(1)).mean(),
        "μ̂ and σ̂ are taken over all elements of the batch, not for each of the d places.": terms(z.mean(0), z.std(0)),
        "μ̂ and σ̂ are taken over all elements, not for each of the d places and averaged.":
            terms(z.mean(0), z.std(0)).mean(),
        "The two terms add up.": gamma_1 * (mean - mu_hat) ** 2 - gamma_2 * (std - sigma_hat) ** 2,
        "σ̂ divides by the number of elements, not by one less: the module's does.": terms(mu_hat, z.std(ddof=1)),
        "The penalty is not divided by the number of elements.": expected / z.size,
        "Squares of single elements are not in it: take the mean of all, then the square.":
            gamma_1 * np.mean((mean - z) ** 2) + gamma_2 * (std - sigma_hat) ** 2,
    }, f"For the check's four latents it is the one number {expected:.3f}, not "
       f"{found.ravel()[:4].round(3)}.")  # fmt: skip
    z = Normal(4).sample(3, seed=0)
    normal = float(np.mean(z)) ** 2 + (1.0 - float(np.std(z))) ** 2
    compare(array(moment_penalty(z, Normal(4), 1.0, 1.0)), normal, {},
            "It is wrong for N(0, 1): take mean and std from the prior that is passed.")  # fmt: skip


@exercise("02")
def check_loss_gradient(loss_gradient):
    """`loss_gradient(x, x_hat, A)` is the gradient `(d,)` of a mean cross-entropy; `A = ∂l/∂z` is `(m, d)`."""
    draw = np.random.default_rng(0)
    A, x = draw.normal(size=(7, 3)), draw.uniform(0.1, 0.9, 7)
    x_hat = expit(draw.normal(size=7))
    m, slope = len(x), x_hat * (1 - x_hat)
    expected = (x_hat - x) @ A / m
    found = array(loss_gradient(x.copy(), x_hat.copy(), A.copy()))
    compare(found, expected, {
        "The sign: where x̂ is too bright the loss rises with l, so it is x̂ - x.": -expected,
        "The loss is a mean over the m pixels: divide by m.": m * expected,
        "The loss is a mean over the m pixels, not over the d elements of z.": (x_hat - x) @ A / A.shape[1],
        "A is the derivative of the logits: the sigmoid's slope x̂ (1 - x̂) is in the loss already, and cancels.":
            ((x_hat - x) * slope) @ A / m,
        "That is the derivative by x̂, (x̂ - x)/(x̂ (1 - x̂)): by l, the slope of the sigmoid cancels it.":
            ((x_hat - x) / slope) @ A / m,
        "That is the gradient of the squared error: no 2, and no slope of the sigmoid.":
            2 * ((x_hat - x) * slope) @ A / m,
        "There is no factor 2: the cross-entropy is no square.": 2 * expected,
        "That is the derivative by l, pixel by pixel: multiply by A to reach z.": (x_hat - x) / m,
        "Sum over the pixels: yours has a row for each.": (x_hat - x)[:, None] * A / m,
        "The softplus alone: the term - x l is missing.": x_hat @ A / m,
        "The term - x l alone: the derivative of the softplus, x̂, is missing.": -x @ A / m,
        "The derivative of softplus(l) is sigmoid(l), which is x̂ itself: no second sigmoid.":
            (expit(x_hat) - x) @ A / m,
        "The gradient has the shape (d,): drop the extra axis.": expected[None],
        "One number for each element of z: do not add them up.": expected.sum(),
    }, f"For the check's pixels it is {expected.round(3)}; you return {str(found.round(3))[:80]}.")  # fmt: skip
    one = array(loss_gradient(np.ones(1), np.full(1, 0.25), np.array([[2.0, 4.0]])))
    compare(one, np.array([-1.5, -3.0]), {}, "m and d come with the call: it is wrong for one pixel and d = 2.")


@exercise("02")
def check_masked_error(masked_error):
    """`masked_error(mask)` returns a loss `(x, x_hat) → (n,)`: the squared error where the mask is 1."""
    draw = np.random.default_rng(0)
    mask = np.zeros((28, 28, 1), "float32")
    mask[:7, :9] = 1
    x, x_hat = (draw.uniform(size=(3, 28, 28, 1)).astype("float32") for _ in range(2))
    squares, seen, pixels = (x - x_hat) ** 2, mask.sum(), (1, 2, 3)
    expected = (mask * squares).sum(pixels) / seen
    loss = masked_error(mask.copy())
    expect(callable(loss), "masked_error returns a function of (x, x_hat); yours returns "
           f"a {type(loss).__name__}.")  # fmt: skip
    found = array(loss(ops.convert_to_tensor(x), ops.convert_to_tensor(x_hat)))
    compare(found, expected, {
        "Divide by the number of visible pixels, mask.sum(): yours divides by all of them.":
            (mask * squares).mean(pixels),
        "It is the mean over the visible pixels; yours is their sum.": (mask * squares).sum(pixels),
        "It looks at the pixels where the mask is 0: those are hidden.":
            ((1 - mask) * squares).sum(pixels) / (784 - seen),
        "It looks at all pixels: the mask is not used.": squares.mean(pixels),
        "Squared, not absolute, error.": (mask * np.abs(x - x_hat)).sum(pixels) / seen,
        "The root is too much: a mean square is asked for.": np.sqrt(expected),
        "One number for each image, not their mean.": expected.mean(),
        "One number for each image, not their sum.": expected.sum(),
        "Average over the pixels: yours keeps one for each.": mask * squares,
        "Average over height, width and channel: the shape is (n,).": ((mask * squares).sum((1, 2)) / seen),
        "Compare x with x̂ under the mask: yours masks x alone.": ((mask * x - x_hat) ** 2).sum(pixels) / seen,
        "Compare x with x̂ under the mask: yours masks x̂ alone.": ((x - mask * x_hat) ** 2).sum(pixels) / seen,
        "Square the difference, not the images.": (mask * (x**2 - x_hat**2)).sum(pixels) / seen,
    }, f"For the check's three images it is {expected.round(3)}; you return {str(found.round(3))[:80]}.")  # fmt: skip
    other = np.ones((28, 28, 1), "float32")
    compare(array(masked_error(other)(x, x_hat)), squares.mean(pixels), {},
            "The mask comes with the call: with another mask yours does not change.")  # fmt: skip
