"""A photograph of your own handwriting, made into an image like MNIST's."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from scipy import ndimage

SIDE = 112  # pixels of the photograph's longer side: four times MNIST's, and quick to filter
SUFFIXES = {".bmp", ".gif", ".heic", ".jpeg", ".jpg", ".png", ".tif", ".tiff", ".webp"}


def read_digit(path):
    """Read a photograph, scan or drawing of one digit, and prepare it as MNIST's digits were.

    The photograph is turned the way up that the camera noted (EXIF). Light that falls unevenly is subtracted: the
    median of a wide neighbourhood is the paper, whatever its shade, and what differs from it is ink, dark or bright.
    The ink is cut out, made to fit into 20×20 pixels, and its centre of mass is put into the middle of 28×28.

    Args:
        path: a file that Pillow can open; relative to the folder of the notebook.

    Returns:
        `(image, remarks)`: float32 in [0, 1] of shape `(28, 28, 1)`, bright ink on black; and a tuple of sentences,
        one for each thing that still looks wrong, empty where nothing does.

    Raises:
        FileNotFoundError: if there is no such file; the message says where to put it and what lies there.
        ValueError: if the file is no image, is broken, or shows no ink.
    """
    ink = _ink(_grey(Path(path).expanduser()), path)
    strokes, remarks = _strokes(ink)
    rows, columns = (np.flatnonzero(strokes.any(axis)) for axis in (1, 0))
    cut = (ink * strokes)[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    small = np.asarray(ImageOps.contain(Image.fromarray(cut), (20, 20), Image.Resampling.BOX))
    image = np.zeros((28, 28), "float32")
    image[4 : 4 + small.shape[0], 4 : 4 + small.shape[1]] = (small / np.quantile(small[small > 0.1], 0.75)).clip(0, 1)
    image = ndimage.shift(image, 13.5 - np.array(ndimage.center_of_mass(image)), order=1)
    return image[..., None], (*remarks, *_unlike_mnist(image))


def _grey(path):
    """Read a file as brightness in [0, 1], the right way up, white where it is transparent, `SIDE` pixels long."""
    if not path.exists():
        folder = path.parent.resolve()
        there = sorted(file.name for file in folder.glob("*") if file.suffix.lower() in SUFFIXES)
        raise FileNotFoundError(f"There is no file {path}. Put your picture into {folder} (on Colab: the folder symbol "
                                "at the left, then upload) and write its name here. Pictures there now: "
                                f"{', '.join(there) or 'none'}.")  # fmt: skip
    try:
        with Image.open(path) as file:
            photograph = ImageOps.exif_transpose(file).convert("RGBA")
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise ValueError(
            f"{path} cannot be read as an image ({error}): save it as PNG or JPEG and try again."
        ) from error
    paper = Image.new("RGBA", photograph.size, "white")
    grey = ImageOps.contain(Image.alpha_composite(paper, photograph).convert("L"), (SIDE, SIDE))
    return np.asarray(grey, "float32") / 255


def _ink(grey, path):
    """Return how much each pixel differs from the paper around it, in the direction of the ink, from 0 to 1 or so."""
    paper = ndimage.median_filter(grey, size=[max(3, int(0.7 * side)) for side in grey.shape])
    difference = grey - ndimage.gaussian_filter(paper, SIDE / 16)
    difference *= np.sign(np.sum(difference**3)) or 1  # the ink is what differs much in few places
    darkest = np.quantile(difference, 0.995)
    if darkest < 0.05:
        raise ValueError(f"{path} shows no ink: nothing in it differs from what is around it. Write with a thick pen.")
    return np.clip(2 * difference / darkest - 0.4, 0, 1).astype("float32")  # below a fifth of full ink lies paper


def _strokes(ink):
    """Return which pixels belong to the digit, and what looks wrong about them: specks and margins do not belong."""
    parts, count = ndimage.label(ink > 0.1, structure=np.ones((3, 3)))
    sizes = ndimage.sum_labels(ink, parts, np.arange(1, count + 1))
    large = 1 + np.flatnonzero(sizes > 0.1 * sizes.max())
    edge = np.unique(np.concatenate([parts[0], parts[-1], parts[:, 0], parts[:, -1]]))
    inside = np.setdiff1d(large, edge)
    remarks = []
    if len(inside) == 0:
        remarks.append("The ink touches the edge of the picture: leave a margin all around the digit.")
    if len(inside if len(inside) else large) > 3:
        remarks.append("There are more than three separate strokes: one digit at a time, without lines or squares.")
    return np.isin(parts, inside if len(inside) else large), remarks


def _unlike_mnist(image):
    """Say what distinguishes an image from nearly all of MNIST's: 98 % of them have a mean between these two."""
    if image.mean() < 0.04:
        return ["The strokes are very thin: write with a thicker pen, or nearer to the camera."]
    return ["The strokes are very thick: write larger, or with a thinner pen."] if image.mean() > 0.26 else []
