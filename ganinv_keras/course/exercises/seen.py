"""Checks of page 07: some pixels of an image, what they and a prior say of a latent, what its error bars cover."""

import numpy as np

from ganinv_keras.course.exercises.report import array, close, compare, exercise, expect, unpack


@exercise("07")
def check_seen_pixels(seen_pixels):
    """`seen_pixels(x, indices)` is pixels `(m, channels)` of an image, counted row by row from the upper left one."""
    x, indices = np.random.default_rng(0).random((3, 4, 2)), np.array([5, 2, 11])
    rows, columns = np.divmod(indices, 4)
    right = x[rows, columns]
    found = array(seen_pixels(x.copy(), indices.copy()))
    compare(found, right, {
        "That counts column by column: pixel 1 is to the right of pixel 0.": x[indices % 3, indices // 3],
        "That counts from 1: the upper left pixel is number 0.": x.reshape(-1, 2)[indices - 1],
        "That takes values, not pixels: flatten height and width, and keep the channels.": x.ravel()[indices],
        "A pixel has a value in each channel: keep the last axis.": right[:, 0],
        "That averages the channels: a pixel is all of its values.": right.mean(axis=1),
        "The result is (m, channels), with the pixels down: transpose it.": right.T,
        "The result has two axes, (m, channels).": right.ravel(),
        "That sorts the pixels: they come in the order of `indices`.": right[np.argsort(indices)],
        "That gives the whole image with the others at 0, which is a mask.":
            x * np.isin(np.arange(12), indices).reshape(3, 4, 1),
        "Divide by the width, not by the height, to find the row.":
            x[np.minimum(indices // 3, 2), np.minimum(indices % 3, 3)],
        "Those are whole rows of the image.": x[np.minimum(indices, 2)],
        "Row and column are exchanged.": x[np.minimum(columns, 2), rows],
    }, f"For an image (3, 4, 2) and the pixels {indices} the shape is (3, 2); "
       f"you return {found.shape}, {str(found.ravel().round(2))[:60]}.")  # fmt: skip
    repeated = array(seen_pixels(x, np.array([7, 7])))
    compare(repeated, x[[1, 1], [3, 3]], {}, "A pixel that is named twice comes twice.")


@exercise("07")
def check_posterior(posterior):
    """`posterior(A, y, sigma)` is mean and deviations of z given `y = A z + noise`, with z from N(0, I)."""
    A, y, sigma = np.random.default_rng(0).normal(size=(4, 2)), np.array([1.0, -1.0, 0.5, 2.0]), 0.5
    found = unpack(posterior(A.copy(), y.copy(), sigma), "the mean", "the standard deviations")
    mean, std = map(array, found)
    precision = A.T @ A / sigma**2 + np.eye(2)
    covariance, free = np.linalg.inv(precision), np.linalg.inv(A.T @ A)
    compare(mean, covariance @ A.T @ y / sigma**2, {
        "That is least squares: the prior pulls towards 0.": free @ A.T @ y,
        "The pull of the prior is σ² I beside AᵀA, not I.": np.linalg.solve(A.T @ A + np.eye(2), A.T @ y),
        "The pull of the prior is σ² I beside AᵀA, not σ I.": np.linalg.solve(A.T @ A + sigma * np.eye(2), A.T @ y),
        "Aᵀy is to be divided by σ², as AᵀA is.": covariance @ A.T @ y,
        "The variance of the noise is σ²: you multiply by it.": covariance @ A.T @ y * sigma**2,
        "That is Aᵀy alone: multiply by the covariance.": A.T @ y / sigma**2,
        "The prior makes the answer smaller, never larger: mind the sign.":
            np.linalg.solve(A.T @ A - sigma**2 * np.eye(2), A.T @ y),
        "That is what would be seen, A times the mean.": A @ covariance @ A.T @ y / sigma**2,
        "The most probable z without any y is 0: you return that.": np.zeros(2),
    }, f"For the check's A, y and σ = 0.5 the mean is {(covariance @ A.T @ y / sigma**2).round(3)}; "
       f"you return {str(mean.round(3))[:80]}.")  # fmt: skip
    compare(std, np.sqrt(np.diag(covariance)), {
        "Those are variances: take the square root.": np.diag(covariance),
        "That is the whole covariance: the variances are its diagonal.": covariance,
        "That is the root of each entry of the covariance: take its diagonal.": np.sqrt(np.abs(covariance)),
        "Those are deviations with all other elements known: invert the matrix, and then take the diagonal.":
            1 / np.sqrt(np.diag(precision)),
        "The prior is missing: it narrows the bars.": sigma * np.sqrt(np.diag(free)),
        "The covariance is (AᵀA / σ² + I)⁻¹: the noise is in it once already.": sigma * np.sqrt(np.diag(covariance)),
        "Those are roots of the precision: invert it first.": np.sqrt(np.diag(precision)),
        "The noise enters as σ², not as σ.": np.sqrt(np.diag(np.linalg.inv(A.T @ A / sigma + np.eye(2)))),
        "The noise is missing.": np.sqrt(np.diag(np.linalg.inv(A.T @ A + np.eye(2)))),
        "One deviation for each element of z: you return one for all.": np.sqrt(np.mean(np.diag(covariance))),
    }, f"For the check's A, y and σ = 0.5 the deviations are {np.sqrt(np.diag(covariance)).round(3)}; "
       f"you return {str(std.round(3))[:80]}.")  # fmt: skip
    few = unpack(posterior(np.ones((1, 2)), np.ones(1), 1.0), "the mean", "the standard deviations")
    expect(close(array(few[0]), [1 / 3, 1 / 3]) and close(array(few[1]), [(2 / 3) ** 0.5] * 2),
           "One sum of two elements, y = 1, σ = 1: both are ⅓ ± 0.816.")  # fmt: skip


@exercise("07")
def check_covered(covered):
    """`covered(z, z_hat, std)` is the share of elements of z that lie within the 90 % intervals of z_hat."""
    draw = np.random.default_rng(0)
    z_hat, std = draw.normal(size=(200, 5)), np.exp(draw.normal(size=(200, 5)))
    z = z_hat + 1.2 * std * draw.standard_t(4, size=(200, 5)) + 0.2 * std
    deviations = (z - z_hat) / std
    right = np.mean(np.abs(deviations) < 1.6449)
    found = array(covered(z.copy(), z_hat.copy(), std.copy()))
    compare(found, right, {
        "That is the share outside.": 1 - right,
        "It is a share, not per cent.": 100 * right,
        "It is a share: divide by the number of elements.": 1000 * right,
        "That is one standard deviation, 68 %: 90 % of a normal lie within 1.645.": np.mean(np.abs(deviations) < 1),
        "That is 1.28 deviations, or a square below 1.645: 5 % are to lie on either side of 1.645.":
            np.mean(np.abs(deviations) < 1.2816),
        "That is 1.96, of 95 % intervals.": np.mean(np.abs(deviations) < 1.96),
        "That is 0.9 standard deviations: 90 % of a normal lie within 1.645.": np.mean(np.abs(deviations) < 0.9),
        "An error may go either way: take its absolute value.": np.mean(deviations < 1.6449),
        "Each element has its own standard deviation: divide by it.": np.mean(np.abs(z - z_hat) < 1.6449),
        "Each element has its own standard deviation: you take their mean.":
            np.mean(np.abs(z - z_hat) < 1.6449 * std.mean()),
        "`std` is a deviation, not a variance: no square root.": np.mean(np.abs(z - z_hat) < 1.6449 * np.sqrt(std)),
        "The interval is around ẑ: subtract it from z.": np.mean(np.abs(z) < 1.6449 * std),
        "One share over all elements: you return one for each dimension.":
            np.mean(np.abs(deviations) < 1.6449, axis=0),
        "One share over all elements: you return one for each latent.": np.mean(np.abs(deviations) < 1.6449, axis=1),
        "That asks for all elements of a latent at once.": np.mean(np.all(np.abs(deviations) < 1.6449, axis=1)),
    }, f"For the check's latents it is {right:.3f}; you return {str(found.round(3))[:60]}.")  # fmt: skip
