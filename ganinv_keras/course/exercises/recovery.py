"""Checks of page 03: the hazard of a cutoff, lengths on a straight line, the damped step."""

import numpy as np

from ganinv_keras.course.exercises.report import array, compare, exercise


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
