"""Weights on disk: one npz file a name, in half precision, with how they were made, and checked by its sha256."""

import hashlib
import io
import json
import re
from pathlib import Path

import numpy as np

from ganinv_keras import files

WEIGHTS = files.ASSETS / "weights"


def write(name, models, settings, folder=WEIGHTS):
    """Write the weights of models in half precision to `<folder>/<name>.npz`, and its sha256 to `SHA256SUMS`.

    Args:
        name: the file's name without its ending.
        models: part → Keras model, such as `{"generator": …, "encoder": …}`.
        settings: how the models were made, a dictionary that JSON can hold.
        folder: where to. Defaults to the course's `assets/weights`.

    Raises:
        TypeError: if JSON cannot hold the settings.
        ValueError: if a weight is not finite in half precision, whose largest number is 65,504, or if a line of
            `SHA256SUMS` is broken.
        PermissionError: if the folder is missing or cannot be written to.
    """
    weights = {f"{part}/{i:03d}": _half(weight, f"{part} of {name}")
               for part, model in models.items() for i, weight in enumerate(model.weights)}  # fmt: skip
    try:
        made = json.dumps(dict(settings))
    except (TypeError, ValueError) as error:
        raise TypeError(f"The settings of {name} must be a dictionary that JSON can hold: {error}") from error
    path, sums = Path(folder) / f"{name}.npz", _checksums(folder)
    files.write_whole(path, lambda p: np.savez_compressed(p, settings=made, **weights))
    sums[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    lines = "".join(f"{sums[file]}  {file}\n" for file in sorted(sums))
    files.write_whole(Path(folder) / "SHA256SUMS", lambda p: p.write_text(lines, "utf-8"))


def read(name, made_by, folder=WEIGHTS):
    """Read what `write` wrote.

    Args:
        name: the file's name without its ending.
        made_by: the command that makes the file, for the error message.
        folder: where the file lies. Defaults to the course's `assets/weights`.

    Returns:
        `(settings, weights)`: the dictionary, and part → a list of float32 arrays for `Model.set_weights`.

    Raises:
        ValueError: if the file is not the one whose sha256 stands in `SHA256SUMS`, a line of that is broken, or the
            file is not one that `write` wrote.
        FileNotFoundError: if the file is missing, or the package was installed without the course's assets.
        PermissionError: if the file cannot be read.
    """
    path = Path(folder) / f"{name}.npz"
    if not path.exists() and not files.ASSETS.is_dir():
        raise FileNotFoundError(f"{path} is missing: the package was installed without the course's assets. Check the "
                                "repository out, and install it from there with pip install -e .")  # fmt: skip
    if not path.exists():
        lost = path.name in _checksums(folder)
        reason = "is missing: check the repository out again, or" if lost else "does not ship:"
        raise FileNotFoundError(f"{path} {reason} train it with {made_by}")
    content, expected = _bytes(path), _checksums(folder).get(path.name)
    found = hashlib.sha256(content).hexdigest()
    if expected is None:
        raise ValueError(f"{path} is not listed in SHA256SUMS: check the repository out again, or train it with "
                         f"{made_by}")  # fmt: skip
    if expected != found:
        raise ValueError(f"{path} is truncated or was altered: its sha256 {found[:12]}… is not the one in SHA256SUMS. "
                         "Check the repository out again.")  # fmt: skip
    try:
        return _parse(content)
    except Exception as error:  # whatever NumPy, zipfile and json raise for what is none of theirs
        raise ValueError(f"{path} is no weight file of this course ({error}): check the repository out again, or train "
                         f"it with {made_by}") from error  # fmt: skip


def _half(weight, whose):
    with np.errstate(over="ignore"):
        half = weight.numpy().astype("float16")
    if not np.isfinite(half).all():
        raise ValueError(f"The weights {weight.path} in the {whose} hold NaN, infinity or a number beyond 65,504, the "
                         "end of half precision: nothing is written. Train anew at a lower learning rate.")  # fmt: skip
    return half


def _parse(content):
    with np.load(io.BytesIO(content), allow_pickle=False) as file:
        settings = json.loads(str(file["settings"]))
        arrays = {key: file[key].astype("float32") for key in file.files if key != "settings"}
    if not isinstance(settings, dict):
        raise TypeError(f"its settings are {settings!r}")
    if not arrays or not all(np.isfinite(array).all() for array in arrays.values()):
        raise ValueError("it holds no weights, or some that are not finite")
    weights = {}
    for key, array in arrays.items():
        part, _ = key.split("/")
        weights.setdefault(part, []).append(array)
    return settings, weights


def _bytes(path):
    try:
        return path.read_bytes()
    except OSError as error:
        raise PermissionError(f"Cannot read {path} ({error.strerror}): make it readable.") from error


def _checksums(folder):
    """Return file → sha256 of the folder's `SHA256SUMS`."""
    path = Path(folder) / "SHA256SUMS"
    lines = _bytes(path).decode("utf-8", "replace").splitlines() if path.exists() else []
    sums = {}
    for number, line in enumerate(lines, 1):
        if line.strip():
            entry = re.fullmatch(r"([0-9a-f]{64}) [ *](\S+)", line.rstrip())
            if entry is None:
                raise ValueError(f"Line {number} of {path} is broken, {line!r}: it must be a sha256, two spaces and a "
                                 "file name. Check the repository out again.")  # fmt: skip
            sums[entry[2]] = entry[1]
    return sums
