"""Checks of pages 03 and 03b: recovery, and what a table of recoveries owes to its code.

The hazard of a cutoff, lengths on a straight line, the damped step; own statistics, luck, latched success.
"""

import numpy as np
from scipy import stats

from ganinv_keras.course.exercises.report import array, compare, exercise, expect, unpack


@exercise("03")
def check_hazard(hazard):
    """`hazard(probability, steps)` is the per-step probability of a whole-run one, of its shape."""
    probability, steps = np.array([0.0, 0.1, 0.5, 0.999]), 50
    expected = 1 - (1 - probability) ** (1 / steps)
    found = array(hazard(probability.copy(), steps))
    compare(found, expected, {
        "That is the probability to be left alone at a step: the hazard is 1 minus it.": 1 - expected,
        "A share of the whole-run probability for each step: after all of them too few are redrawn.":
            probability / steps,
        "That is the whole-run probability itself: spread it over the steps.": probability,
        "The exponent is 1/T: with T you go from a step to the whole run.": 1 - (1 - probability) ** steps,
        "P^(1/T) would have all T steps redraw: what must hold for all T is that none does.":
            probability ** (1 / steps),
        "1 - P^(1/T): it is the untouched, 1 - P, that survives T steps.": 1 - probability ** (1 / steps),
        "That would be right for one step less: all T steps count.": 1 - (1 - probability) ** (1 / (steps - 1)),
        "That would be right for one step more.": 1 - (1 - probability) ** (1 / (steps + 1)),
        "That is a rate, -log(1 - P)/T: the probability of a step is 1 - exp(-rate).": -np.log1p(-probability) / steps,
        "That is the probability to survive the whole run.": 1 - probability,
        "The sign: a probability is not below 0.": -expected,
    }, f"For P = {probability} and T = {steps} it is {expected.round(4)}; "
       f"you return {str(found.round(4))[:80]}.")  # fmt: skip
    one = array(hazard(np.array([[0.3]]), 1))
    compare(one, np.array([[0.3]]), {}, "With a single step, P itself: shape and T come with the call.")


@exercise("03")
def check_line_length(line_length):
    """`line_length(mu, d)` is the root mean square length on the line between two latents from N(0, I)."""
    mu, d = np.array([0.0, 0.25, 0.5, 1.0]), 100
    expected = np.sqrt(d * ((1 - mu) ** 2 + mu**2))
    found = array(line_length(mu.copy(), d))
    compare(found, expected, {
        "That is the mean of the square: take the root.": expected**2,
        "That is the length on the arc; the straight line cuts through the inside.": np.full(4, 10.0),
        "Independent parts: the mixed term 2μ(1 - μ) z₁·z₂ is 0 on average, so it does not come in.":
            np.sqrt(d * ((1 - mu) ** 2 + mu**2 + 2 * mu * (1 - mu) / d)),
        "d is missing: each of the d elements adds to the square.": expected / np.sqrt(d),
        "The square of the length has d terms, its root √d: you multiplied by d outside the root.":
            expected * np.sqrt(d),
        "That is one part, (1 - μ) z₁: add that of z₂.": np.sqrt(d) * (1 - mu),
        "That is one part, μ z₂: add that of z₁.": np.sqrt(d) * mu,
        "The squares of the parts add up, whatever the sign between them.": np.sqrt(d * abs((1 - mu) ** 2 - mu**2)),
        "That is the middle only: it depends on μ.": np.full(4, np.sqrt(d / 2)),
        "A straight line between √d and √(d/2) is not it: the curve is round.":
            np.sqrt(d) * (1 - 2 * np.minimum(mu, 1 - mu) * (1 - 0.5**0.5)),
        "The difference z₂ - z₁ has another length: the point is (1 - μ) z₁ + μ z₂.": np.sqrt(2 * d) * mu,
    }, f"At the ends it is √d = 10, in the middle {expected[2]:.2f}; "
       f"you return {str(found.round(2))[:80]}.")  # fmt: skip
    compare(array(line_length(np.array([0.5]), 4)), np.array([2**0.5]), {}, "d comes with the call.")


