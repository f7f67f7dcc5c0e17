"""Images: `load_images(name, split)` finds a set and returns an `ImageSet`."""

from ganinv_keras.data.image_set import ImageSet
from ganinv_keras.data.sources import NAMES, load_images

__all__ = ["NAMES", "ImageSet", "load_images"]
