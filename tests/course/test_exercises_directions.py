"""The checks of page 06 take what is right however it is written, and have a hint for each likely mistake."""

import numpy as np
import tensorflow as tf

from ganinv_keras.course import exercises
from ganinv_keras.networks.spherical import SphericalToCartesian


def walk(place=lambda level, bits: 2**level - 1 + int("0" + bits[:level], 2), zero=np.sin, one=np.cos, depth=None):
    def leaf(z, bits):
        x = 1.0
        for level in range(depth or len(bits)):
            x *= (zero, one)[int(bits[level])](z[place(level, bits) % len(z)])
        return x

    return leaf


def test_leaf_takes_what_is_right():
    def by_the_layer(z, bits):
        return SphericalToCartesian()(tf.constant(z[None], "float32"))[0, int(bits, 2)]

    for right in (walk(), by_the_layer):
        assert exercises.check_leaf.judge(right).mark == "right"


def test_leaf_names_mistakes(assert_named):
    def sequential(z, bits):
        return (np.cumprod([1, *np.sin(z)]) * [*np.cos(z), 1])[int(bits, 2)]

    def total(z, bits):
        return sum((np.sin, np.cos)[int(bit)](z[2**k - 1 + int("0" + bits[:k], 2)]) for k, bit in enumerate(bits))

    wrong = {
        "nothing": lambda z, bits: None,
        "swapped": walk(zero=np.cos, one=np.sin),
        "one a level": walk(lambda level, bits: level),
        "first of a level": walk(lambda level, bits: 2**level - 1),
        "too far": walk(lambda level, bits: 2**level + int("0" + bits[:level], 2)),
        "levels missing": walk(lambda level, bits: int("0" + bits[:level], 2)),
        "backwards": lambda z, bits: walk()(z, bits[::-1]),
        "own bit": walk(lambda level, bits: 2**level - 1 + int(bits[: level + 1], 2)),
        "order": walk(lambda level, bits: 2**level - 1 + int("0" + bits[:level][::-1], 2)),
        "sequential": sequential,
        "sum": total,
        "last factor": walk(depth=2),
        "all leaves": lambda z, bits: [walk()(z, f"{i:03b}") for i in range(8)],
        "half": lambda z, bits: walk()(z, bits) / 2,
        "depth three": lambda z, bits: walk()(z, bits) if len(bits) == 3 else 0.0,
    }
    assert_named(exercises.check_leaf, wrong, {
        "nothing": "return", "swapped": "swapped", "one a level": "one a level",
        "first of a level": "first angle of each level", "too far": "not 2^level", "levels missing": "missing: skip",
        "backwards": "from the left: the first", "own bit": "not from its own", "order": "stand in the order",
        "sequential": "sequential", "sum": "not their sum", "last factor": "last factor", "all leaves": "one number",
        "half": "eight leaves", "depth three": "depth comes",
    })  # fmt: skip


def parts(z_c, z_prime):
    projection = np.sum(z_c * z_prime, axis=1)
    return np.linalg.norm(z_prime - projection[:, None] * z_c, axis=1), projection, np.linalg.norm(z_prime, axis=1)


def right_tangent(z_c, z_prime):
    rejection, projection, _ = parts(z_c, z_prime)
    return rejection / projection


def test_tangent_takes_what_is_right():
    def by_pythagoras(z_c, z_prime):
        _, projection, length = parts(z_c, z_prime)
        return np.sqrt(np.maximum(length**2 - projection**2, 0)) / projection

    for right in (right_tangent, by_pythagoras):
        assert exercises.check_tangent.judge(right).mark == "right"


