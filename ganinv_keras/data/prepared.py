"""Sets that tensorflow-datasets prepares, in the course's format."""

import contextlib
import io
import os
import socket
from pathlib import Path

import numpy as np
import tensorflow as tf

from ganinv_keras.data.image_set import ImageSet
from ganinv_keras.data.image_stream import ImageStream
from ganinv_keras.data.pixels import PHOTOGRAPHS, TooFewPixels, area, border, read_square

# Height and width of what is read: Omniglot is averaged, faces are cut out, of photographs it is the longer side.
SIDES = {"mnist": 28, "fashion_mnist": 28, "omniglot": 28, "celeb_a": 148, "food101": 512}


class NoDownload(Exception):
    """A download is not possible, or failed; the message says why."""


def find(name):
    """Return the folder of a set that is prepared on this machine, or None.

    Raises:
        PermissionError: if it may not be read.
    """
    root = Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser().absolute()
    try:
        return next((path.parent for path in sorted((root / name).rglob("dataset_info.json"), reverse=True)), None)
    except OSError as error:
        raise PermissionError(f"Cannot read {root} ({error.strerror}): make it readable, or set TFDS_DATA_DIR to a "
                              "folder of yours.") from error  # fmt: skip


def check_size(name, size):
    """Raise `TooFewPixels` if a set cannot have `size`×`size` pixels, as far as its name tells."""
    if size is not None:
        border(SIDES[name], size, black=name not in PHOTOGRAPHS)


def download(name):
    """Download and prepare a set, and return its folder.

    Raises:
        NoDownload: if there is no network, or the download failed.
    """
    if not _online():
        raise NoDownload("there is no network for it")
    try:
        import tensorflow_datasets as tfds

        builder = tfds.builder(name)
        builder.download_and_prepare()
    except Exception as error:  # whatever a download may raise: CelebA's host refuses over its quota, for one
        raise NoDownload(f"its download failed ({error})") from error
    return Path(builder.data_dir)


def _online():
    """Say within seconds whether a download can be tried: with no network, `tfds.load` retries for minutes."""
    try:
        socket.create_connection(("storage.googleapis.com", 443), timeout=3).close()
    except OSError:
        return False
    return True


def load(folder, name, split, size, source):
    """Read one split of a prepared set, with what is known about its images.

    Args:
        folder: the folder that `find` or `download` returned.
        name: name of the data set.
        split: `"train"` or `"test"`.
        size: height and width wanted; of digits and characters 28.
        source: where the set lies, in words.

    Returns:
        An `ImageSet`.

    Raises:
        ValueError: if the folder cannot be read.
        TooFewPixels: if images are smaller than `size`.
    """
    arrays = {}
    with _examples(folder, name, split) as (examples, count):
        examples = examples.map(lambda example: convert(example, name, size), tf.data.AUTOTUNE, deterministic=True)
        for row, example in enumerate(examples.as_numpy_iterator()):
            if (side := example.pop("side")) < size:
                raise TooFewPixels(f"an image whose shorter side is {side} pixels", size)
            for key, value in example.items():
                arrays.setdefault(key, np.empty((count, *value.shape), value.dtype))[row] = value
    pixels, labels = arrays.pop("images"), arrays.pop("labels", arrays.get("character"))
    return ImageSet(name, split, pixels, labels, None, arrays, source)


def stream(folder, name, split, size, source):
    """Open one split of prepared photographs whose files are small: they are kept in memory, and decoded as needed.

    The arguments are those of `load`, and so are the errors. Returns an `ImageStream`.
    """
    with _examples(folder, name, split) as (examples, _):
        files = list(examples.map(lambda example: example["image"]).as_numpy_iterator())
    return ImageStream(name, split, source, size, files)


def convert(example, name, size):
    """Turn one example of tensorflow-datasets, in tensors, into the course's format.

    Args:
        example: a dictionary; its `image` is a file if the set is of photographs, and else uint8 pixels.
        name: name of the data set.
        size: height and width wanted.

    Returns:
        A dictionary of `images`, what is known about it, and `side`, the height and width averaged to `size`.
    """
    image = example["image"]
    if name in PHOTOGRAPHS:
        image = tf.numpy_function(lambda file: read_square(io.BytesIO(file), name), [image], tf.uint8)
        image = tf.ensure_shape(image, (None, None, 3))
    if name == "omniglot":  # black ink on white, 105×105×3
        image = 255 - image[..., :1]
        known = {"alphabet": example["alphabet"], "character": example["label"]}
    elif name == "celeb_a":
        known = {key: tf.cast(value, tf.uint8) for key, value in example["attributes"].items()}
    else:
        known = {"labels": example["label"]}
    return {"images": area(image, size), "side": tf.shape(image)[0], **known}


@contextlib.contextmanager
def _examples(folder, name, split):
    """Give one split of a prepared set, photographs as files, and its length; name the folder if it is broken."""
    try:
        import tensorflow_datasets as tfds  # takes seconds to import, and most readers never need it

        builder = tfds.builder_from_directory(folder)
        part = builder.info.splits["validation" if (name, split) == ("food101", "test") else split]
        decoders = {"image": tfds.decode.SkipDecoding()} if name in PHOTOGRAPHS else None
        yield builder.as_dataset(split=part.name, decoders=decoders), part.num_examples
    except TooFewPixels:
        raise
    except Exception as error:
        raise ValueError(f"{folder} cannot be read by tensorflow-datasets ({error}): prepare it again, or remove "
                         "it.") from error  # fmt: skip
