"""Angles and points on the sphere: the coordinates of Cho's direction embedding discriminator."""

import math

import keras
from keras import ops


def _check_tree(n, what):
    if n & (n - 1) or n < 2:
        raise ValueError(f"A perfect binary tree needs a power of two of coordinates, got {what}.")


@keras.saving.register_keras_serializable(package="ganinv")
class SphericalToCartesian(keras.layers.Layer):
    """Turn d angles into a point on the unit sphere of d + 1 dimensions, by a perfect binary tree (Cho, Section 3).

    The angles are the inner nodes of the tree, level by level: φ, φ₀, φ₁, φ₀₀ …; the coordinates are its leaves. On
    the way down a coordinate is multiplied by the sine of an angle where it goes left and by its cosine where it goes
    right, `log₂(d + 1)` times in all, while the sequential transform multiplies d times.

    Input: angles in (0, π/2), shape `(n, d)`, where d + 1 is a power of two. Output: `(n, d + 1)`, all positive, of
    norm 1.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def call(self, z):
        """Walk down the tree, all nodes of a level at once.

        Raises:
            ValueError: if d + 1 is no power of two.
        """
        _check_tree(z.shape[1] + 1, f"{z.shape[1]} angles, which make {z.shape[1] + 1}")
        x, width = ops.ones_like(z[:, :1]), 1
        while width <= z.shape[1]:
            angles = z[:, width - 1 : 2 * width - 1]
            x = ops.reshape(ops.stack([x * ops.sin(angles), x * ops.cos(angles)], axis=-1), (-1, 2 * width))
            width *= 2
        return x


@keras.saving.register_keras_serializable(package="ganinv")
class CartesianToSpherical(keras.layers.Layer):
    """Turn a point with positive coordinates into its angles, the inverse of `SphericalToCartesian` (Cho, Algorithm 3).

    The paper has no Algorithm 2. Its arctan(a / b) is the arctangent of two arguments here, which is the same for
    positive numbers and needs no division. The length of the point does not matter.

    Input: `(n, d + 1)`, positive. Output: angles in (0, π/2), shape `(n, d)`.
    """

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def call(self, x):
        """Walk up the tree, all nodes of a level at once.

        Raises:
            ValueError: if d + 1 is no power of two.
        """
        _check_tree(x.shape[1], x.shape[1])
        levels = []
        while x.shape[1] > 1:
            a, b = x[:, 0::2], x[:, 1::2]
            levels.insert(0, ops.arctan2(a, b))
            x = ops.sqrt(a * a + b * b)
        return ops.concatenate(levels, axis=1)


@keras.saving.register_keras_serializable(package="ganinv")
class NormalQuantile(keras.layers.Layer):
    """Turn angles that are uniform on (0, π/2) into N(0, 1), by the quantile function of the normal distribution.

    Input and output: shape `(n, d)`. Angles within a millionth of an end count as if they were there, so that the
    output is finite, within ±4.75.
    """

    def call(self, z):
        """Return `√2 erfinv(2u - 1)` for `u = 2z / π`."""
        u = ops.clip(z * (2 / math.pi), 1e-6, 1 - 1e-6)
        return 2**0.5 * ops.erfinv(2 * u - 1)