def test_tangent_names_mistakes(assert_named):
    def cosine(z_c, z_prime):
        _, projection, length = parts(z_c, z_prime)
        return projection / length

    wrong = {
        "nothing": lambda *given: None,
        "cotangent": lambda *given: 1 / right_tangent(*given),
        "cosine": cosine,
        "sine": lambda *given: parts(*given)[0] / parts(*given)[2],
        "angle": lambda *given: np.arccos(cosine(*given)),
        "degrees": lambda *given: np.degrees(np.arccos(cosine(*given))),
        "one minus": lambda *given: 1 - cosine(*given),
        "rejection": lambda *given: parts(*given)[0],
        "projection": lambda *given: parts(*given)[1],
        "square": lambda *given: right_tangent(*given) ** 2,
        "difference": lambda z_c, z_prime: np.linalg.norm(z_prime - z_c, axis=1),
        "chord": lambda z_c, z_prime: np.linalg.norm(z_prime / parts(z_c, z_prime)[2][:, None] - z_c, axis=1),
        "length": lambda z_c, z_prime: np.tan(np.arccos(np.clip(np.sum(z_c * z_prime, axis=1), -1, 1))),
        "mean": lambda *given: right_tangent(*given).mean(),
        "nan": lambda z_c, z_prime: right_tangent(z_c, z_prime) if len(z_c) == 3 else np.full(2, np.nan),
        "two": lambda *given: right_tangent(*given) + (len(given[0]) == 2),
        "negative": lambda *given: -right_tangent(*given),
    }
    assert_named(exercises.check_tangent, wrong, {
        "nothing": "return", "cotangent": "cotangent", "cosine": "is the cosine", "sine": "sine",
        "angle": "is the angle:",
        "degrees": "degrees", "one minus": "1 - cos", "rejection": "length of the rejection",
        "projection": "is the projection", "square": "square", "difference": "must not matter", "chord": "chord",
        "length": "length 1 first", "mean": "their mean", "nan": "no arccosine", "two": "whatever the length",
        "negative": "you return",
    })  # fmt: skip


def best(z_c):
    return z_c.sum(0) / np.linalg.norm(z_c.sum(0))


def test_best_direction_takes_what_is_right():
    for right in (best, lambda z_c: z_c.mean(0) / np.sqrt(np.sum(z_c.mean(0) ** 2)), lambda z_c: list(best(z_c))):
        assert exercises.check_best_direction.judge(right).mark == "right"


def test_best_direction_names_mistakes(assert_named):
    def axis(z_c):
        return np.linalg.eigh(z_c.T @ z_c)[1][:, -1]

    def by_angles(z_c):
        middle = np.arctan2(z_c[:, 1], z_c[:, 0]).mean()
        return np.array([np.cos(middle), np.sin(middle)])

    wrong = {
        "nothing": lambda z_c: None,
        "mean": lambda z_c: z_c.mean(0),
        "sum": lambda z_c: z_c.sum(0),
        "sign": lambda z_c: -best(z_c),
        "by sum": lambda z_c: z_c.sum(0) / z_c.sum(),
        "by square": lambda z_c: z_c.sum(0) / np.sum(z_c.sum(0) ** 2),
        "angles": by_angles,
        "median": lambda z_c: np.median(z_c, 0) / np.linalg.norm(np.median(z_c, 0)),
        "alike": lambda z_c: np.full(z_c.shape[1], z_c.shape[1] ** -0.5),
        "axis": lambda z_c: axis(z_c) * np.sign(axis(z_c)[0]),
        "row": lambda z_c: z_c[-1],
        "in front": lambda z_c: best(z_c)[None],
        "half": lambda z_c: best(z_c) / 2,
        "plane": lambda z_c: best(z_c)[:2],
    }
    found = exercises.check_best_direction.judge(lambda z_c: -axis(z_c) * np.sign(axis(z_c)[0]))
    assert found.mark == "wrong" and "squared" in found.hint
    assert_named(exercises.check_best_direction, wrong, {
        "nothing": "return", "mean": "mean of the rows", "sum": "sum of the rows", "sign": "sign is not",
        "by sum": "not by the sum", "by square": "not by its square", "angles": "mean of the angles",
        "median": "median", "alike": "spread evenly", "axis": "main axis", "row": "need not", "in front": "in front",
        "half": "check's rows", "plane": "three axes",
    })  # fmt: skip
