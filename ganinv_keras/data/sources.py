"""Where images come from: a folder of yours, tensorflow-datasets, or what the course ships."""

import dataclasses
import functools
import os
from functools import partial
from pathlib import Path

import numpy as np

from ganinv_keras.checks import check_name, check_positive_integer
from ganinv_keras.data import alphabets, folder, npz, prepared
from ganinv_keras.data.image_set import ImageSet
from ganinv_keras.data.image_stream import ImageStream
from ganinv_keras.data.pixels import PHOTOGRAPHS, SIZES, TooFewPixels
from ganinv_keras.files import ASSETS

NAMES = tuple(SIZES)
STAND_INS = {"fashion_mnist": "mnist", "omniglot": "alphabets", "celeb_a": "avatars", "food101": "avatars"}
SHIPPED = ("mnist", "avatars")
SHIPPED_SOURCE = "the course's assets"


def load_images(name, split="train", verbose=True, size=None):
    """Load a data set from the first place that has it, and print which.

    Sources, in this order: `$GANINV_DATA_DIR/<name>.npz`; for photographs and faces a folder of images,
    `$GANINV_DATA_DIR/<name>/`; tensorflow-datasets, if already prepared on this machine; what the course ships
    (`mnist`: 5,000 digits, `avatars`: 4,400 drawn faces, `alphabets`: drawn on the spot); tensorflow-datasets by
    download, if there is a network. A source whose images are smaller than `size` is passed over.

    An npz file holds `images`, uint8 `(n, height, width, channels)`; `split`, 0 train and 1 test (without it the
    last tenth is the test split); and labels, each an array of length n: `labels`, and any others by name.

    A folder holds images (BMP, GIF, JPEG, PNG, TIFF, WebP) of any size, nested or not, in two folders `train` and
    `test`, or without these: then the last tenth by sorted path is the test split. Of each the middle square is cut
    out, of CelebA's aligned photographs (218×178) the face (148×148), and averaged. It brings no labels.

    The 500 digits of the embedded test split belong to MNIST's training split. They are taken out of the training
    split of every source, so that a generator trained on it has never seen them.

    Args:
        name: `"mnist"`, `"fashion_mnist"`, `"omniglot"`, `"celeb_a"`, `"food101"`, `"avatars"` or `"alphabets"`.
        split: `"train"` or `"test"`. Defaults to `"train"`.
        verbose: whether to print the source in one line. Defaults to True.
        size: height and width of the images. Larger ones are averaged; digits and characters get a black border if
            they are a little smaller (`ImageSet.at`). Defaults to None: what an npz file has, and from other sources
            28 for digits and characters, 64 for photographs and faces.

    Returns:
        An `ImageSet`.

    Raises:
        ValueError: if the name or the split is unknown, no source has images of `size`, the npz file is not as
            described, or a file of the folder is no image.
        FileNotFoundError: if no source has the set (the message names a stand-in that needs no network), or
            `$GANINV_DATA_DIR` is no folder.
    """
    return _first(name, split, size, verbose, as_stream=False)


def open_images(name, split="train", size=None, verbose=True):
    """Open a data set for training: as a stream where images come as files, else as `load_images` does.

    An `ImageStream` is what you get of a folder of images, and of `celeb_a` from tensorflow-datasets, whose files take
    less memory than their pixels. (Food-101's files take more.) It decodes images when a step needs them.

    Args:
        name: as of `load_images`.
        split: `"train"` or `"test"`. Defaults to `"train"`.
        size: as of `load_images`.
        verbose: whether to print the source in one line. Defaults to True.

    Returns:
        An `ImageStream` or an `ImageSet`.

    Raises:
        ValueError: as of `load_images`.
        FileNotFoundError: as of `load_images`.
    """
    return _first(name, split, size, verbose, as_stream=True)


