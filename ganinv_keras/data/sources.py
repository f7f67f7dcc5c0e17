"""Where images come from: a folder of yours, tensorflow-datasets, or what the course ships."""

import functools
import io
import os
import socket
from pathlib import Path

import numpy as np
from PIL import Image

from ganinv_keras.checks import check_name
from ganinv_keras.data import alphabets
from ganinv_keras.data.image_set import ImageSet, area
from ganinv_keras.files import ASSETS

STAND_INS = {"fashion_mnist": "mnist", "omniglot": "alphabets", "celeb_a": "avatars", "food101": "avatars"}
NAMES = ("mnist", "fashion_mnist", "omniglot", "celeb_a", "food101", "avatars", "alphabets")


def load_images(name, split="train", verbose=True):
    """Load a data set from the first place that has it, and print which.

    Sources, in this order: `$GANINV_DATA_DIR/<name>.npz`; tensorflow-datasets, if already prepared on this machine;
    what the course ships (`mnist`: 5,000 digits, `avatars`: 4,400 drawn faces, `alphabets`: drawn on the spot);
    tensorflow-datasets by download, if there is a network.

    An npz file holds `images`, uint8 `(n, height, width, channels)`; `split`, 0 train and 1 test (without it the
    last tenth is the test split); and labels, each an array of length n: `labels`, and any others by name.

    The 500 digits of the embedded test split belong to MNIST's training split. They are taken out of the training
    split of every source, so that a generator trained on it has never seen them.

    Args:
        name: `"mnist"`, `"fashion_mnist"`, `"omniglot"`, `"celeb_a"`, `"food101"`, `"avatars"` or `"alphabets"`.
        split: `"train"` or `"test"`. Defaults to `"train"`.
        verbose: whether to print the source in one line. Defaults to True.

    Returns:
        An `ImageSet`.

    Raises:
        ValueError: if the name or the split is unknown, or the npz file is not as described.
        FileNotFoundError: if no source has the set (the message names a stand-in that needs no network), or
            `$GANINV_DATA_DIR` is no folder.
    """
    check_name(name, NAMES, "data set")
    check_name(split, ("train", "test"), "split")
    arrays, source = _load(name, os.environ.get("GANINV_DATA_DIR"))
    image_set = _select(arrays, source, name, split)
    if verbose:
        print(f"{name}/{split}: {len(image_set):,} images, from {source}")
    return image_set


@functools.lru_cache(maxsize=2)
def _load(name, data_dir):
    """Return `(arrays, source)` from the first source that has the set."""
    if data_dir:
        if not (folder := Path(data_dir).expanduser()).is_dir():
            raise FileNotFoundError(f"GANINV_DATA_DIR is set to {data_dir}, which is no folder: correct it, or unset "
                                    "it to use what the course ships.")  # fmt: skip
        if (path := folder / f"{name}.npz").exists():
            return _read_npz(path), f"{path.name} in $GANINV_DATA_DIR"
    if folder := _prepared(name):
        return _from_tfds(name, folder), "tensorflow-datasets on this machine"
    if name == "alphabets":
        return alphabets.draw(), "the course (drawn from matplotlib's fonts)"
    if (path := ASSETS / "data" / f"{name}.npz").exists():
        return _read_npz(path), "the course's assets"
    reason = "there is no network to download it"
    if _online():
        try:
            return _from_tfds(name, folder=None), "tensorflow-datasets, downloaded"
        except Exception as error:  # whatever a download may raise: CelebA's host refuses over its quota, for one
            reason = f"its download failed ({error})"
    raise FileNotFoundError(f"{name} is not on this machine and {reason}. Put {name}.npz into a folder and set "
                            f'GANINV_DATA_DIR to it, or use load_images("{STAND_INS[name]}"), which needs no '
                            "network.")  # fmt: skip


