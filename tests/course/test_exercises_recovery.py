"""The checks of page 03 take what is right however it is written, and have a hint for each likely mistake."""

import numpy as np
import tensorflow as tf

from ganinv_keras.course import exercises


def rate(p, T):
    return 1 - (1 - p) ** (1 / T)


def test_hazard_takes_what_is_right():
    for right in (rate, lambda p, T: -np.expm1(np.log1p(-p) / T), lambda p, T: list(rate(tf.constant(p), T))):
        assert exercises.check_hazard.judge(right).mark == "right"


def test_hazard_names_mistakes(assert_named):
    wrong = {
        "nothing": lambda p, T: None,
        "survival": lambda p, T: (1 - p) ** (1 / T),
        "share": lambda p, T: p / T,
        "itself": lambda p, T: p,
        "other way": lambda p, T: 1 - (1 - p) ** T,
        "root": lambda p, T: p ** (1 / T),
        "one minus root": lambda p, T: 1 - p ** (1 / T),
        "a step less": lambda p, T: 1 - (1 - p) ** (1 / max(1, T - 1)),
        "a step more": lambda p, T: 1 - (1 - p) ** (1 / (T + 1)),
        "rate": lambda p, T: -np.log1p(-p) / T,
        "survives all": lambda p, T: 1 - p,
        "sign": lambda p, T: -rate(p, T),
        "one number": lambda p, T: rate(p, T)[0],
        "flat": lambda p, T: np.ravel(rate(p, T)),
    }
    assert_named(exercises.check_hazard, wrong, {
        "nothing": "return", "survival": "left alone", "share": "too few", "itself": "itself",
        "other way": "exponent is 1/T", "root": "none does", "one minus root": "survives T",
        "a step less": "one step less", "a step more": "one step more", "rate": "is a rate",
        "survives all": "survive the whole run", "sign": "below 0",
        "one number": "you return", "flat": "single step",
    })  # fmt: skip


def length(mu, d):
    return np.sqrt(d * ((1 - mu) ** 2 + mu**2))


def test_line_length_takes_what_is_right():
    for right in (length, lambda mu, d: (d * (1 - 2 * mu + 2 * mu**2)) ** 0.5):
        assert exercises.check_line_length.judge(right).mark == "right"


def test_line_length_names_mistakes(assert_named):
    wrong = {
        "nothing": lambda mu, d: None,
        "square": lambda mu, d: length(mu, d) ** 2,
        "arc": lambda mu, d: np.sqrt(d) * np.ones_like(mu),
        "mixed": lambda mu, d: np.sqrt(d * ((1 - mu) ** 2 + mu**2 + 2 * mu * (1 - mu) / d)),
        "no d": lambda mu, d: length(mu, 1),
        "d outside": lambda mu, d: d * length(mu, 1),
        "one part": lambda mu, d: np.sqrt(d) * (1 - mu),
        "other part": lambda mu, d: np.sqrt(d) * mu,
        "minus": lambda mu, d: np.sqrt(d * abs((1 - mu) ** 2 - mu**2)),
        "middle": lambda mu, d: np.full_like(mu, np.sqrt(d / 2)),
        "tent": lambda mu, d: np.sqrt(d) * (1 - 2 * np.minimum(mu, 1 - mu) * (1 - 0.5**0.5)),
        "difference": lambda mu, d: np.sqrt(2 * d) * mu,
        "one number": lambda mu, d: np.sqrt(d) + 1,
        "hundred": lambda mu, d: length(mu, 100),
    }
    assert_named(exercises.check_line_length, wrong, {
        "nothing": "return", "square": "take the root", "arc": "arc", "mixed": "mixed", "no d": "d is missing",
        "d outside": "outside the root", "one part": "that of z₂", "other part": "that of z₁", "minus": "add up",
        "middle": "middle only", "tent": "round", "difference": "difference", "one number": "you return",
        "hundred": "d comes with",
    })  # fmt: skip


def step(J, r, damping):
    product = J.T @ J
    return np.linalg.solve(product + damping * np.diag(np.diag(product)), J.T @ r)


def test_damped_step_takes_what_is_right():
    def by_least_squares(J, r, damping):
        scale = np.linalg.norm(J, axis=0)
        rows = np.concatenate([J, np.diag(damping**0.5 * scale)])
        return np.linalg.lstsq(rows, np.concatenate([r, np.zeros(len(scale))]), rcond=None)[0]

    for right in (step, by_least_squares, lambda *given: tf.constant(step(*given))):
        assert exercises.check_damped_step.judge(right).mark == "right"


def test_damped_step_names_mistakes(assert_named):
    def solved(matrix):
        return lambda J, r, damping: np.linalg.solve(matrix(J.T @ J, damping), J.T @ r)

    def diagonal(product):
        return np.diag(np.diag(product))

    wrong = {
        "nothing": lambda J, r, damping: None,
        "sign": lambda *given: -step(*given),
        "undamped": solved(lambda product, damping: product),
        "identity": solved(lambda product, damping: product + damping * np.eye(len(product))),
        "no lambda": solved(lambda product, damping: product + diagonal(product)),
        "subtracted": solved(lambda product, damping: product - damping * diagonal(product)),
        "all of it": solved(lambda product, damping: product * (1 + damping)),
        "diagonal alone": solved(lambda product, damping: diagonal(product) * (1 + damping)),
        "slope": lambda J, r, damping: J.T @ r,
        "multiplied": lambda J, r, damping: (J.T @ J + damping * diagonal(J.T @ J)) @ J.T @ r,
        "squared": solved(lambda product, damping: product + damping**2 * diagonal(product)),
        "broadcast": solved(lambda product, damping: product + damping * np.diag(product)),
        "column": lambda *given: step(*given)[:, None],
        "row": lambda *given: step(*given)[None],
        "three elements": lambda J, r, damping: np.append(step(J, r, damping), np.zeros(3 - J.shape[1])),
    }
    assert_named(exercises.check_damped_step, wrong, {
        "nothing": "return", "sign": "sign", "undamped": "Gauss–Newton", "identity": "λ I",
        "no lambda": "missing its λ", "subtracted": "added, not", "all of it": "diagonal alone",
        "diagonal alone": "is left of JᵀJ", "slope": "slope",
        "multiplied": "not by the matrix", "squared": "squared", "broadcast": "every row", "column": "extra axis",
        "row": "in front", "three elements": "whatever m and d",
    })  # fmt: skip
