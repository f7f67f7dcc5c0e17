"""Checks of pages 05 and 06: the dimensions of a scale, and angles as directions.

How many dimensions a scale has, what noise leaves of a latent, what an answer holds of it; a leaf of the tree of
angles, a tangent without its arccosine, the best blind guess.
"""

import numpy as np

from ganinv_keras.course.exercises.report import array, compare, exercise, expect
from ganinv_keras.networks.priors import Angular
from ganinv_keras.networks.spherical import SphericalToCartesian


@exercise("05")
def check_effective_dimension(effective_dimension):
    """`effective_dimension(s)` is `e^H` of the distribution `s² / Σ s²`."""
    s = np.array([2.0, 1.0, 1.0, 0.5])
    p, q = s**2 / np.sum(s**2), s / np.sum(s)
    entropy = -np.sum(p * np.log(p))
    found = array(effective_dimension(s.copy()))
    compare(found, np.exp(entropy), {
        "That is the entropy H itself: raise e to it.": entropy,
        "That is H in bits: take the natural logarithm, or 2 to the H.": entropy / np.log(2),
        "e to an entropy in bits: take the natural logarithm, or 2 to the H.": np.exp(entropy / np.log(2)),
        "2 to an entropy in nats: e and the natural logarithm go together.": 2**entropy,
        "The sign: H = -Σ p log p is not below 0.": np.exp(-entropy),
        "p is the share of s², which is what G gets of a dimension's variance, not of s.":
            np.exp(-np.sum(q * np.log(q))),
        "p must add up to 1: divide by Σ s², not by d.": np.exp(-np.sum(s**2 / 4 * np.log(s**2 / 4))),
        "p must add up to 1: divide s² by its sum.": np.exp(-np.sum(s**2 * np.log(s**2))),
        "That is 1 / Σ p², another count, of Rényi's entropy: it asks more of the small ones.": 1 / np.sum(p**2),
        "H is a sum over dimensions, not a mean.": np.exp(entropy / 4),
        "That counts the dimensions: weigh them.": 4.0,
        "That is the largest share's inverse: all dimensions count.": 1 / p.max(),
    }, f"For s = {s} it is {np.exp(entropy):.3f}; you return {str(found.round(3))[:80]}.")  # fmt: skip
    zero = array(effective_dimension(np.array([3.0, 3.0, 0.0, 0.0])))
    expect(not np.isnan(zero).any(), "A scale of 0 adds nothing to the entropy: p log p tends to 0.")
    compare(zero, np.array(2.0), {}, "Two dimensions of four share everything: it is 2, whatever their size.")


@exercise("05")
def check_noisy_share(noisy_share):
    """`noisy_share(A, sigma)` is the variance of the best answer for z from noisy pixels, element by element."""
    A, sigma, eye = np.random.default_rng(0).normal(size=(2, 3)), 0.5, np.eye(2)
    noisy = A @ A.T + sigma**2 * eye
    P, free = A.T @ np.linalg.solve(noisy, A), A.T @ np.linalg.solve(A @ A.T, A)
    found = array(noisy_share(A.copy(), sigma))
    compare(found, np.diag(P), {
        "That is the share without noise: add its covariance, σ² I, to that of the pixels.": np.diag(free),
        "That is the mean square error: the share is 1 minus it.": 1 - np.diag(P),
        "The variance of the noise is σ², not σ.": np.diag(A.T @ np.linalg.solve(A @ A.T + sigma * eye, A)),
        "The noise adds to the covariance of the pixels, with a plus.":
            np.diag(A.T @ np.linalg.solve(A @ A.T - sigma**2 * eye, A)),
        "That adds the noise to z: it is in the pixels, after A.": np.diag(free) / (1 + sigma**2),
        "That is the variance of the answer of the encoder for clean pixels: with noise another one is best.":
            np.diag(free) + sigma**2 * np.diag(A.T @ np.linalg.matrix_power(np.linalg.inv(A @ A.T), 2) @ A),
        "That is the variance of ẑ without what the noise adds to it: ẑ contains noise, too.": np.diag(P @ P),
        "That is the whole matrix: the shares are its diagonal.": P,
        "One share for each element of z: you return one number for all.": np.mean(np.diag(P)),
        "One share for each element of z: you summed them.": np.trace(P),
        "That is the share of pixels explained: turn A around.":
            np.diag(A @ np.linalg.solve(A.T @ A + sigma**2 * np.eye(3), A.T)),
        "The square root of the share is a standard deviation.": np.sqrt(np.diag(P)),
    }, f"For the check's A and σ = 0.5 it is {np.diag(P).round(3)}; "
       f"you return {str(found.round(3))[:80]}.")  # fmt: skip
    one = array(noisy_share(np.eye(3), 1.0))
    compare(one, np.full(3, 0.5), {}, "With A = I and σ = 1 half of each element is noise: the share is ½.")


@exercise("05")
def check_share_held(share_held):
    """`share_held(z, z_hat)` is the squared correlation of each dimension of z and z_hat, `(n, d)` → `(d,)`."""
    draw = np.random.default_rng(0)
    z = draw.normal(size=(40, 3))
    z_hat = z * [0.1, 1.0, -2.0] + draw.normal(size=(40, 3)) * [0.1, 0.5, 0.5] + [0.0, 3.0, 0.0]
    r = np.array([np.corrcoef(z[:, i], z_hat[:, i])[0, 1] for i in range(3)])
    cross, square, own = np.mean(z * z_hat, axis=0), np.mean(z_hat**2, axis=0), np.mean(z**2, axis=0)
    found = array(share_held(z.copy(), z_hat.copy()))
    compare(found, r**2, {
        "That is r: the share of the variance is r².": r,
        "That is |r|: the share of the variance is r².": abs(r),
        "That is the paper's v, the second moment of ẑ: it counts noise, and a shift.": square,
        "That is the variance of ẑ: it counts noise as if it were read.": z_hat.var(axis=0),
        "That is the mean of z ẑ: divide its square by both second moments.": cross,
        "That is the covariance: divide its square by both variances.": r * z.std(axis=0) * z_hat.std(axis=0),
        "Take the means away first: a constant in ẑ says nothing about z.": cross**2 / (square * own),
        "That is 1 minus the mean square error: an answer that is too small holds as much.":
            1 - np.mean((z - z_hat) ** 2, axis=0),
        "That is 1 - error / variance, which an answer that is too small or shifted loses.":
            1 - np.mean((z - z_hat) ** 2, axis=0) / z.var(axis=0),
        "That is what is lost: the share is 1 minus it.": 1 - r**2,
        "The slope of a regression has the units of ẑ: the share has none.": r * z_hat.std(axis=0) / z.std(axis=0),
        "One share for each dimension: you return one for all.": np.mean(r**2),
        "That is for each latent: average over latents, axis 0.": np.array([np.corrcoef(a, b)[0, 1] ** 2 for a, b in
                                                                            zip(z, z_hat, strict=True)]),
    }, f"For the check's latents it is {(r**2).round(3)}; you return {str(found.round(3))[:80]}.")  # fmt: skip
    scaled = array(share_held(z, 5 - 3 * z))
    compare(scaled, np.ones(3), {}, "For ẑ = 5 - 3 z nothing is lost: all shares are 1.")


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
