"""Images that several test files train on."""

import numpy as np

from ganinv_keras.data import ImageSet


def squares(n=32):
    """Return an `ImageSet` of 8×8 random pixels."""
    pixels = np.random.default_rng(0).integers(0, 256, (n, 8, 8, 1)).astype("uint8")
    return ImageSet("squares", "train", pixels, None, None, {}, "a test")
