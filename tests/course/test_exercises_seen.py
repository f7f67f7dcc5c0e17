"""The checks of page 07 take what is right however it is written, and have a hint for each likely mistake."""

import numpy as np
import tensorflow as tf
from scipy import stats

from ganinv_keras.course import exercises


def pixels(x, indices):
    return x.reshape(-1, x.shape[2])[indices]


def test_seen_pixels_takes_what_is_right():
    def by_loop(x, indices):
        return [list(x[i // x.shape[1], i % x.shape[1]]) for i in indices]

    for right in (pixels, by_loop, lambda x, indices: tf.gather(x.reshape(-1, x.shape[2]), indices)):
        assert exercises.check_seen_pixels.judge(right).mark == "right"


def test_seen_pixels_names_mistakes(assert_named):
    wrong = {
        "nothing": lambda x, indices: None,
        "columns": lambda x, indices: pixels(x.transpose(1, 0, 2), indices),
        "from 1": lambda x, indices: pixels(x, indices - 1),
        "values": lambda x, indices: x.ravel()[indices],
        "one channel": lambda x, indices: pixels(x, indices)[:, 0],
        "mean": lambda x, indices: pixels(x, indices).mean(axis=1),
        "turned": lambda x, indices: pixels(x, indices).T,
        "flat": lambda x, indices: pixels(x, indices).ravel(),
        "sorted": lambda x, indices: pixels(x, np.sort(indices)),
        "mask": lambda x, indices: x * np.isin(np.arange(12), indices).reshape(3, 4, 1),
        "height": lambda x, indices: x[np.minimum(indices // 3, 2), indices % 3],
        "rows": lambda x, indices: x[np.minimum(indices, 2)],
        "exchanged": lambda x, indices: x[np.minimum(indices % 4, 2), indices // 4],
        "once": lambda x, indices: pixels(x, list(dict.fromkeys(indices.tolist()))),
    }
    assert_named(exercises.check_seen_pixels, wrong, {
        "nothing": "return", "columns": "column by column", "from 1": "from 1", "values": "values, not pixels",
        "one channel": "keep the last axis", "mean": "averages", "turned": "transpose", "flat": "two axes",
        "sorted": "sorts", "mask": "a mask", "height": "by the width", "rows": "whole rows", "exchanged": "exchanged",
        "once": "comes twice",
    })  # fmt: skip


def moments(A, y, sigma):
    covariance = np.linalg.inv(A.T @ A / sigma**2 + np.eye(A.shape[1]))
    return covariance @ A.T @ y / sigma**2, np.sqrt(np.diag(covariance))


def test_posterior_takes_what_is_right():
    def by_pixels(A, y, sigma):
        gain = A.T @ np.linalg.inv(A @ A.T + sigma**2 * np.eye(len(A)))
        return gain @ y, np.sqrt(1 - np.sum(gain * A.T, axis=1))

    def by_more_rows(A, y, sigma):
        rows = np.concatenate([A / sigma, np.eye(A.shape[1])])
        mean = np.linalg.lstsq(rows, np.concatenate([y / sigma, np.zeros(A.shape[1])]), rcond=None)[0]
        return [mean.tolist(), np.linalg.norm(np.linalg.pinv(rows), axis=1).tolist()]

    for right in (moments, by_pixels, by_more_rows):
        assert exercises.check_posterior.judge(right).mark == "right"


def test_posterior_names_mistakes(assert_named):
    def mean(function):
        return lambda A, y, sigma: (function(A, y, sigma), moments(A, y, sigma)[1])

    def std(function):
        return lambda A, y, sigma: (moments(A, y, sigma)[0], function(A, sigma))

    def ridge(A, y, pull):
        return np.linalg.solve(A.T @ A + pull * np.eye(A.shape[1]), A.T @ y)

    def precision(A, sigma):
        return A.T @ A / sigma**2 + np.eye(A.shape[1])

    inverse = np.linalg.inv
    wrong = {
        "nothing": lambda A, y, sigma: None,
        "one": lambda A, y, sigma: moments(A, y, sigma)[0],
        "least squares": mean(lambda A, y, sigma: ridge(A, y, 0)),
        "I": mean(lambda A, y, sigma: ridge(A, y, 1)),
        "sigma I": mean(lambda A, y, sigma: ridge(A, y, sigma)),
        "undivided": mean(lambda A, y, sigma: inverse(precision(A, sigma)) @ A.T @ y),
        "multiplied": mean(lambda A, y, sigma: inverse(precision(A, sigma)) @ A.T @ y * sigma**2),
        "Aᵀy": mean(lambda A, y, sigma: A.T @ y / sigma**2),
        "sign": mean(lambda A, y, sigma: ridge(A, y, -(sigma**2))),
        "seen": mean(lambda A, y, sigma: A @ moments(A, y, sigma)[0]),
        "zero": mean(lambda A, y, sigma: np.zeros(A.shape[1])),
        "variances": std(lambda A, sigma: np.diag(inverse(precision(A, sigma)))),
        "matrix": std(lambda A, sigma: inverse(precision(A, sigma))),
        "root of the matrix": std(lambda A, sigma: abs(inverse(precision(A, sigma))) ** 0.5),
        "others known": std(lambda A, sigma: np.diag(precision(A, sigma)) ** -0.5),
        "no prior": std(lambda A, sigma: sigma * np.diag(np.linalg.pinv(A.T @ A)) ** 0.5),
        "noise twice": std(lambda A, sigma: sigma * np.diag(inverse(precision(A, sigma))) ** 0.5),
        "precision": std(lambda A, sigma: np.diag(precision(A, sigma)) ** 0.5),
        "sigma": std(lambda A, sigma: np.diag(inverse(precision(A, sigma**0.5))) ** 0.5),
        "no noise": std(lambda A, sigma: np.diag(inverse(precision(A, 1.0))) ** 0.5),
        "one for all": std(lambda A, sigma: np.mean(np.diag(inverse(precision(A, sigma)))) ** 0.5),
        "always two": lambda A, y, sigma: moments(A, y, 0.5),
    }
    assert_named(exercises.check_posterior, wrong, {
        "nothing": "return", "one": "", "least squares": "least squares", "I": "not I", "sigma I": "not σ I",
        "undivided": "divided by σ²", "multiplied": "multiply by it", "Aᵀy": "Aᵀy alone", "sign": "mind the sign",
        "seen": "what would be seen", "zero": "without any y", "variances": "variances", "matrix": "whole covariance",
        "root of the matrix": "each entry", "others known": "all other elements known", "no prior": "prior is missing",
        "noise twice": "once already", "precision": "invert it first", "sigma": "not as σ", "no noise": "noise is",
        "one for all": "one for all", "always two": "0.816",
    })  # fmt: skip


def share(z, z_hat, std):
    return np.mean(np.abs(z - z_hat) < stats.norm.ppf(0.95) * std)


def test_covered_takes_what_is_right():
    def by_interval(z, z_hat, std):
        low, high = stats.norm.interval(0.9, loc=z_hat, scale=std)
        return ((low < z) & (z < high)).mean()

    for right in (share, by_interval, lambda z, z_hat, std: tf.constant(share(z, z_hat, std))):
        assert exercises.check_covered.judge(right).mark == "right"


def test_covered_names_mistakes(assert_named):
    def within(limit):
        return lambda z, z_hat, std: np.mean(np.abs(z - z_hat) < limit * std)

    wide = stats.norm.ppf(0.95)
    wrong = {
        "nothing": lambda z, z_hat, std: None,
        "outside": lambda z, z_hat, std: 1 - share(z, z_hat, std),
        "per cent": lambda z, z_hat, std: 100 * share(z, z_hat, std),
        "count": lambda z, z_hat, std: z.size * share(z, z_hat, std),
        "one": within(1),
        "one side": within(stats.norm.ppf(0.9)),
        "95 %": within(1.96),
        "0.9": within(0.9),
        "sign": lambda z, z_hat, std: np.mean(z - z_hat < wide * std),
        "no std": lambda z, z_hat, std: np.mean(np.abs(z - z_hat) < wide),
        "mean std": lambda z, z_hat, std: np.mean(np.abs(z - z_hat) < wide * std.mean()),
        "root": lambda z, z_hat, std: np.mean(np.abs(z - z_hat) < wide * std**0.5),
        "around 0": lambda z, z_hat, std: np.mean(np.abs(z) < wide * std),
        "dimensions": lambda z, z_hat, std: np.mean(np.abs(z - z_hat) < wide * std, axis=0),
        "latents": lambda z, z_hat, std: np.mean(np.abs(z - z_hat) < wide * std, axis=1),
        "all": lambda z, z_hat, std: np.mean(np.all(np.abs(z - z_hat) < wide * std, axis=1)),
    }
    assert_named(exercises.check_covered, wrong, {
        "nothing": "return", "outside": "outside", "per cent": "per cent", "count": "number of elements",
        "one": "68 %", "one side": "either side", "95 %": "95 %", "0.9": "That is 0.9", "sign": "either way",
        "no std": "divide by it", "mean std": "their mean", "root": "no square root",
        "around 0": "around ẑ", "dimensions": "each dimension", "latents": "each latent", "all": "at once",
    })  # fmt: skip
