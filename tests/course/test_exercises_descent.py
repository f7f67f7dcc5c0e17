"""The checks of page 02 take what is right however it is written, and have a hint for each likely mistake."""

import numpy as np
import tensorflow as tf
from keras import ops
from scipy.special import expit

from ganinv_keras.course import exercises
from ganinv_keras.inversion.constraints import MomentPenalty


def penalty(z, prior, a, b):
    z = np.asarray(z)
    return a * (prior.mean - z.mean()) ** 2 + b * (prior.std - z.std()) ** 2


def test_moment_penalty_takes_what_is_right():
    for right in (
        penalty,
        lambda z, prior, a, b: MomentPenalty(prior, a, b)(z),
        lambda z, prior, a, b: a * tf.square(prior.mean - tf.reduce_mean(z)) + b * (prior.std - ops.std(z)) ** 2,
    ):
        assert exercises.check_moment_penalty.judge(right).mark == "right"


def test_moment_penalty_names_mistakes(assert_named):
    def over(axis):
        def attempt(z, p, a, b):
            z = np.asarray(z)
            return a * (p.mean - z.mean(axis)) ** 2 + b * (p.std - z.std(axis)) ** 2

        return attempt

    wrong = {
        "nothing": lambda *_: None,
        "exchanged": lambda z, p, a, b: penalty(z, p, b, a),
        "no weights": lambda z, p, a, b: penalty(z, p, 1, 1),
        "absolute": lambda z, p, a, b: a * abs(p.mean - np.mean(z)) + b * abs(p.std - np.std(z)),
        "mean only": lambda z, p, a, b: a * (p.mean - np.mean(z)) ** 2,
        "std only": lambda z, p, a, b: b * (p.std - np.std(z)) ** 2,
        "standard normal": lambda z, p, a, b: a * np.mean(z) ** 2 + b * (1 - np.std(z)) ** 2,
        "variances": lambda z, p, a, b: a * (p.mean - np.mean(z)) ** 2 + b * (p.std**2 - np.var(z)) ** 2,
        "each latent": over(1),
        "each latent, averaged": lambda *args: over(1)(*args).mean(),
        "each place": over(0),
        "minus": lambda z, p, a, b: a * (p.mean - np.mean(z)) ** 2 - b * (p.std - np.std(z)) ** 2,
        "one less": lambda z, p, a, b: a * (p.mean - np.mean(z)) ** 2 + b * (p.std - np.std(z, ddof=1)) ** 2,
        "single elements": lambda z, p, a, b: a * np.mean((p.mean - z) ** 2) + b * (p.std - np.std(z)) ** 2,
        "this prior only": lambda z, p, a, b: a * (1.5 - np.mean(z)) ** 2 + b * (12**-0.5 * 3 - np.std(z)) ** 2,
    }
    assert_named(exercises.check_moment_penalty, wrong, {
        "nothing": "return", "exchanged": "exchanged", "no weights": "gamma_1", "absolute": "is a square",
        "mean only": "σ̂ is missing", "std only": "μ̂ is missing", "standard normal": "N(0, 1)",
        "variances": "variances", "each latent": "one penalty for each latent", "each latent, averaged": "and averaged",
        "each place": "d places", "minus": "add up", "one less": "one less", "single elements": "single elements",
        "this prior only": "that is passed",
    })  # fmt: skip


def gradient(x, x_hat, A):
    return A.T @ (x_hat - x) / len(x)


def test_loss_gradient_takes_what_is_right():
    for right in (
        gradient,
        lambda x, x_hat, A: tf.linalg.matvec(A, x_hat - x, transpose_a=True) / len(x),
        lambda x, x_hat, A: list(np.mean((x_hat - x)[:, None] * A, axis=0)),
    ):
        assert exercises.check_loss_gradient.judge(right).mark == "right"
    x, logits, A, step = np.array([0.2, 0.7]), np.array([0.3, -1.0]), np.array([[1.0, 2.0], [0.5, -1.0]]), 1e-6
    ahead, behind = ([np.mean(np.logaddexp(0, l_) - x * l_) for l_ in logits + sign * step * A.T] for sign in (1, -1))
    assert np.allclose(gradient(x, expit(logits), A), (np.array(ahead) - behind) / (2 * step), atol=1e-8)


