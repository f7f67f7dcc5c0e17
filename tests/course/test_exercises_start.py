"""The checks of page 00 take what is right however it is written, and have a hint for each likely mistake."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import ops

from ganinv_keras import LatentOptimizer, losses, pretrained
from ganinv_keras.course import exercises


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


def test_line_names_mistakes(assert_named):
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


def test_loss_floor_names_mistakes(assert_named):
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


def test_way_back_names_mistakes(way, assert_named):
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
