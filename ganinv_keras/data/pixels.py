"""From the pixels that a file has to those that are asked for: a square cut out, averaged, never enlarged."""

import numpy as np
import tensorflow as tf
from PIL import Image

# Height and width of each set's images where nothing else is asked for.
SIZES = {"mnist": 28, "fashion_mnist": 28, "omniglot": 28, "celeb_a": 64, "food101": 64, "avatars": 64, "alphabets": 28}
PHOTOGRAPHS = tuple(name for name, size in SIZES.items() if size == 64)  # in colour, up to the edge

FORMATS = ("BMP", "GIF", "JPEG", "PNG", "TIFF", "WEBP")
UNREADABLE = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)  # what Pillow raises of a bad file


class TooFewPixels(ValueError):
    """Images have fewer pixels than are asked for; `found` says how many, such as `"64×64 pixels"`."""

    def __init__(self, found, size):
        super().__init__("Invalid value received for argument `size`. Expected no more than there is, "
                         f"{found}: images are not enlarged. (Only where they end in black, as digits do, they get a "
                         f"border, of at most an eighth of `size` on each side.) Received: {size}")  # fmt: skip
        self.found = found


def border(side, size, black):
    """Return how many black rows to put before and behind `side` rows to make `size` of them.

    Args:
        side: height and width that images have. Where `size` is smaller, there is nothing to refuse.
        size: height and width wanted.
        black: whether the images end in black.

    Raises:
        TooFewPixels: if they do not, or the border would be wider than an eighth of `size`.
    """
    before, behind = (size - side) // 2, (size - side + 1) // 2
    if size > side and not (black and 8 * behind <= size):
        raise TooFewPixels(f"{side}×{side} pixels", size)
    return before, behind


def square(height, width, name):
    """Return `(top, left, side)` of the square that is cut out of an image of a set.

    It is the middle, but for CelebA's aligned photographs (218×178), where it is the face, 148×148.
    """
    if name == "celeb_a" and (height, width) == (218, 178):
        return 40, 15, 148
    side = min(height, width)
    return (height - side) // 2, (width - side) // 2, side


def opened(file):
    """Open an image with Pillow, which reads no more than its header yet.

    Args:
        file: a path, or a file that is open.

    Raises:
        OSError, SyntaxError, ValueError, DecompressionBombError: if it is no image, or one of more than 8 bits.
    """
    image = Image.open(file, formats=FORMATS)
    if image.mode[0] in "FI":
        image.close()
        raise ValueError("it has more than 8 bits for a brightness")
    return image


def read_square(file, name):
    """Read the square of an image as uint8 `(side, side, 3)`. The arguments are those of `opened` and `square`."""
    with opened(file) as image:
        top, left, side = square(image.height, image.width, name)
        return np.asarray(image.convert("RGB").crop((left, top, left + side, top + side)))


def area(images, size):
    """Average uint8 images `([n,] height, width, channels)` to `size`×`size`, as a tensor."""
    averaged = tf.image.resize(images, (size, size), method="area")
    return tf.cast(tf.clip_by_value(tf.round(averaged), 0, 255), tf.uint8)
