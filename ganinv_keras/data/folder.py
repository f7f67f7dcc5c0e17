"""A folder of image files as an `ImageStream`: every file is looked at when it is opened, and named if it is bad."""

import os

from ganinv_keras.data.image_stream import ImageStream
from ganinv_keras.data.pixels import FORMATS, UNREADABLE, TooFewPixels, opened, square


def stream(path, name, split, size, source):
    """Open one split of a folder of images.

    Args:
        path: the folder. It has subfolders `train` and `test`, and only these are looked at; or it has neither, and
            the last tenth by sorted path is the test split. Folders may be nested. Hidden files are left alone.
        name: name of the data set.
        split: `"train"` or `"test"`.
        size: height and width wanted.
        source: where the folder lies, in words.

    Returns:
        An `ImageStream`.

    Raises:
        ValueError: if a file is no image, the split has no file, or one of the two subfolders is missing.
        TooFewPixels: if an image has fewer pixels than `size`; the message names the smallest.
    """
    files = _files(path, split)
    side, smallest = min(_sides(path, files, name))
    if side < size:
        raise TooFewPixels(f"{side}×{side} pixels (in {smallest})", size)
    return ImageStream(name, split, source, size, files)


def _files(path, split):
    """List the files of a split, sorted by path."""
    parts = [part for part in ("train", "test") if (path / part).is_dir()]
    if parts and split not in parts:
        raise ValueError(f"Expected two folders, train and test, in {path}, or neither. Received: {parts[0]} alone.")
    files = []
    for folder, folders, names in os.walk(path / split if parts else path, followlinks=True):
        folders[:] = [name for name in folders if not name.startswith(".")]
        files += [os.path.join(folder, name) for name in names if not name.startswith(".")]
    files.sort()
    first = len(files) - len(files) // 10
    if not parts:
        files = files[first:] if split == "test" else files[:first]
    if not files:
        raise ValueError(f"{path} has no image for the {split} split. Put images into its folder {split}"
                         f"{', or ten or more into the folder itself' if not parts else ''}.")  # fmt: skip
    return files


def _sides(path, files, name):
    """List `(height and width of its square, relative path)` of each file, from its first bytes."""
    sides, bad = [], []
    for file in files:
        relative = os.path.relpath(file, path)
        try:
            with opened(file) as image:
                sides.append((square(image.height, image.width, name)[2], relative))
        except UNREADABLE:
            bad.append(relative)
    if bad:
        raise ValueError(f"Expected images ({', '.join(FORMATS)}, 8 bits) in {path}. Received: {len(bad)} of "
                         f"{len(files)} files that are none or are broken: {', '.join(bad[:3])}"
                         f"{', …' if len(bad) > 3 else ''}. Replace or remove them.")  # fmt: skip
    return sides