def _read_npz(path):
    """Read an npz file, and decode its images if they are packed as WebP."""
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
    except Exception as error:
        raise ValueError(f"{path} cannot be read as an npz file ({error}): copy it again.") from error
    if "webp" in arrays:
        files = np.split(arrays.pop("webp"), arrays.pop("ends")[:-1])
        arrays["images"] = np.stack([np.asarray(Image.open(io.BytesIO(file.tobytes()))) for file in files])
    images = arrays.get("images")
    if images is None or images.ndim != 4 or images.dtype != np.uint8:
        found = "no `images`" if images is None else f"{images.dtype} {images.shape}"
        raise ValueError(f"{path} must hold `images`, uint8 (n, height, width, channels), got {found}.")
    return arrays


def _select(arrays, source, name, split):
    """Make an `ImageSet` of one split."""
    arrays = dict(arrays)
    images = arrays.pop("images")
    n = len(images)
    which = arrays.pop("split", np.arange(n) >= n - n // 10)
    index = np.flatnonzero(np.asarray(which) == (split == "test"))
    if (name, split) == ("mnist", "train") and source != "the course's assets":
        held_out = {image.tobytes() for image in _held_out_digits()}
        index = np.array([i for i in index if images[i].tobytes() not in held_out])
    label_names = arrays.pop("label_names", arrays.pop("alphabet_names", None))
    labels = arrays.pop("labels", arrays.get("character"))
    if "attributes" in arrays:
        names = arrays.pop("attribute_names")
        arrays |= dict(zip(map(str, names), arrays.pop("attributes").T, strict=True))
    return ImageSet(
        name, split, images[index], None if labels is None else labels[index],
        None if label_names is None else tuple(map(str, label_names)),
        {key: value[index] for key, value in arrays.items() if len(value) == n}, source,
    )  # fmt: skip


def _held_out_digits():
    """Return the digits of the embedded test split."""
    arrays = _read_npz(ASSETS / "data" / "mnist.npz")
    return arrays["images"][arrays["split"] == 1]


def _prepared(name):
    """Return the folder of a set that tensorflow-datasets has already prepared, or None."""
    root = Path(os.environ.get("TFDS_DATA_DIR") or "~/tensorflow_datasets").expanduser()
    return next((path.parent for path in sorted((root / name).rglob("dataset_info.json"), reverse=True)), None)


def _online():
    """Say within seconds whether a download can be tried: with no network, `tfds.load` retries for minutes."""
    try:
        socket.create_connection(("storage.googleapis.com", 443), timeout=3).close()
    except OSError:
        return False
    return True


def _from_tfds(name, folder):
    """Read a set from the folder that tensorflow-datasets prepared, or prepare it first, as arrays like an npz's."""
    import tensorflow_datasets as tfds  # takes seconds to import, and most readers never need it

    builder = tfds.builder_from_directory(folder) if folder else tfds.builder(name)
    if not folder:
        builder.download_and_prepare()
    parts = []
    for part, test in (("train", 0), ("validation" if name == "food101" else "test", 1)):
        for example in tfds.as_numpy(builder.as_dataset(split=part)):
            parts.append(_convert(name, example) | {"split": test})
    return {key: np.stack([part[key] for part in parts]) for key in parts[0]}


def _convert(name, example):
    """Turn one example of tensorflow-datasets into the course's format."""
    image = example["image"]
    if name == "omniglot":  # black ink on white, 105×105×3
        image = 255 - area(image[..., :1], 28)
        return {"images": image, "alphabet": example["alphabet"], "character": example["label"]}
    if name == "celeb_a":
        attributes = {key: np.uint8(value) for key, value in example["attributes"].items()}
        return {"images": area(image[40:188, 15:163], 64), **attributes}
    if name == "food101":
        side = min(image.shape[:2])
        top, left = (image.shape[0] - side) // 2, (image.shape[1] - side) // 2
        image = area(image[top : top + side, left : left + side], 64)
    return {"images": image, "labels": example["label"]}
