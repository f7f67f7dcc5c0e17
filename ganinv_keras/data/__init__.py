"""Images: `load_images(name, split)` finds a set and returns an `ImageSet`; training takes what `open_images` finds."""

from ganinv_keras.data.image_set import ImageSet
from ganinv_keras.data.image_stream import ImageStream
from ganinv_keras.data.sources import NAMES, load_images, open_images

__all__ = ["NAMES", "ImageSet", "ImageStream", "load_images", "open_images"]
