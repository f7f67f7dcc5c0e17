"""npz files of images: read, checked, and made into an `ImageSet`."""

import io

import numpy as np
from PIL import Image

from ganinv_keras.data.image_set import ImageSet, describe


def load(path, name, split, source):
    """Read one split of an npz file.

    Args:
        path: the file; `load_images` describes what it holds. The course's own hold their images as WebP.
        name: name of the data set.
        split: `"train"` or `"test"`.
        source: where the file lies, in words.

    Returns:
        An `ImageSet`.

    Raises:
        ValueError: if the file is not as described, or has no image of that split; the message names it.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        if "webp" in arrays:
            arrays["images"] = np.fromiter(np.split(arrays.pop("webp"), arrays.pop("ends")[:-1]), object)
    except Exception as error:  # a zip file can be broken in many ways
        raise ValueError(f"{path} cannot be read as an npz file ({error}): copy it again.") from error
    try:
        return select(arrays, name, split, source)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def select(arrays, name, split, source):
    """Make an `ImageSet` of one split of `arrays`, whose keys are an npz file's.

    Raises:
        ValueError: if the arrays are not as `load_images` describes, or no image belongs to the split.
    """
    arrays = dict(arrays)
    images = np.atleast_1d(arrays.pop("images", ()))
    n = len(images)
    if images.size == 0:
        raise ValueError("Expected `images`, uint8 (n, height, width, channels). Received: none.")
    label_names = arrays.pop("label_names", arrays.pop("alphabet_names", None))
    if "attributes" in arrays:
        arrays |= _columns(arrays.pop("attributes"), arrays.pop("attribute_names", np.empty(0)))
    which = arrays.pop("split", np.arange(n) >= n - n // 10)
    for key, values in {"split": which, **arrays}.items():
        if values.shape[:1] != (n,):
            raise ValueError(
                f"Expected `{key}` with an entry for each of the {n} images. Received: {describe(values)}."
            )
    number = which.dtype.kind in "biuf"
    if which.ndim != 1 or not number or not np.isin(which, (0, 1)).all():
        values = f" with {', '.join(map(str, np.unique(which)[:5]))}" if number else ""
        raise ValueError("Expected `split` as a number for each image, 0 for train and 1 for test. "
                         f"Received: {describe(which)}{values}.")  # fmt: skip
    index = np.flatnonzero(which == (split == "test"))
    if len(index) == 0:
        raise ValueError(f"None of the {n} images belongs to the {split} split. Mark some in `split`.")
    labels = arrays.pop("labels", arrays.get("character"))
    return ImageSet(
        name, split, _decoded(images[index]), None if labels is None else labels[index],
        None if label_names is None else tuple(map(str, np.ravel(label_names))),
        {key: values[index] for key, values in arrays.items()}, source,
    )  # fmt: skip


def _columns(attributes, names):
    """Return the columns of a table as a dictionary."""
    if attributes.ndim != 2 or names.shape != attributes.shape[1:]:
        raise ValueError("Expected `attributes`, (n, k), and `attribute_names`, (k,). "
                         f"Received: {describe(attributes)} and {describe(names)}.")  # fmt: skip
    return dict(zip(map(str, names), attributes.T, strict=True))


def _decoded(images):
    """Decode images that are still files, and return others as they are."""
    if images.dtype != object:
        return images
    try:
        return np.stack([np.asarray(Image.open(io.BytesIO(file.tobytes()))) for file in images])
    except OSError as error:
        raise ValueError(f"An image cannot be decoded ({error}). Copy the file again.") from error
