"""Paths between latents."""

import contextlib

import numpy as np

from ganinv_keras.checks import check_positive_integer


def line(z_1, z_2, mu):
    """Return the points `(1 - μ) z_1 + μ z_2` of the straight line, shape `(len(mu), d)`.

    Raises:
        ValueError: if the latents are not finite numbers of one shape `(d,)`, or mu not of shape `(n,)`.
    """
    z_1, z_2 = _check_pair(z_1, z_2)
    mu = _check_finite(mu, "mu")[:, None]
    return ((1 - mu) * z_1 + mu * z_2).astype("float32")


def slerp(z_1, z_2, mu):
    """Interpolate spherically: `sin((1 - μ) θ) / sin(θ) z_1 + sin(μ θ) / sin(θ) z_2` (White; Egan et al., Section 5.2).

    θ is the angle between the two. The paper prints the formula without the brackets around `(1 - μ) θ`, and calls
    z_1 by another name in it. For latents of one length the path is an arc of a great circle, for `μ > 1` its
    continuation: μ = 2π / θ is the start again, whatever the lengths.

    Args:
        z_1: latent at μ = 0, shape `(d,)`.
        z_2: latent at μ = 1, shape `(d,)`.
        mu: where on the path, shape `(n,)`.

    Returns:
        The points, float32 of shape `(n, d)`.

    Raises:
        ValueError: if these are not finite numbers of such shapes, a latent is zero, or the two point in the same
            direction or in opposite ones: no single arc joins them.
    """
    z_1, z_2 = _check_pair(z_1, z_2)
    return _along_arc(z_1, z_2, _check_finite(mu, "mu"), _arc(z_1, z_2))


def angle(z_1, z_2):
    """Return the angle between vectors, in radians from 0 to π: a number for `(d,)`, shape `(n,)` for `(n, d)`.

    Raises:
        ValueError: if the vectors are not finite numbers of one such shape, or if one is zero: it has no direction.
    """
    return _angle(*_check_pair(z_1, z_2, (1, 2)))


def great_circle(z_1, z_2, n):
    """Return n points on the whole way round from z_1 through z_2 to just before z_1, shape `(n, d)`: a loop.

    Raises:
        ValueError: if `n` is no whole number from 1 on, or as `slerp` does.
    """
    n = check_positive_integer(n, "n")
    z_1, z_2 = _check_pair(z_1, z_2)
    theta = _arc(z_1, z_2)
    return _along_arc(z_1, z_2, np.arange(n) / n * 2 * np.pi / theta, theta)


def _along_arc(z_1, z_2, mu, theta):
    mu = mu[:, None]
    z = np.sin((1 - mu) * theta) / np.sin(theta) * z_1 + np.sin(mu * theta) / np.sin(theta) * z_2
    return np.asarray(z, "float32")


def _arc(z_1, z_2):
    """Return the angle between two latents, or raise a `ValueError` if more than one arc joins them, or none."""
    theta = _angle(z_1, z_2)
    if np.sin(theta) < 1e-6:
        raise ValueError(f"z_1 and z_2 are {np.degrees(theta):.0f}° apart: no single arc joins them")
    return theta


def _angle(z_1, z_2):
    lengths = [np.linalg.norm(z, axis=-1, keepdims=True) for z in (z_1, z_2)]
    if np.min(lengths) < 1e-12:
        raise ValueError("A vector of length 0 has no direction, and no angle with another: leave it out.")
    a, b = (np.asarray(z, "float64") / length for z, length in zip((z_1, z_2), lengths, strict=True))
    return 2 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1))


def _check_pair(z_1, z_2, ranks=(1,)):
    z_1, z_2 = _check_finite(z_1, "z_1", ranks), _check_finite(z_2, "z_2", ranks)
    if z_1.shape != z_2.shape:
        raise ValueError(f"z_1 and z_2 must have one shape, got {z_1.shape} and {z_2.shape}.")
    return z_1, z_2


def _check_finite(value, what, ranks=(1,)):
    array = np.empty(0)
    with contextlib.suppress(Exception):  # whatever the conversion of a stranger's object may raise
        array = np.asarray(value)
    numbers = array.ndim in ranks and array.size and array.dtype.kind in "fi"
    if not numbers or not float(np.abs(array).max()) < 1e15:
        axes = "1 axis" if ranks == (1,) else "1 or 2 axes"
        raise ValueError(f"Invalid value received for argument `{what}`. Expected finite numbers below 1e15, with "
                         f"{axes}. Received: {array.dtype} of shape {array.shape}")  # fmt: skip
    return array.astype("float64") if array.dtype == "float16" else array
