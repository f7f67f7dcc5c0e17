"""Checks of page 00: the straight line between latents, the floor of the cross-entropy, the way back to z."""

import functools

import numpy as np
from scipy.special import entr

from ganinv_keras.course.exercises.report import array, compare, exercise, expect, unpack
from ganinv_keras.zoo import pretrained


@exercise("00")
def check_line(line):
    """`line(z_a, z_b, n)` is `n` latents on the straight line from `z_a` to `z_b`, ends included, shape `(n, d)`."""
    z_a, z_b, n = np.array([3.0, 0.0, 4.0], "float32"), np.array([0.0, 6.0, 8.0], "float32"), 5

    def points(share):
        return (1 - share[:, None]) * z_a + share[:, None] * z_b

    share = np.linspace(0, 1, n)
    expected = points(share)
    angle = np.arccos(z_a @ z_b / np.linalg.norm(z_a) / np.linalg.norm(z_b))
    arc = (np.sin((1 - share) * angle)[:, None] * z_a + np.sin(share * angle)[:, None] * z_b) / np.sin(angle)
    mistakes = {
        "n points have n - 1 gaps: it stops one gap short of z_b.": points(np.arange(n) / n),
        "The share of the way begins at 0: the first point should be z_a itself.": points(np.arange(1, n + 1) / n),
        "n counts the points, not the gaps: you made n + 1 points.": points(np.linspace(0, 1, n + 1)),
        "The ends are two of the n points: you made n + 2.": points(np.linspace(0, 1, n + 2)),
        "The ends belong to the line: you made n points between them.": points(np.linspace(0, 1, n + 2)[1:-1]),
        "The ends belong to the line: yours has the points between them only.": expected[1:-1],
        "It runs the wrong way, from z_b to z_a.": expected[::-1],
        "From z_a the way to z_b is z_b - z_a: add a share of that, not of z_b.": z_a + share[:, None] * z_b,
        "The two shares add up to 1: (1 - share) of z_a, and share of z_b.": share[:, None] * (z_a + z_b),
        "That is the arc on the sphere; the straight line cuts through the inside.": arc,
        "Leave the lengths of the points alone: normalised, they leave the line.":
            expected / np.linalg.norm(expected, axis=1, keepdims=True),
        "A latent is a row: transpose it to the shape (n, d).": expected.T,
        "Keep the latents apart, one in each row: the shape is (n, d), not (n · d,).": expected.ravel(),
        "There is an axis too many: the shape is (n, d).": expected[:, None],
        "That is the latent halfway: return all n.": expected[n // 2],
    }  # fmt: skip
    given = z_a.copy(), z_b.copy()
    found = array(line(*given, n))
    compare(found, expected, mistakes, f"From {z_a} to {z_b} in 5 points, the second is {expected[1]} and the shape "
            f"is (5, 3). You return the shape {found.shape}.")  # fmt: skip
    expect(np.array_equal(given, (z_a, z_b)), "It changes z_a or z_b in place: work on new arrays.")
    ends = np.array([[1.0, 0.0], [0.0, 1.0]], "float32")
    compare(array(line(*ends, 2)), ends, {}, "n and d come with the call: with n = 2 only the two ends are left.")


@exercise("00")
def check_loss_floor(loss_floor):
    """`loss_floor(x)` is the least cross-entropy that any x̂ can have, for each image `(n, h, w, c)` of x, `(n,)`."""
    x = np.random.default_rng(0).uniform(0.02, 0.4, (3, 4, 5, 1)).astype("float32")
    x[0] = x[0] > 0.2
    x[1, :2] = 1.0
    pixels = (1, 2, 3)
    costs = entr(x.astype("float64")) + entr(1 - x.astype("float64"))
    expected = costs.mean(pixels)
    with np.errstate(divide="ignore", invalid="ignore"):
        undefined = np.mean(-x * np.log(x) - (1 - x) * np.log(1 - x), pixels)
    means = x.mean(pixels, dtype="float64")
    mistakes = {
        "0 · log 0 counts as 0, its limit: black and white pixels made NaN of yours.": undefined,
        "It is 0 for black and white alone: a grey pixel costs something even at x̂ = x.": np.zeros(3),
        "That is the loss of an even grey, x̂ = ½. Set the derivative to zero: the best x̂ is another.":
            np.full(3, np.log(2)),
        "Every image has a floor of its own: return one number for each, not their mean.": expected.mean(),
        "Average over the pixels of each image: yours has a number for each pixel.": costs,
        "Average over the pixels; yours is their sum.": costs.sum(pixels),
        "The sign: the cross-entropy is never negative.": -expected,
        "Natural logarithms, as in the loss; yours count bits.": expected / np.log(2),
        "The half with 1 - x is missing.": entr(x).mean(pixels),
        "The half with x is missing.": entr(1 - x).mean(pixels),
        "Take each pixel's entropy first and the mean then: yours is the entropy of the mean pixel.":
            entr(means) + entr(1 - means),
        "x (1 - x) is the variance of a pixel; put x̂ = x into the cross-entropy instead.":
            (x * (1 - x)).mean(pixels),
        "Average over the pixels of each image, not over the images.": costs.mean(0),
        "Average over the channel too: the shape is (n,).": costs.mean((1, 2)),
    }  # fmt: skip
    found = array(loss_floor(x.copy()))
    compare(found, expected, mistakes, "For the check's three images, black and white, half white, and grey, it is "
            f"{expected.round(3)}. You return {str(found.round(3))[:80]}.")  # fmt: skip


@functools.cache
def _shipped():
    return pretrained.load("mnist-uniform")


@exercise("00")
def check_way_back(way_back):
    """`way_back(generator, prior)` inverts generated images: `(z, z_hat, cosines, ratios)`, for 8 latents or more."""
    generator, prior = _shipped().generator, _shipped().prior
    z, z_hat, cosines, ratios = map(array, unpack(way_back(generator, prior), "z", "z_hat", "cosines", "ratios"))
    expect(z.ndim == 2 and z.shape[1] == prior.dim and len(z) >= 8,
           f"z should be at least 8 latents of {prior.dim} numbers, you return the shape {z.shape}.")  # fmt: skip
    expect(z_hat.ndim == 2, "z_hat are latents, `inversion.z`; yours look like images.")
    expect(z_hat.shape == z.shape, f"z_hat should have the shape of z, {z.shape}, yours is {z_hat.shape}.")
    expect(not prior.improbable(z).numpy().any() and abs(z.std() - prior.std) < 0.05,
           f"z was not drawn from the prior: its elements do not look like {prior}.")  # fmt: skip
    lengths, lengths_hat = np.linalg.norm(z, axis=1), np.linalg.norm(z_hat, axis=1)
    products = np.sum(z * z_hat, axis=1)
    expected = products / lengths / lengths_hat
    expect(np.median(expected) < 0.99, "The search started at the answer: `invert` draws its starts from the prior "
           "too, and with the seed of z it draws z itself. Give it another seed.")  # fmt: skip
    x, x_hat, strangers = (generator(latents, training=False) for latents in (z, z_hat, z[::-1]))
    error, chance = np.mean(np.abs(x - x_hat)), np.mean(np.abs(x - strangers))
    expect(error < 0.7 * chance, "G(z_hat) does not show the images G(z): were these images inverted, in this order?")
    expect(error < 0.03, f"G(z_hat) is still {error:.3f} off in each pixel: take more steps.")
    compare(cosines, expected, {
        "Those are scalar products: divide by the lengths of z and of z_hat.": products,
        "Divide by both lengths, that of z and that of z_hat.": products / lengths,
        "One cosine for each pair, not their mean.": expected.mean(),
        "np.linalg.norm without axis=1 is one length for all latents together.":
            products / np.linalg.norm(z) / np.linalg.norm(z_hat),
        "Those are angles in degrees: return their cosines.": np.degrees(np.arccos(expected)),
        "Those are angles: return their cosines.": np.arccos(expected),
        "That is 1 - cosine, the cosine distance.": 1 - expected,
        "Those are squared distances: a distance mixes direction and length.": np.mean((z - z_hat) ** 2, axis=1),
        "Those are distances: a distance mixes direction and length.": np.linalg.norm(z - z_hat, axis=1),
    }, "The cosine is the scalar product of z and z_hat, latent by latent, over both their lengths.")  # fmt: skip
    compare(ratios, lengths_hat / lengths, {
        "The ratios are upside down: the length of z_hat over that of z.": lengths / lengths_hat,
        "Those are ratios of squared lengths: take the root.": (lengths_hat / lengths) ** 2,
        "Those are differences of lengths: divide instead.": lengths_hat - lengths,
        "One ratio for each pair, not their mean.": np.mean(lengths_hat / lengths),
    }, "The ratio is the length of z_hat over the length of z, latent by latent.")  # fmt: skip
