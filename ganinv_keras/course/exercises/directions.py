"""Checks of page 06: a leaf of the tree of angles, a tangent without its arccosine, the best blind guess."""

import numpy as np

from ganinv_keras.course.exercises.report import array, compare, exercise, expect
from ganinv_keras.networks.priors import Angular
from ganinv_keras.networks.spherical import SphericalToCartesian


def _walk(z, bits, place=lambda level, before: 2**level - 1 + before, zero=np.sin, one=np.cos):
    """Return a coordinate of the tree, with the mistakes that are asked for."""
    x = 1.0
    for level, bit in enumerate(bits):
        angle = z[place(level, int("0" + bits[:level], 2)) % len(z)]
        x *= zero(angle) if bit == "0" else one(angle)
    return x


@exercise("06")
def check_leaf(leaf):
    """`leaf(z, bits)` is one coordinate of the tree, such as x_010, for 7 angles."""
    z = Angular(7).sample(1, seed=0).numpy()[0].astype("float64")
    names = [f"{i:03b}" for i in range(8)]
    expected = array(SphericalToCartesian()(z[None].astype("float32"))[0])

    def all_leaves(function):
        return np.array([function(name) for name in names])

    found = [array(leaf(z.copy(), name)) for name in names]
    expect(all(value.ndim == 0 for value in found), "A leaf is one number.")
    compare(np.array(found), expected, {
        "Sine and cosine are swapped: 0 takes the sine, 1 the cosine.":
            all_leaves(lambda bits: _walk(z, bits, zero=np.cos, one=np.sin)),
        "Those are the first angles of the list, one a level: which one of a level depends on the bits before it.":
            all_leaves(lambda bits: _walk(z, bits, lambda level, before: level)),
        "That takes the first angle of each level: move right by the number that the bits read so far make.":
            all_leaves(lambda bits: _walk(z, bits, lambda level, before: 2**level - 1)),
        "The levels before this one hold 2^level - 1 angles, not 2^level.":
            all_leaves(lambda bits: _walk(z, bits, lambda level, before: 2**level + before)),
        "The levels before this one are missing: skip their 2^level - 1 angles.":
            all_leaves(lambda bits: _walk(z, bits, lambda level, before: before)),
        "The bits are read from the left: the first belongs to the root.":
            all_leaves(lambda bits: _walk(z, bits[::-1])),
        "The place of an angle follows from the bits before it, not from its own bit.":
            all_leaves(lambda bits: np.prod([np.sin(z[(2**k - 1 + int(bits[: k + 1], 2)) % 7]) if bits[k] == "0" else
                                             np.cos(z[(2**k - 1 + int(bits[: k + 1], 2)) % 7]) for k in range(3)])),
        "The angles of a level stand in the order of the bits before it, read as a binary number from the left.":
            all_leaves(lambda bits: np.prod([(np.sin, np.cos)[int(bits[k])](z[2**k - 1 + int("0" + bits[:k][::-1], 2)])
                                             for k in range(3)])),
        "That is the sequential transform: each factor there is a sine until the last.":
            np.cumprod([1, *np.sin(z)]) * [*np.cos(z), 1],
        "A product of the factors, not their sum.":
            all_leaves(lambda bits: sum((np.sin, np.cos)[int(bits[k])](z[2**k - 1 + int("0" + bits[:k], 2)])
                                        for k in range(3))),
        "The last factor is missing: three bits, three factors.": all_leaves(lambda bits: _walk(z, bits[:2])),
    }, f"The eight leaves are {expected.round(3)}; you return {str(np.array(found).round(3))[:100]}.")  # fmt: skip
    small = array(leaf(np.array([0.3]), "1"))
    compare(small, np.cos(np.array(0.3)), {}, "With a single angle x_1 is its cosine: the depth comes with the bits.")


