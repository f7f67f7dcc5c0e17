"""The checks take what is right however it is written, and name what is wrong: each likely mistake has its own hint."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops
from sklearn.linear_model import LogisticRegression

from ganinv_keras import LatentOptimizer, losses, pretrained
from ganinv_keras.course import exercises
from ganinv_keras.course.exercises import CHECKS


def stub(*_args):
    raise NotImplementedError


def hints(check, wrong):
    """Return the hints that a check has for the `wrong` attempts, after seeing that each is rejected."""
    verdicts = {name: check.judge(attempt) for name, attempt in wrong.items()}
    assert {name: verdict.mark for name, verdict in verdicts.items()} == dict.fromkeys(wrong, "wrong")
    return {name: verdict.hint for name, verdict in verdicts.items()}


def assert_named(check, wrong, words):
    """Assert that there are ten wrong attempts or more, each with a hint of its own, which holds the word expected."""
    found = hints(check, wrong)
    assert len(wrong) >= 10 and len(set(found.values())) == len(found)
    assert {name: words[name] in hint for name, hint in found.items()} == dict.fromkeys(found, True), found


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_stub_is_open_and_nonsense_is_wrong(check, capsys):
    name = check.__name__.removeprefix("check_").replace("_", " ")
    check(stub)
    assert capsys.readouterr().out == f"○ {name}: yours to write.\n"
    check(lambda *_args: -1.0)
    assert capsys.readouterr().out.startswith(f"✗ {name}: not yet. ")


def test_every_page_has_three_checks():
    pages = [check.page for check in CHECKS]
    assert pages == sorted([f"{number:02}" for number in range(7)] * 3)
    assert all(getattr(exercises, check.__name__) is check for check in CHECKS)


class Hostile:
    def __array__(self, *_args, **_kwargs):
        raise SystemExit

    def __str__(self):
        raise RuntimeError

    __repr__ = __str__


class Unprintable(Exception):
    def __str__(self):
        raise RuntimeError


def test_a_hostile_attempt_ends_in_one_line(capsys):
    def raises(error):
        def attempt(*_args):
            raise error

        return attempt

    def recursive(*args):
        return recursive(*args)

    attempts = [None, 3, "line", Hostile(), lambda *_args: Hostile(), lambda *_args: [[1], [1, 2]], lambda: 0,
                raises(SystemExit(1)), raises(KeyboardInterrupt()), raises(Unprintable()),
                raises(ValueError("a\n\ud800\x1b[31m" * 1000)), recursive]  # fmt: skip
    for attempt in attempts:
        exercises.check_line(attempt)
        out = capsys.readouterr().out
        assert out.startswith("✗ line: not yet. ") and out.count("\n") == 1 and len(out) < 350


def points(share, z_a, z_b):
    share = np.asarray(share)[:, None]
    return (1 - share) * z_a + share * z_b


def slerp(z_a, z_b, n):
    angle = np.arccos(z_a @ z_b / np.linalg.norm(z_a) / np.linalg.norm(z_b))
    share = np.linspace(0, 1, n)[:, None]
    return (np.sin((1 - share) * angle) * z_a + np.sin(share * angle) * z_b) / np.sin(angle)


def in_place(z_a, z_b, n):
    z_b -= z_a
    return z_a + np.linspace(0, 1, n)[:, None] * z_b


def unit(points):
    return points / np.linalg.norm(points, axis=1, keepdims=True)


def test_line_takes_what_is_right():
    for right in (
        lambda a, b, n: points(np.linspace(0, 1, n), a, b),
        lambda a, b, n: np.linspace(a, b, n),
        lambda a, b, n: ops.expand_dims(ops.linspace(0.0, 1.0, n), 1) * (b - a) + a,
        lambda a, b, n: [[float(u + (v - u) * i / (n - 1)) for u, v in zip(a, b, strict=True)] for i in range(n)],
    ):
        assert exercises.check_line.judge(right).mark == "right"


def test_line_names_mistakes():
    def share(n):
        return np.linspace(0, 1, n)[:, None]

    wrong = {
        "returns nothing": lambda a, b, n: None,
        "stops short": lambda a, b, n: points(np.arange(n) / n, a, b),
        "begins late": lambda a, b, n: points(np.arange(1, n + 1) / n, a, b),
        "n + 1": lambda a, b, n: points(np.linspace(0, 1, n + 1), a, b),
        "n + 2": lambda a, b, n: points(np.linspace(0, 1, n + 2), a, b),
        "n between": lambda a, b, n: points(np.linspace(0, 1, n + 2)[1:-1], a, b),
        "without ends": lambda a, b, n: points(np.linspace(0, 1, n)[1:-1], a, b),
        "backwards": lambda a, b, n: points(np.linspace(1, 0, n), a, b),
        "share of z_b": lambda a, b, n: a + share(n) * b,
        "equal shares": lambda a, b, n: share(n) * a + share(n) * b,
        "arc": slerp,
        "unit": lambda a, b, n: unit(points(np.linspace(0, 1, n), a, b)),
        "columns": lambda a, b, n: points(np.linspace(0, 1, n), a, b).T,
        "flat": lambda a, b, n: points(np.linspace(0, 1, n), a, b).ravel(),
        "extra axis": lambda a, b, n: points(np.linspace(0, 1, n), a, b)[:, None],
        "middle": lambda a, b, n: (a + b) / 2,
        "always five": lambda a, b, n: points(np.linspace(0, 1, 5), a, b),
        "in place": in_place,
        "no broadcast": lambda a, b, n: a + np.linspace(0, 1, n) * (b - a),
    }
    assert_named(exercises.check_line, wrong, {
        "returns nothing": "return", "stops short": "n - 1 gaps", "begins late": "begins at 0", "n + 1": "n + 1",
        "n + 2": "n + 2", "n between": "n points between", "without ends": "between them only",
        "backwards": "from z_b to z_a", "share of z_b": "z_b - z_a", "equal shares": "(1 - share)", "arc": "arc",
        "unit": "normalised", "columns": "transpose", "flat": "one in each row", "extra axis": "axis too many",
        "middle": "halfway", "always five": "come with the call", "in place": "in place", "no broadcast": "broadcast",
    })  # fmt: skip


def entropy(x):
    x = np.clip(np.asarray(x, "float64"), 1e-12, 1 - 1e-12)
    return -x * np.log(x) - (1 - x) * np.log(1 - x)


PIXELS = (1, 2, 3)


def test_loss_floor_takes_what_is_right():
    for right in (
        lambda x: entropy(x).mean(PIXELS),
        lambda x: losses.bce(x, x),
        lambda x: -ops.mean(x * ops.log(x + 1e-9) + (1 - x) * ops.log(1 - x + 1e-9), axis=PIXELS),
        lambda x: [float(np.mean(entropy(image))) for image in x],
    ):
        assert exercises.check_loss_floor.judge(right).mark == "right"


def test_loss_floor_names_mistakes():
    wrong = {
        "nothing": lambda x: None,
        "nan": lambda x: -np.mean(x * np.log(x) + (1 - x) * np.log(1 - x), PIXELS),
        "zero": lambda x: np.zeros(len(x)),
        "grey": lambda x: [float(np.log(2))] * len(x),
        "mean": lambda x: float(entropy(x).mean()),
        "map": entropy,
        "sum": lambda x: entropy(x).sum(PIXELS),
        "sign": lambda x: -entropy(x).mean(PIXELS),
        "bits": lambda x: entropy(x).mean(PIXELS) / np.log(2),
        "first half": lambda x: -np.mean(x * np.log(np.maximum(x, 1e-12)), PIXELS),
        "second half": lambda x: -np.mean((1 - x) * np.log(np.maximum(1 - x, 1e-12)), PIXELS),
        "mean pixel": lambda x: entropy(x.mean(PIXELS)),
        "variance": lambda x: np.mean(x * (1 - x), PIXELS),
        "over images": lambda x: entropy(x).mean(0),
        "channel": lambda x: entropy(x).mean((1, 2)),
        "coarse clip": lambda x: entropy(np.clip(x, 0.05, 0.95)).mean(PIXELS),
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_named(exercises.check_loss_floor, wrong, {
            "nothing": "return", "nan": "0 · log 0", "zero": "grey pixel", "grey": "even grey", "mean": "each, not",
            "map": "for each pixel", "sum": "sum", "sign": "sign", "bits": "bits", "first half": "half with 1 - x",
            "second half": "half with x", "mean pixel": "the mean pixel", "variance": "variance",
            "over images": "not over the images", "channel": "channel", "coarse clip": "three images",
        })  # fmt: skip


@pytest.fixture(scope="module")
def way():
    """Eight latents, and what a short search brings back of them."""
    model = pretrained.load("mnist-uniform")
    z = np.asarray(model.prior.sample(8, seed=0))
    images = np.asarray(model.generator(z, training=False))
    return z, LatentOptimizer(model.generator, model.prior).invert(images, steps=60, seed=1)


def lengths(z):
    return np.linalg.norm(z, axis=1)


def test_way_back_takes_what_is_right(way):
    z, inversion = way
    z_hat = inversion.z
    cosines = np.sum(z * z_hat, axis=1) / lengths(z) / lengths(z_hat)
    ratios = lengths(z_hat) / lengths(z)
    assert exercises.check_way_back.judge(lambda *_: (z, z_hat, cosines, ratios)).mark == "right"
    by_keras = -keras.losses.cosine_similarity(z, z_hat), [float(ratio) for ratio in ratios]
    assert exercises.check_way_back.judge(lambda *_: [tf.constant(z), z_hat.tolist(), *by_keras]).mark == "right"


def test_way_back_names_mistakes(way):
    z, inversion = way
    z_hat, start = inversion.z, z + 1e-3
    products = np.sum(z * z_hat, axis=1)
    cosines, ratios = products / lengths(z) / lengths(z_hat), lengths(z_hat) / lengths(z)
    dim = z.shape[1]
    draw = np.random.default_rng(0)
    normal, far = draw.normal(size=z.shape), draw.uniform(-1, 1, z.shape)
    early = 0.75 * z_hat + 0.25 * far
    answers = {
        "three values": (z, z_hat, cosines),
        "one latent": (z[:1], z_hat[:1], cosines[:1], ratios[:1]),
        "images": (z, inversion.images, cosines, ratios),
        "shape": (z, z_hat[:4], cosines, ratios),
        "not the prior": (normal, z_hat, cosines, ratios),
        "started there": (z, start, cosines, ratios),
        "other images": (z, far, cosines, ratios),
        "too early": (z, early, cosines, ratios),
        "products": (z, z_hat, products, ratios),
        "one length": (z, z_hat, products / lengths(z), ratios),
        "mean": (z, z_hat, cosines.mean(), ratios),
        "no axis": (z, z_hat, products / np.linalg.norm(z) / np.linalg.norm(z_hat), ratios),
        "degrees": (z, z_hat, np.degrees(np.arccos(cosines)), ratios),
        "angles": (z, z_hat, np.arccos(cosines), ratios),
        "cosine distance": (z, z_hat, 1 - cosines, ratios),
        "squared distances": (z, z_hat, np.mean((z - z_hat) ** 2, axis=1), ratios),
        "distances": (z, z_hat, lengths(z - z_hat), ratios),
        "upside down": (z, z_hat, cosines, 1 / ratios),
        "squares": (z, z_hat, cosines, ratios**2),
        "difference": (z, z_hat, cosines, lengths(z_hat) - lengths(z)),
        "mean ratio": (z, z_hat, cosines, ratios.mean()),
    }
    wrong = {name: lambda *_, answer=answer: answer for name, answer in answers.items()}
    assert_named(exercises.check_way_back, wrong, {
        "three values": "4 values", "one latent": f"8 latents of {dim}", "images": "look like images",
        "shape": "shape of z", "not the prior": "not drawn", "started there": "another seed",
        "other images": "in this order", "too early": "more steps", "products": "scalar products",
        "one length": "both lengths", "mean": "not their mean", "no axis": "axis=1", "degrees": "degrees",
        "angles": "Those are angles:", "cosine distance": "1 - cosine", "squared distances": "squared distances",
        "distances": "Those are distances", "upside down": "upside down", "squares": "squared lengths",
        "difference": "divide instead", "mean ratio": "One ratio",
    })  # fmt: skip


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


def test_hinge_names_mistakes():
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


def test_lowest_d_loss_names_mistakes():
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


def test_trained_discriminator_names_mistakes():
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
