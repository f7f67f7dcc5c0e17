"""The checks of page 05 take what is right however it is written, and have a hint for each likely mistake."""

import numpy as np
import tensorflow as tf

from ganinv_keras.course import exercises


def entropy(p):
    return -np.sum(p * np.log(p))


def effective(s):
    p = s[s > 0] ** 2 / np.sum(s**2)
    return np.exp(entropy(p))


def test_effective_dimension_takes_what_is_right():
    def in_bits(s):
        p = np.where(s > 0, s**2 / np.sum(s**2), 1.0)
        return 2 ** -np.sum(p * np.log2(p))

    for right in (effective, in_bits, lambda s: tf.constant(effective(s))):
        assert exercises.check_effective_dimension.judge(right).mark == "right"


def test_effective_dimension_names_mistakes(assert_named):
    def of(s):
        return s**2 / np.sum(s**2)

    wrong = {
        "nothing": lambda s: None,
        "entropy": lambda s: entropy(of(s)),
        "bits": lambda s: entropy(of(s)) / np.log(2),
        "e to bits": lambda s: np.exp(entropy(of(s)) / np.log(2)),
        "2 to nats": lambda s: 2 ** entropy(of(s)),
        "sign": lambda s: np.exp(-entropy(of(s))),
        "of s": lambda s: np.exp(entropy(s / s.sum())),
        "by d": lambda s: np.exp(entropy(s**2 / len(s))),
        "no sum": lambda s: np.exp(entropy(s**2)),
        "Rényi": lambda s: 1 / np.sum(of(s) ** 2),
        "mean": lambda s: np.exp(entropy(of(s)) / len(s)),
        "count": lambda s: np.sum(s > 0),
        "largest": lambda s: 1 / of(s).max(),
        "nan": lambda s: np.exp(entropy(of(s))),
        "half": lambda s: effective(s) if s.min() else 1.5,
    }
    with np.errstate(divide="ignore", invalid="ignore"):
        assert_named(exercises.check_effective_dimension, wrong, {
            "nothing": "return", "entropy": "raise e", "bits": "H in bits", "e to bits": "e to an entropy in bits",
            "2 to nats": "2 to an entropy", "sign": "below 0", "of s": "not of s", "by d": "not by d",
            "no sum": "divide s² by its sum", "Rényi": "Rényi", "mean": "not a mean", "count": "weigh them",
            "largest": "largest share", "nan": "tends to 0", "half": "share everything",
        })  # fmt: skip


def shares(A, sigma):
    return A.T @ np.linalg.solve(A @ A.T + sigma**2 * np.eye(len(A)), A)


def test_noisy_share_takes_what_is_right():
    def by_posterior(A, sigma):
        return 1 - np.diag(np.linalg.inv(np.eye(A.shape[1]) + A.T @ A / sigma**2))

    for right in (lambda A, sigma: np.diag(shares(A, sigma)), by_posterior):
        assert exercises.check_noisy_share.judge(right).mark == "right"


def test_noisy_share_names_mistakes(assert_named):
    def with_noise(function):
        return lambda A, sigma: np.diag(A.T @ np.linalg.solve(A @ A.T + function(sigma) * np.eye(len(A)), A))

    wrong = {
        "nothing": lambda A, sigma: None,
        "clean": with_noise(lambda sigma: 0.0),
        "error": lambda A, sigma: 1 - np.diag(shares(A, sigma)),
        "sigma": with_noise(lambda sigma: sigma),
        "minus": with_noise(lambda sigma: -(sigma**2)),
        "noise in z": lambda A, sigma: np.diag(shares(A, 0)) / (1 + sigma**2),
        "clean encoder": lambda A, sigma: np.diag(shares(A, 0)) + sigma**2 * np.sum(np.linalg.pinv(A) ** 2, axis=1),
        "signal": lambda A, sigma: np.diag(shares(A, sigma) @ shares(A, sigma)),
        "matrix": shares,
        "mean": lambda A, sigma: np.diag(shares(A, sigma)).mean(),
        "trace": lambda A, sigma: np.trace(shares(A, sigma)),
        "pixels": lambda A, sigma: np.diag(shares(A.T, sigma)),
        "deviation": lambda A, sigma: np.diag(shares(A, sigma)) ** 0.5,
        "fixed sigma": lambda A, sigma: np.diag(shares(A, 0.5)),
    }
    assert_named(exercises.check_noisy_share, wrong, {
        "nothing": "return", "clean": "without noise", "error": "1 minus it", "sigma": "not σ", "minus": "with a plus",
        "noise in z": "adds the noise to z", "clean encoder": "clean pixels", "signal": "ẑ contains noise",
        "matrix": "whole matrix", "mean": "one number for all", "trace": "summed", "pixels": "turn A around",
        "deviation": "standard deviation", "fixed sigma": "half of each",
    })  # fmt: skip


def r_squared(z, z_hat):
    z, z_hat = z - z.mean(0), z_hat - z_hat.mean(0)
    return np.sum(z * z_hat, 0) ** 2 / (np.sum(z**2, 0) * np.sum(z_hat**2, 0))


def test_share_held_takes_what_is_right():
    def by_regression(z, z_hat):
        found = []
        for i in range(z.shape[1]):
            slope, offset = np.polyfit(z_hat[:, i], z[:, i], 1)
            found.append(1 - np.var(z[:, i] - slope * z_hat[:, i] - offset) / np.var(z[:, i]))
        return found

    for right in (r_squared, by_regression):
        assert exercises.check_share_held.judge(right).mark == "right"


def test_share_held_names_mistakes(assert_named):
    def r(z, z_hat):
        return np.array([np.corrcoef(a, b)[0, 1] for a, b in zip(z.T, z_hat.T, strict=True)])

    wrong = {
        "nothing": lambda z, z_hat: None,
        "r": r,
        "absolute": lambda z, z_hat: abs(r(z, z_hat)),
        "moment": lambda z, z_hat: np.mean(z_hat**2, 0),
        "variance": lambda z, z_hat: z_hat.var(0),
        "product": lambda z, z_hat: np.mean(z * z_hat, 0),
        "covariance": lambda z, z_hat: r(z, z_hat) * z.std(0) * z_hat.std(0),
        "means": lambda z, z_hat: np.mean(z * z_hat, 0) ** 2 / np.mean(z**2, 0) / np.mean(z_hat**2, 0),
        "error": lambda z, z_hat: 1 - np.mean((z - z_hat) ** 2, 0),
        "relative error": lambda z, z_hat: 1 - np.mean((z - z_hat) ** 2, 0) / z.var(0),
        "lost": lambda z, z_hat: 1 - r_squared(z, z_hat),
        "slope": lambda z, z_hat: r(z, z_hat) * z_hat.std(0) / z.std(0),
        "one": lambda z, z_hat: r_squared(z, z_hat).mean(),
        "rows": lambda z, z_hat: r_squared(z.T, z_hat.T),
        "signed": lambda z, z_hat: r_squared(z, z_hat) if z_hat.mean() < 4 else -r_squared(z, z_hat),
    }
    assert_named(exercises.check_share_held, wrong, {
        "nothing": "return", "r": "That is r:", "absolute": "|r|", "moment": "second moment",
        "variance": "variance of ẑ",
        "product": "mean of z ẑ", "covariance": "covariance", "means": "means away", "error": "too small holds",
        "relative error": "error / variance", "lost": "what is lost", "slope": "slope", "one": "one for all",
        "rows": "axis 0", "signed": "nothing is lost",
    })  # fmt: skip
