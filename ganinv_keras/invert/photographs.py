"""Any image file as an image of a generator's shape: the right way up, its middle cut out, averaged or enlarged."""

import io
import os
import warnings

import numpy as np
from PIL import Image, ImageOps

from ganinv_keras.data.pixels import square

LARGEST = 100_000_000  # pixels: a file of some kilobytes can say that it has many more, and fill the memory
Image.init()
USUAL = ["JPEG", "PNG"]  # tried first: Pillow tries one after the other
FORMATS = USUAL + sorted(set(Image.OPEN) - {*USUAL, "EPS"})  # the last would start another program


def files_of(folder, without):
    """List the files of a folder and of those in it, sorted by path; hidden ones are left alone.

    Args:
        folder: the folder, a `Path`.
        without: a folder in it to leave out, if it is there.
    """
    paths = []
    for place, folders, names in os.walk(folder):
        folders[:] = [name for name in folders
                      if not name.startswith(".") and not _same(os.path.join(place, name), without)]  # fmt: skip
        paths += [os.path.join(place, name) for name in names if not name.startswith(".")]
    return sorted(paths)


def _same(path, other):
    return os.path.exists(other) and os.path.samefile(path, other)


def decode(content, image_shape):
    """Decode an image file.

    The picture is turned the way up that the camera noted (EXIF); transparency becomes white; of an animation the first
    picture counts. The largest middle part of the generator's proportions is averaged to its size, or enlarged
    (bicubic) where it is smaller. Of CelebA's aligned photographs (218×178) it is the face, as in training.

    Args:
        content: the file's bytes.
        image_shape: `(height, width, channels)` of the generator; one channel is brightness.

    Returns:
        A uint8 array of that shape.

    Raises:
        ValueError: if the file is empty, cannot be decoded or has more than 100 million pixels. The message says why.
    """
    if not content:
        raise ValueError("the file is empty")
    try:
        with warnings.catch_warnings(action="ignore", category=Image.DecompressionBombWarning):
            image = Image.open(io.BytesIO(content), formats=FORMATS)
        with image:
            if image.width * image.height > LARGEST:
                raise ValueError(f"{image.width:,}×{image.height:,} pixels are more than {LARGEST:,}")
            return _fitted(_in_bytes(ImageOps.exif_transpose(image)), image_shape)
    except Image.UnidentifiedImageError as error:
        raise ValueError("no image, or in a format that Pillow does not know") from error
    except Exception as error:  # decoders raise whatever strangers' bytes lead them to
        raise ValueError(str(error) or type(error).__name__) from error


def _in_bytes(image):
    """Return an image with eight bits a channel, `"L"` or `"RGB"`, over white."""
    if image.mode.startswith("I"):
        values = np.asarray(image, "float64")
        if values.min() < 0 or values.max() > 65535:
            raise ValueError("it has more than 16 bits for a brightness")
        return Image.fromarray(np.round(values / 257).astype("uint8"))
    if image.mode == "F":
        raise ValueError("its brightness is no whole number, so that white is not known")
    if image.has_transparency_data:
        image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
    return image if image.mode == "L" else image.convert("RGB")


def _fitted(image, image_shape):
    height, width, channels = image_shape
    if (image.height, image.width) == (218, 178):
        top, left, side = square(image.height, image.width, "celeb_a")
        image = image.crop((left, top, left + side, top + side))
    smaller = image.width < width or image.height < height
    method = Image.Resampling.BICUBIC if smaller else Image.Resampling.BOX
    fitted = ImageOps.fit(image.convert("L" if channels == 1 else "RGB"), (width, height), method)
    return np.asarray(fitted).reshape(height, width, channels)