@exercise("06")
def check_tangent(tangent):
    """`tangent(z_c, z_prime)` is the tangent of the angle between unit vectors and answers of any length."""
    z_c = np.array([[1.0, 0.0, 0.0], [0.6, 0.8, 0.0], [0.0, 0.6, 0.8]])
    z_prime = np.array([[3.0, 4.0, 0.0], [0.6, 0.8, 2.0], [1.0, 6.0, 8.5]])
    length = np.linalg.norm(z_prime, axis=1)
    projection = np.sum(z_c * z_prime, axis=1)
    rejection = np.linalg.norm(z_prime - projection[:, None] * z_c, axis=1)
    cosine = projection / length
    found = array(tangent(z_c.copy(), z_prime.copy()))
    compare(found, rejection / projection, {
        "That is the cotangent: rejection over projection.": projection / rejection,
        "That is the cosine.": cosine,
        "That is the sine, rejection over length: divide by the projection.": rejection / length,
        "That is the angle: its tangent is asked.": np.arccos(cosine),
        "That is the angle in degrees: its tangent is asked.": np.degrees(np.arccos(cosine)),
        "That is 1 - cos, another distance.": 1 - cosine,
        "That is the length of the rejection: divide by the projection, or it grows with the length of the answer.":
            rejection,
        "That is the projection: the rejection over it is asked.": projection,
        "That is the square of the tangent: take the root.": (rejection / projection) ** 2,
        "That is |z' - z_c|: the length of the answer must not matter.": np.linalg.norm(z_prime - z_c, axis=1),
        "That is |z' - z_c| of the unit vectors, a chord: the tangent is asked.":
            np.linalg.norm(z_prime / length[:, None] - z_c, axis=1),
        "tan(arccos(z_c · z')) wants a z' of length 1 first.":
            np.tan(np.arccos(np.clip(projection, -1, 1))),
        "One number for each pair: you return their mean.": np.mean(rejection / projection),
    }, f"It is {(rejection / projection).round(3)}; you return {str(found.round(3))[:80]}.")  # fmt: skip
    same = array(tangent(z_c[:2], 7 * z_c[:2]))
    expect(np.isfinite(same).all(), "At an angle of 0 the tangent is 0: no arccosine is needed.")
    compare(same, np.zeros(2), {}, "At an angle of 0 the tangent is 0, whatever the length.")


@exercise("06")
def check_best_direction(best_direction):
    """`best_direction(z_c)` is the unit vector with the largest mean cosine to the rows."""
    z_c = np.array([[0.0, 1.0], [0.6, 0.8], [0.96, 0.28], [0.28, 0.96]])
    total, angles = z_c.sum(axis=0), np.arctan2(z_c[:, 1], z_c[:, 0])
    expected = total / np.linalg.norm(total)
    values, vectors = np.linalg.eigh(z_c.T @ z_c)
    found = array(best_direction(z_c.copy()))
    compare(found, expected, {
        "That is the mean of the rows: give it the length 1.": z_c.mean(axis=0),
        "That is the sum of the rows: give it the length 1.": total,
        "The direction is right, its sign is not.": -expected,
        "Divide by the length, the root of the sum of squares, not by the sum.": total / total.sum(),
        "Divide by the length, not by its square.": total / np.sum(total**2),
        "That is the mean of the angles: the mean of the vectors is asked, which weighs them otherwise.":
            np.array([np.cos(angles.mean()), np.sin(angles.mean())]),
        "That is the median of the coordinates.": np.median(z_c, axis=0) / np.linalg.norm(np.median(z_c, axis=0)),
        "All coordinates alike would be best if the rows were spread evenly.": np.full(2, 0.5**0.5),
        "That is the main axis, for the largest mean of *squared* cosines.": vectors[:, values.argmax()],
        "That is the main axis, for the largest mean of *squared* cosines, with the other sign.":
            -vectors[:, values.argmax()],
        "That is a row: the best vector need not be one.": z_c[3],
        "One vector (d + 1,): drop the axis in front.": expected[None],
    }, f"For the check's rows it is {expected.round(3)}; you return {str(found.round(3))[:80]}.")  # fmt: skip
    three = array(best_direction(np.eye(3)))
    compare(three, np.full(3, 3**-0.5), {}, "For the three axes of space it is (1, 1, 1) / √3.")
