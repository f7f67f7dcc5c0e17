"""Checks of page 05: how many dimensions a scale has, what noise leaves of a latent, what an answer holds of it."""

import numpy as np

from ganinv_keras.course.exercises.report import array, compare, exercise, expect


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