@exercise("03")
def check_damped_step(damped_step):
    """`damped_step(J, residual, damping)` solves Levenberg–Marquardt's equations for one latent, `(d,)`."""
    draw = np.random.default_rng(0)
    J, residual, damping = draw.normal(size=(20, 3)) * [1.0, 10.0, 0.1], draw.normal(size=20), 0.5
    product, gradient = J.T @ J, J.T @ residual
    diagonal = np.diag(np.diag(product))
    expected = np.linalg.solve(product + damping * diagonal, gradient)
    found = array(damped_step(J.copy(), residual.copy(), damping))
    compare(found, expected, {
        "The residual is x - G(z): the step has the wrong sign.": -expected,
        "That is Gauss–Newton: the damping is missing.": np.linalg.solve(product, gradient),
        "λ I damps all elements alike: Marquardt's term is λ diag(JᵀJ).":
            np.linalg.solve(product + damping * np.eye(3), gradient),
        "diag(JᵀJ) is missing its λ.": np.linalg.solve(product + diagonal, gradient),
        "The damping is added, not subtracted.": np.linalg.solve(product - damping * diagonal, gradient),
        "λ multiplies the diagonal alone, not all of JᵀJ.": np.linalg.solve(product * (1 + damping), gradient),
        "JᵀJ + λ diag(JᵀJ): only the diagonal is left of JᵀJ in yours.":
            np.linalg.solve(diagonal * (1 + damping), gradient),
        "That is Jᵀ residual alone, a step down the slope: solve the equations.": gradient,
        "Multiply by the inverse, not by the matrix: solve the equations.":
            (product + damping * diagonal) @ gradient,
        "λ is squared: it enters as it is.": np.linalg.solve(product + damping**2 * diagonal, gradient),
        "diag(JᵀJ) is a matrix with JᵀJ's diagonal: a row of numbers added to JᵀJ adds to every row.":
            np.linalg.solve(product + damping * np.diag(product), gradient),
        "The step has the shape (d,): drop the extra axis.": expected[:, None],
        "The step has the shape (d,): drop the axis in front.": expected[None],
    }, f"For the check's Jacobian it is {expected.round(3)}; you return {str(found.round(3))[:80]}.")  # fmt: skip
    one = array(damped_step(np.array([[2.0], [0.0]]), np.array([3.0, 1.0]), 0.0))
    compare(one, np.array([1.5]), {}, "Without damping it is the least-squares solution, whatever m and d are.")


@exercise("03b")
def check_own_normalised(own_normalised):
    """`own_normalised(h, epsilon)` normalises each map `(n, height, width, channels)` by its own mean and deviation."""
    h = np.random.default_rng(0).normal(2.0, 3.0, (3, 4, 5, 2)) * [1.0, 0.2]
    epsilon, maps = 0.5, (1, 2)
    mean, variance = h.mean(maps, keepdims=True), h.var(maps, keepdims=True)
    expected = (h - mean) / np.sqrt(variance + epsilon)
    found = array(own_normalised(h.copy(), epsilon))

    def over(*axes):
        return (h - h.mean(axes, keepdims=True)) / np.sqrt(h.var(axes, keepdims=True) + epsilon)

    compare(found, expected, {
        "Those are the statistics of the batch: leave out the axis of the images.": over(0, 1, 2),
        "Each channel has its own: yours are taken over the channels, too.": over(1, 2, 3),
        "Over the pixels of a map, not over the channels of a pixel.": over(3),
        "One mean and one deviation for all: take them for each image and channel.": over(0, 1, 2, 3),
        "Those are taken for each pixel over the images: take them over height and width.": over(0),
        "epsilon is missing.": (h - mean) / np.sqrt(variance),
        "epsilon stands under the root, beside σ².": (h - mean) / (np.sqrt(variance) + epsilon),
        "epsilon is not squared: σ² + ε.": (h - mean) / np.sqrt(variance + epsilon**2),
        "Divide by the root: yours divides by the variance.": (h - mean) / (variance + epsilon),
        "The mean is not subtracted.": h / np.sqrt(variance + epsilon),
        "Only the mean is taken off: divide by sqrt(σ² + ε).": h - mean,
        "The sign: h - μ.": -expected,
        "σ² divides by the number of pixels, not by one less.":
            (h - mean) / np.sqrt(h.var(maps, ddof=1, keepdims=True) + epsilon),
        "Multiply by 1/sqrt(σ² + ε), not by sqrt(σ² + ε).": (h - mean) * np.sqrt(variance + epsilon),
    }, f"For the check's maps the first value is {expected.flat[0]:.3f} and the shape {expected.shape}; "
       f"you return {found.flat[0]:.3f} and {found.shape}.")  # fmt: skip


