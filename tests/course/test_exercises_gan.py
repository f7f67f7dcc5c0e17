"""The checks of page 01 take what is right however it is written, and have a hint for each likely mistake."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops
from sklearn.linear_model import LogisticRegression

from ganinv_keras import losses
from ganinv_keras.course import exercises


def relu(x):
    return np.maximum(x, 0)


def softplus(x):
    return np.logaddexp(x, 0)


def test_hinge_takes_what_is_right():
    for right in (
        lambda r, f: (ops.mean(ops.relu(1 - r)) + ops.mean(ops.relu(1 + f)), -ops.mean(f)),
        lambda r, f: [float(relu(1 - r).mean() + relu(1 + f).mean()), float(-f.mean())],
        lambda r, f: (
            tf.reduce_mean(keras.losses.hinge(1, r)) + tf.reduce_mean(keras.losses.hinge(-1, f)),
            np.mean(-f),
        ),
    ):
        assert exercises.check_hinge.judge(right).mark == "right"


def test_hinge_names_mistakes(assert_named):
    def d_loss(r, f):
        return relu(1 - r).mean() + relu(1 + f).mean()

    wrong = {
        "nothing": lambda r, f: None,
        "their sum": lambda r, f: d_loss(r, f) - f.mean(),
        "order": lambda r, f: (-f.mean(), d_loss(r, f)),
        "no maximum": lambda r, f: (np.mean(1 - r) + np.mean(1 + f), -f.mean()),
        "maximum late": lambda r, f: (relu(np.mean(1 - r)) + relu(np.mean(1 + f)), -f.mean()),
        "signs": lambda r, f: (d_loss(-r, -f), -f.mean()),
        "real only": lambda r, f: (relu(1 - r).mean(), -f.mean()),
        "fake only": lambda r, f: (relu(1 + f).mean(), -f.mean()),
        "both together": lambda r, f: (np.concatenate([relu(1 - r), relu(1 + f)]).mean(), -f.mean()),
        "sum": lambda r, f: (relu(1 - r).sum() + relu(1 + f).sum(), -f.mean()),
        "no mean": lambda r, f: (relu(1 - r) + relu(1 + f), -f.mean()),
        "no margin": lambda r, f: (relu(-r).mean() + relu(f).mean(), -f.mean()),
        "squared": lambda r, f: (np.mean(relu(1 - r) ** 2) + np.mean(relu(1 + f) ** 2), -f.mean()),
        "softplus": lambda r, f: (softplus(-r).mean() + softplus(f).mean(), -f.mean()),
        "g sign": lambda r, f: (d_loss(r, f), f.mean()),
        "g hinge": lambda r, f: (d_loss(r, f), relu(1 - f).mean()),
        "g real": lambda r, f: (d_loss(r, f), -r.mean()),
        "g sum": lambda r, f: (d_loss(r, f), -f.sum()),
        "g no mean": lambda r, f: (d_loss(r, f), -f),
        "g softplus": lambda r, f: (d_loss(r, f), softplus(-f).mean()),
    }
    assert_named(exercises.check_hinge, wrong, {
        "nothing": "return", "their sum": "Return 2 values", "order": "order", "no maximum": "costs less than 0",
        "maximum late": "not the maximum of the mean", "signs": "exchanged", "real only": "generated images is missing",
        "fake only": "real images is missing", "both together": "both batches", "sum": "sum, in d_loss",
        "no mean": "d_loss is a scalar", "no margin": "margin", "squared": "squared hinge",
        "softplus": "non-saturating d_loss", "g sign": "sign of g_loss", "g hinge": "discriminator alone",
        "g real": "the real ones", "g sum": "sum, in g_loss", "g no mean": "g_loss is a scalar",
        "g softplus": "non-saturating g_loss",
    })  # fmt: skip


def term(p, share):
    return -np.sum(p[p > 0] * np.log(share[p > 0]))


def divergence(p, q):
    return np.log(2) - (term(p, p / (p + q)) + term(q, q / (p + q))) / 2


def test_lowest_d_loss_takes_what_is_right():
    for right in (
        lambda p, q: term(p, p / (p + q)) + term(q, q / (p + q)),
        lambda p, q: np.log(4) - 2 * divergence(p, q),
        lambda p, q: -ops.sum(ops.multiply(p, ops.log(p / (p + q) + 1e-12)) + q * ops.log(q / (p + q) + 1e-12)),
        lambda p, q: float(np.sum(keras.losses.binary_crossentropy((p / (p + q))[:, None], (p / (p + q))[:, None])
                                  * (p + q))),
    ):  # fmt: skip
        assert exercises.check_lowest_d_loss.judge(right).mark == "right"


def test_lowest_d_loss_names_mistakes(assert_named):
    def loss(p, q):
        return term(p, p / (p + q)) + term(q, q / (p + q))

    wrong = {
        "nothing": lambda p, q: None,
        "nan": lambda p, q: -np.sum(p * np.log(p / (p + q)) + q * np.log(q / (p + q))),
        "game": lambda p, q: -loss(p, q),
        "log 4": lambda p, q: np.log(4),
        "once": lambda p, q: np.log(4) - divergence(p, q),
        "plus": lambda p, q: np.log(4) + 2 * divergence(p, q),
        "divergence": divergence,
        "twice the divergence": lambda p, q: 2 * divergence(p, q),
        "Kullback": lambda p, q: np.log(4) - np.sum(p[p > 0] * np.log(p[p > 0] / q[p > 0])),
        "bits": lambda p, q: loss(p, q) / np.log(2),
        "half": lambda p, q: loss(p, q) / 2,
        "mean": lambda p, q: loss(p, q) / len(p),
        "best D": lambda p, q: p / (p + q),
        "terms": lambda p, q: np.array([loss(p[i : i + 1], q[i : i + 1]) for i in range(len(p))]),
        "real only": lambda p, q: term(p, p / (p + q)),
        "fake only": lambda p, q: term(q, q / (p + q)),
        "swapped": lambda p, q: term(p, q / (p + q)) + term(q, p / (p + q)),
        "D is p": lambda p, q: term(p, p) + term(q, 1 - p),
        "never 0": lambda p, q: max(loss(p, q), 0.1),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_named(exercises.check_lowest_d_loss, wrong, {
            "nothing": "return", "nan": "0 · log 0", "game": "value of the game", "log 4": "where p = q",
            "once": "counts twice", "plus": "sign of the divergence", "divergence": "divergence alone",
            "twice the divergence": "twice the divergence", "Kullback": "Kullback", "bits": "bits",
            "half": "is their mean", "mean": "by k", "best D": "image by image", "terms": "Add the images",
            "real only": "term of the generated", "fake only": "term of the real", "swapped": "exchanged",
            "D is p": "p alone", "never 0": "never wrong",
        })  # fmt: skip


def trained(real, fake, steps=150):
    discriminator = keras.Sequential([keras.Input((1,)), keras.layers.Dense(1)])
    optimizer = keras.optimizers.Adam(0.1)
    optimizer.build(discriminator.trainable_variables)
    real, fake = tf.constant(real), tf.constant(fake)

    @tf.function
    def step():
        with tf.GradientTape() as tape:
            d_loss, _ = losses.non_saturating(discriminator(real), discriminator(fake))
        optimizer.apply(tape.gradient(d_loss, discriminator.trainable_variables), discriminator.trainable_variables)

    for _ in range(steps):
        step()
    return discriminator


def logistic(real, fake):
    x = np.concatenate([real, fake])
    return LogisticRegression().fit(x, np.arange(len(x)) < len(real)).decision_function


def test_trained_discriminator_takes_what_is_right():
    assert exercises.check_trained_discriminator.judge(trained).mark == "right"
    assert exercises.check_trained_discriminator.judge(logistic).mark == "right"


def test_trained_discriminator_names_mistakes(assert_named):
    def line(slope=1.0, middle=0.0, bend=lambda r: r):
        """Return an attempt whose realness is `slope` times the best one, and is `middle` where that is 0."""

        def attempt(_real, fake):
            shift = 1.5 if fake.mean() > 0 else -1.0
            return lambda x: bend(slope * (shift**2 / 2 - shift * x) + middle)

        return attempt

    wrong = {
        "nothing": lambda real, fake: None,
        "with its loss": lambda real, fake: (line()(real, fake), 0.97),
        "two classes": lambda real, fake: lambda x: np.concatenate([x, x], axis=1),
        "diverged": line(np.nan),
        "unbounded": line(6.0, -7.0),
        "g_loss": line(-1.06, 4.4),
        "exchanged": lambda real, fake: logistic(fake, real),
        "real only": line(0.01, 3.9),
        "fake only": line(1.03, -4.3),
        "constant": line(0.0),
        "sigmoid": line(bend=lambda r: 1 / (1 + np.exp(-r))),
        "hinge": line(bend=lambda r: np.clip(2 * r, -1, 1)),
        "early": lambda real, fake: trained(real, fake, steps=1),
        "bent": line(bend=lambda r: r + 0.5 * np.cos(3 * r)),
        "the same for all data": lambda real, fake: lambda x: 1.125 - 1.5 * x,
    }
    assert_named(exercises.check_trained_discriminator, wrong, {
        "nothing": "return", "with its loss": "is a tuple", "two classes": "One realness for each", "diverged": "NaN",
        "unbounded": "steeper", "g_loss": "minimised g_loss", "exchanged": "exchanged", "real only": "everything real",
        "fake only": "everything generated", "constant": "same realness", "sigmoid": "probabilities",
        "hinge": "hinge", "early": "longer", "bent": "a line is all", "the same for all data": "second",
    })  # fmt: skip