def _first(name, split, size, verbose, as_stream):
    """Return the images of the first source that has them."""
    check_name(name, NAMES, "data set")
    check_name(split, ("train", "test"), "split")
    if size is not None:
        size = check_positive_integer(size, "size")
    passed_over, too_small = [], False
    for source, read in _places(name, split, size, as_stream):
        try:
            images = read(source)
            if isinstance(images, ImageStream) and not as_stream:
                images = images[:]
            if (name, split) == ("mnist", "train") and source != SHIPPED_SOURCE:
                images = _without_held_out_digits(images)
            if size is not None and isinstance(images, ImageSet):
                images = images.at(size)
        except TooFewPixels as error:
            passed_over.append(f"{source}: {error.found}")
            too_small = True
        except prepared.NoDownload as error:
            passed_over.append(f"{source}: {error}")
        else:
            if verbose:
                how = ", decoded as they are needed" if isinstance(images, ImageStream) else ""
                but = f" (passed over: {'; '.join(passed_over)})" if passed_over else ""
                print(f"{name}/{split}: {len(images):,} images{how}, from {source}{but}")
            return images
    yours = f"{name}.npz" + (f", or a folder {name} of images," if name in PHOTOGRAPHS else "")
    if too_small:
        wanted = size or SIZES[name]
        raise ValueError(f"No source has {name} at {wanted}×{wanted} pixels ({'; '.join(passed_over)}), and images are "
                         f"not enlarged. Ask for a smaller size, or put {yours} with enough pixels into a folder and "
                         "set GANINV_DATA_DIR to it.")  # fmt: skip
    raise FileNotFoundError(f"{name} is not on this machine ({'; '.join(passed_over)}). Put {yours} into a folder and "
                            f'set GANINV_DATA_DIR to it, or use load_images("{STAND_INS[name]}"), which needs no '
                            "network.")  # fmt: skip


def _places(name, split, size, as_stream):
    """Yield the places that may have a set, the first first: the source in words, and what reads it, given these."""
    if data_dir := os.environ.get("GANINV_DATA_DIR"):
        yours = Path(data_dir).expanduser().absolute()
        if not yours.is_dir():
            raise FileNotFoundError(f"GANINV_DATA_DIR is set to {data_dir}, which is no folder: correct it, or unset "
                                    "it to use what the course ships.")  # fmt: skip
        if (path := yours / f"{name}.npz").exists():
            yield f"{path.name} in $GANINV_DATA_DIR", partial(_kept, npz.load, path, name, split)
        if name in PHOTOGRAPHS and (path := yours / name).is_dir():
            yield (f"the folder {name} in $GANINV_DATA_DIR",
                   partial(folder.stream, path, name, split, size or SIZES[name]))  # fmt: skip
    path = prepared.find(name) if name in prepared.SIDES else None
    if path:
        yield "tensorflow-datasets on this machine", partial(_prepared, path, name, split, size, as_stream)
    if name == "alphabets":
        yield "the course (drawn from matplotlib's fonts)", partial(_kept, _drawn, alphabets.FONT, name, split)
    if name in SHIPPED:
        yield SHIPPED_SOURCE, partial(_kept, npz.load, _shipped(name), name, split)
    if name in prepared.SIDES and not path:
        yield "tensorflow-datasets by download", partial(_prepared, None, name, split, size, as_stream)


def _prepared(path, name, split, size, as_stream, source):
    """Read a set of tensorflow-datasets from its folder, and download it first if there is none."""
    prepared.check_size(name, size)
    path = path or prepared.download(name)
    size = size if size and name in PHOTOGRAPHS else SIZES[name]
    if as_stream and name == "celeb_a":
        return prepared.stream(path, name, split, size, source)
    return _kept(prepared.load, path, name, split, size, source)


def _drawn(font, name, split, source):
    return npz.select(_alphabets(), name, split, source)


@functools.cache
def _alphabets():
    return alphabets.draw()


def _shipped(name):
    """Return the path of a set that the course ships."""
    path = ASSETS / "data" / f"{name}.npz"
    if not path.exists():
        raise FileNotFoundError(f"{path}, which the course ships, is missing: copy the whole repository again.")
    return path


def _without_held_out_digits(image_set):
    """Take the digits of the embedded test split out of a set."""
    held_out = _kept(npz.load, _shipped("mnist"), "mnist", "test", SHIPPED_SOURCE)
    held_out = {image.tobytes() for image in held_out.pixels}
    return image_set[np.array([image.tobytes() not in held_out for image in image_set.pixels], bool)]


def _kept(load, path, *arguments):
    """Return the `ImageSet` that `load(path, *arguments)` returned before, unless the file has changed since."""
    description = path / "dataset_info.json"  # of a set that tensorflow-datasets prepared
    status = (description if description.exists() else path).stat()
    stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
    return dataclasses.replace(_load(load, path, stamp, *arguments))


@functools.lru_cache(maxsize=4)
def _load(load, path, stamp, *arguments):
    """Load a set, whose arrays nobody may write to: they are everybody's."""
    image_set = load(path, *arguments)
    for array in (image_set.pixels, image_set.labels, *image_set.attributes.values()):
        if array is not None:
            array.flags.writeable = False
    return image_set