@exercise("03b")
def check_luck(luck):
    """`luck(level, guess, d)` is the probability that E is below a level: direction right, length guessed."""
    level, guess, d = 1e-3, 9.6, 100
    reach, length = np.sqrt(level * d), stats.chi(d)

    def between(low, high):
        return length.cdf(high) - length.cdf(low)

    expected = between(guess - reach, guess + reach)
    compare(array(luck(level, guess, d)), np.array(expected), {
        "E is a mean over the d elements: |ℓ - ℓ̂| < sqrt(level · d).": between(guess - level**0.5, guess + level**0.5),
        "E is a square: the lengths may differ by its root, sqrt(level · d).":
            between(guess - level * d, guess + level * d),
        "The length may be too short, too: that is one side only.": between(guess, guess + reach),
        "The length may be too long, too: that is one side only.": between(guess - reach, guess),
        "That is the probability to miss: 1 minus it.": 1 - expected,
        "Around the guess, not around the mean length.": between(d**0.5 - reach, d**0.5 + reach),
        "That is the probability to be below guess + reach: subtract that of being too short.":
            length.cdf(guess + reach),
        "The length of z is χ-distributed; χ² is the distribution of its square.":
            stats.chi2.cdf(guess + reach, d) - stats.chi2.cdf(guess - reach, d),
        "A normal distribution around √d with deviation 1 is too wide: the length's is about 0.71.":
            stats.norm.cdf(guess + reach, d**0.5) - stats.norm.cdf(guess - reach, d**0.5),
        "The length has d degrees of freedom, not d - 1.":
            stats.chi.cdf(guess + reach, d - 1) - stats.chi.cdf(guess - reach, d - 1),
        "That is a density times a width; the density is not flat over it: use the distribution function.":
            2 * reach * length.pdf(guess),
        "The level is one of E: no root of it before it is multiplied by d.":
            between(guess - (level**0.5 * d) ** 0.5, guess + (level**0.5 * d) ** 0.5),
        "That is a percentage: return a probability.": 100 * expected,
    }, f"For a level of {level}, a guess of {guess} and d = {d} it is {expected:.4f}.")  # fmt: skip
    two = stats.chi.cdf(2.0, 2)
    compare(array(luck(0.5, 1.0, 2)), np.array(two), {}, "level, guess and d come with the call.")


@exercise("03b")
def check_successes(successes):
    """`successes(errors, level)` returns the shares of latents below a level ever, and at the end; `(steps, n)`."""
    errors = np.array([
        [0.2, 0.2, 0.2, 0.02, 0.2, 0.5, 0.1],
        [0.02, 0.5, 0.2, 0.02, 0.2, 0.5, 0.04],
        [0.5, 0.2, 0.04, 0.02, 0.5, 0.04, 0.1],
        [0.2, 0.1, 0.02, 0.04, 0.2, 0.2, 0.2],
    ])  # fmt: skip
    level = 0.1
    below = errors < level
    expected = np.array([below.any(0).mean(), below[-1].mean()])
    found = np.array([array(part) for part in unpack(successes(errors.copy(), level), "ever", "at the end")], object)
    expect(all(np.shape(part) == () for part in found), "Each of the two is one number: the mean over the latents.")
    compare(array(list(found)), expected, {
        "The two are exchanged: first ever, then at the end.": expected[::-1],
        "Those are numbers of latents: return shares of all n.": 7 * expected,
        "Those are percentages: return shares from 0 to 1.": 100 * expected,
        "That is the share of steps at which some latent was below: any over the steps, then the mean over latents.":
            np.array([below.any(1).mean(), expected[1]]),
        "That is the share of all steps and latents: any over the steps first.": np.array([below.mean(), expected[1]]),
        "Ever is any, not all: one step is enough.": np.array([below.all(0).mean(), expected[1]]),
        "The end is the last row, not the first.": np.array([expected[0], below[0].mean()]),
        "At the end the error itself counts, not the best so far: that would be latched again.":
            np.array([expected[0], expected[0]]),
        "Both are counted at the end: the first is for any step.": np.array([expected[1], expected[1]]),
        "Below the level is a success: yours counts those above.":
            np.array([(~below).any(0).mean(), (~below)[-1].mean()]),
        "The end is the last step, not the last latent.": np.array([expected[0], below[:, -1].mean()]),
        "Success is E < level; at the level itself it is none.":
            np.array([(errors <= level).any(0).mean(), expected[1]]),
        "That is the mean error against the level: count each latent for itself.":
            np.array([float((errors.mean(1) < level).any()), float(errors[-1].mean() < level)]),
    }, f"For the check's errors it is {expected.tolist()}.")  # fmt: skip
    one = unpack(successes(np.array([[0.5], [2.0]]), 1.0), "ever", "at the end")
    compare(array(list(one)), np.array([1.0, 0.0]), {}, "level and errors come with the call.")