def test_loss_gradient_names_mistakes(assert_named):
    def slope(x_hat):
        return x_hat * (1 - x_hat)

    wrong = {
        "nothing": lambda *_: None,
        "sign": lambda x, x_hat, A: -gradient(x, x_hat, A),
        "sum": lambda x, x_hat, A: A.T @ (x_hat - x),
        "over d": lambda x, x_hat, A: A.T @ (x_hat - x) / A.shape[1],
        "slope again": lambda x, x_hat, A: A.T @ ((x_hat - x) * slope(x_hat)) / len(x),
        "by x_hat": lambda x, x_hat, A: A.T @ ((x_hat - x) / slope(x_hat)) / len(x),
        "squared error": lambda x, x_hat, A: 2 * A.T @ ((x_hat - x) * slope(x_hat)) / len(x),
        "factor 2": lambda x, x_hat, A: 2 * gradient(x, x_hat, A),
        "no A": lambda x, x_hat, A: (x_hat - x) / len(x),
        "no sum": lambda x, x_hat, A: (x_hat - x)[:, None] * A / len(x),
        "softplus only": lambda x, x_hat, A: A.T @ x_hat / len(x),
        "x only": lambda x, x_hat, A: -A.T @ x / len(x),
        "second sigmoid": lambda x, x_hat, A: A.T @ (expit(x_hat) - x) / len(x),
        "extra axis": lambda x, x_hat, A: gradient(x, x_hat, A)[None],
        "added up": lambda x, x_hat, A: gradient(x, x_hat, A).sum(),
        "seven pixels": lambda x, x_hat, A: A.T @ (x_hat - x) / 7,
    }
    assert_named(exercises.check_loss_gradient, wrong, {
        "nothing": "return", "sign": "sign", "sum": "divide by m", "over d": "d elements", "slope again": "cancels",
        "by x_hat": "derivative by x̂", "squared error": "squared error", "factor 2": "factor 2",
        "no A": "multiply by A", "no sum": "Sum over", "softplus only": "- x l is missing", "x only": "alone",
        "second sigmoid": "second sigmoid", "extra axis": "extra axis", "added up": "add them up",
        "seven pixels": "come with the call",
    })  # fmt: skip


def masked(mask):
    return lambda x, x_hat: np.sum(mask * (np.asarray(x) - np.asarray(x_hat)) ** 2, (1, 2, 3)) / mask.sum()


def test_masked_error_takes_what_is_right():
    for right in (
        masked,
        lambda mask: lambda x, x_hat: tf.reduce_sum(mask * (x - x_hat) ** 2, [1, 2, 3]) / tf.reduce_sum(mask),
        lambda mask: lambda x, x_hat: ops.mean(ops.square(x - x_hat) * mask, (1, 2, 3)) / ops.mean(mask),
    ):
        assert exercises.check_masked_error.judge(right).mark == "right"


def test_masked_error_names_mistakes(assert_named):
    def loss(function):
        return lambda mask: lambda x, x_hat: function(mask, np.asarray(x), np.asarray(x_hat))

    axes = (1, 2, 3)
    wrong = {
        "nothing": lambda mask: None,
        "all pixels": loss(lambda m, x, y: np.mean(m * (x - y) ** 2, axes)),
        "sum": loss(lambda m, x, y: np.sum(m * (x - y) ** 2, axes)),
        "hidden": loss(lambda m, x, y: np.sum((1 - m) * (x - y) ** 2, axes) / max((1 - m).sum(), 1)),
        "no mask": loss(lambda m, x, y: np.mean((x - y) ** 2, axes)),
        "absolute": loss(lambda m, x, y: np.sum(m * abs(x - y), axes) / m.sum()),
        "root": loss(lambda m, x, y: np.sqrt(np.sum(m * (x - y) ** 2, axes) / m.sum())),
        "one mean": loss(lambda m, x, y: np.mean(np.sum(m * (x - y) ** 2, axes) / m.sum())),
        "one sum": loss(lambda m, x, y: np.sum(m * (x - y) ** 2) / m.sum()),
        "each pixel": loss(lambda m, x, y: m * (x - y) ** 2),
        "channel kept": loss(lambda m, x, y: np.sum(m * (x - y) ** 2, (1, 2)) / m.sum()),
        "x alone": loss(lambda m, x, y: np.sum((m * x - y) ** 2, axes) / m.sum()),
        "x_hat alone": loss(lambda m, x, y: np.sum((x - m * y) ** 2, axes) / m.sum()),
        "squares": loss(lambda m, x, y: np.sum(m * (x**2 - y**2), axes) / m.sum()),
        "this mask": lambda mask: masked(np.pad(np.ones((7, 9, 1)), ((0, 21), (0, 19), (0, 0)))),
    }
    assert_named(exercises.check_masked_error, wrong, {
        "nothing": "returns a function", "all pixels": "mask.sum()", "sum": "their sum", "hidden": "hidden",
        "no mask": "not used", "absolute": "absolute", "root": "root", "one mean": "not their mean",
        "one sum": "not their sum", "each pixel": "one for each", "channel kept": "channel", "x alone": "masks x alone",
        "x_hat alone": "masks x̂ alone", "squares": "not the images", "this mask": "with another mask",
    })  # fmt: skip
