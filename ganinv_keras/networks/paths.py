"""Paths between latents."""

import numpy as np


def line(z_1, z_2, mu):
    """Return the points `(1 - μ) z_1 + μ z_2` of the straight line, shape `(len(mu), d)`."""
    mu = np.asarray(mu)[:, None]
    return ((1 - mu) * np.asarray(z_1) + mu * np.asarray(z_2)).astype("float32")


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
        ValueError: if the two latents point in the same direction or in opposite ones: no single arc joins them.
    """
    theta = angle(z_1, z_2)
    if np.sin(theta) < 1e-6:
        raise ValueError(f"z_1 and z_2 are {np.degrees(theta):.0f}° apart: no single arc joins them")
    mu = np.asarray(mu)[:, None]
    z = np.sin((1 - mu) * theta) / np.sin(theta) * z_1 + np.sin(mu * theta) / np.sin(theta) * z_2
    return np.asarray(z, "float32")


def angle(z_1, z_2):
    """Return the angle between vectors, in radians from 0 to π: a number for `(d,)`, shape `(n,)` for `(n, d)`."""
    a, b = (np.asarray(z, "float64") / np.linalg.norm(z, axis=-1, keepdims=True) for z in (z_1, z_2))
    return 2 * np.arctan2(np.linalg.norm(a - b, axis=-1), np.linalg.norm(a + b, axis=-1))


def great_circle(z_1, z_2, n):
    """Return n points on the whole way round from z_1 through z_2 to just before z_1, shape `(n, d)`: a loop."""
    return slerp(z_1, z_2, np.arange(n) / n * 2 * np.pi / angle(z_1, z_2))
