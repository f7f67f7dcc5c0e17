"""What can happen to a photograph: blur, loss of pixels, noise, other colours, dark glasses.

Images are floats in [0, 1], `(n, height, width, channels)`; other images, and settings that do not suit them, are a
`ValueError` that says so. What comes back has the same shape.
"""

import numpy as np
import tensorflow as tf
from scipy import ndimage

from ganinv_keras.checks import check_number, check_positive_integer, check_seed
from ganinv_keras.measures.inputs import check_batch, invalid


def blur(images, width):
    """Blur images by a Gaussian.

    Args:
        images: images in [0, 1], shape `(n, height, width, channels)`.
        width: standard deviation of the Gaussian, in pixels, at most the size of the image.
    """
    images = check_batch(images)
    width = check_number(width, "width", 0, max(images.shape[1:3]))
    return ndimage.gaussian_filter(images, (0, width, width, 0), mode="nearest")


def shrink(images, factor):
    """Average squares of `factor`×`factor` pixels and enlarge the result again, each average a square of one colour.

    `factor` must divide the height and the width.
    """
    images = check_batch(images)
    size, factor = images.shape[1:3], check_positive_integer(factor, "factor")
    if any(side % factor for side in size):
        raise invalid("factor", f"a whole number that divides {size[0]} and {size[1]}, the size of the images", factor)
    small = tf.image.resize(images, [side // factor for side in size], method="area")
    return tf.image.resize(small, size, method="nearest").numpy()


def square_mask(images, size, top, left):
    """Return a mask for images, `(height, width, 1)`: 0 in a square of `size` pixels inside them, 1 elsewhere."""
    images = check_batch(images)
    _, height, width, _ = images.shape
    size = check_positive_integer(size, "size", most=min(height, width))
    top = check_positive_integer(top, "top", least=0, most=height - size)
    left = check_positive_integer(left, "left", least=0, most=width - size)
    mask = np.ones((height, width, 1), "float32")
    mask[top : top + size, left : left + size] = 0
    return mask


def recolor(images, hue=0.1, brightness=-0.1, saturation=0.6):
    """Shift the hue (1 is once around), add to the brightness, scale the saturation; the result is kept in [0, 1].

    Args:
        images: images in [0, 1], shape `(n, height, width, 3)`.
        hue: from -1 to 1. Defaults to 0.1.
        brightness: from -1 to 1. Defaults to -0.1.
        saturation: 0 makes images grey. Defaults to 0.6.
    """
    images = check_batch(images, channels=3)
    hue, brightness = check_number(hue, "hue", -1, 1), check_number(brightness, "brightness", -1, 1)
    saturation = check_number(saturation, "saturation", 0)
    images = tf.image.adjust_saturation(tf.image.adjust_hue(images, hue), saturation)
    return np.clip(tf.image.adjust_brightness(images, brightness), 0, 1)


def dark_glasses(images, row=31, columns=(22, 42), radius=8):
    """Paint dark glasses on faces: two discs of `radius` pixels and the bridge between them.

    Args:
        images: images in [0, 1], shape `(n, height, width, channels)`.
        row: row of the eyes, inside the image. Defaults to 31.
        columns: columns of the two eyes, inside the image. Defaults to (22, 42).
        radius: radius of a lens, in pixels, at most height and width together. Defaults to 8.
    """
    images = np.array(check_batch(images))
    _, height, width, _ = images.shape
    row = check_number(row, "row", 0, height - 1)
    radius = check_number(radius, "radius", 0, height + width)
    if not isinstance(columns, (list, tuple)) or len(columns) != 2:
        raise invalid("columns", "two numbers, the columns of the eyes", repr(columns))
    columns = [check_number(column, "columns", 0, width - 1) for column in columns]
    y, x = np.ogrid[:height, :width]
    dark = (abs(y - row) <= 1) & (x > columns[0]) & (x < columns[1])
    for column in columns:
        dark |= (y - row) ** 2 + (x - column) ** 2 <= radius**2
    images[:, dark] = 0.05
    return images


def crop(images, share=0.85):
    """Cut out the middle `share` of each side, at least a pixel, and enlarge it to the old size."""
    images = check_batch(images)
    share = check_number(share, "share", 1 / min(images.shape[1:3]), 1)
    return np.clip(tf.image.resize(tf.image.central_crop(images, share), images.shape[1:3]), 0, 1)


def noise(images, deviation=0.1, seed=0):
    """Add Gaussian noise of a standard deviation to images, and keep them in [0, 1]. `seed` is an int."""
    images = check_batch(images)
    deviation, seed = check_number(deviation, "deviation", 0), check_seed(seed)
    drawn = np.random.default_rng(seed).normal(0, deviation, images.shape)
    return np.clip(images + drawn, 0, 1).astype("float32")
