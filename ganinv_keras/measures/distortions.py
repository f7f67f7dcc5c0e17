"""What can happen to a photograph: blur, loss of pixels, noise, other colours, dark glasses."""

import numpy as np
import tensorflow as tf
from scipy import ndimage


def blur(images, width):
    """Blur images by a Gaussian.

    Args:
        images: images in [0, 1], shape `(n, height, width, channels)`.
        width: standard deviation of the Gaussian, in pixels.
    """
    return ndimage.gaussian_filter(images, (0, width, width, 0), mode="nearest")


def shrink(images, factor):
    """Average squares of `factor`×`factor` pixels and enlarge the result again, each average a square of one colour."""
    size = images.shape[1:3]
    small = tf.image.resize(images, [side // factor for side in size], method="area")
    return tf.image.resize(small, size, method="nearest").numpy()


def square_mask(images, size, top, left):
    """Return a mask for images, `(height, width, 1)`: 0 in a square of `size` pixels, 1 elsewhere."""
    mask = np.ones((*images.shape[1:3], 1), "float32")
    mask[top : top + size, left : left + size] = 0
    return mask


def recolor(images, hue=0.1, brightness=-0.1, saturation=0.6):
    """Shift the hue (1 is once around), add to the brightness, scale the saturation; the result is kept in [0, 1]."""
    images = tf.image.adjust_saturation(tf.image.adjust_hue(images, hue), saturation)
    return np.clip(tf.image.adjust_brightness(images, brightness), 0, 1)


def dark_glasses(images, row=31, columns=(22, 42), radius=8):
    """Paint dark glasses on faces: two discs of `radius` pixels and the bridge between them.

    Args:
        images: images in [0, 1], shape `(n, height, width, channels)`.
        row: row of the eyes. Defaults to 31.
        columns: columns of the two eyes. Defaults to (22, 42).
        radius: radius of a lens, in pixels. Defaults to 8.
    """
    images = np.array(images)
    y, x = np.ogrid[: images.shape[1], : images.shape[2]]
    dark = (abs(y - row) <= 1) & (x > columns[0]) & (x < columns[1])
    for column in columns:
        dark |= (y - row) ** 2 + (x - column) ** 2 <= radius**2
    images[:, dark] = 0.05
    return images


def crop(images, share=0.85):
    """Cut out the middle `share` of each side and enlarge it to the old size."""
    return np.clip(tf.image.resize(tf.image.central_crop(images, share), images.shape[1:3]), 0, 1)


def noise(images, deviation=0.1, seed=0):
    """Add Gaussian noise of a standard deviation to images, and keep them in [0, 1]."""
    drawn = np.random.default_rng(seed).normal(0, deviation, np.shape(images))
    return np.clip(images + drawn, 0, 1).astype("float32")
