"""Weights on disk: one npz file a name, in half precision, with how they were made, and checked by its sha256."""

import hashlib
import json
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
        PermissionError: if the folder is missing or cannot be written to.
    """
    weights = {f"{part}/{i:03d}": w.astype("float16")
               for part in models for i, w in enumerate(models[part].get_weights())}  # fmt: skip
    path = Path(folder) / f"{name}.npz"
    files.write_whole(path, lambda p: np.savez_compressed(p, settings=json.dumps(settings), **weights))
    sums = _checksums(folder) | {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    lines = "".join(f"{sums[file]}  {file}\n" for file in sorted(sums))
    files.write_whole(Path(folder) / "SHA256SUMS", lambda p: p.write_text(lines))


def read(name, made_by, folder=WEIGHTS):
    """Read what `write` wrote.

    Args:
        name: the file's name without its ending.
        made_by: the command that makes the file, for the error message.
        folder: where the file lies. Defaults to the course's `assets/weights`.

    Returns:
        `(settings, weights)`: the dictionary, and part → a list of float32 arrays for `Model.set_weights`.

    Raises:
        ValueError: if the file is not the one whose sha256 stands in `SHA256SUMS`.
        FileNotFoundError: if the file is missing.
    """
    path = Path(folder) / f"{name}.npz"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: check the repository out again, or train it with {made_by}")
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if _checksums(folder).get(path.name) != found:
        raise ValueError(f"{path} is truncated or was altered: its sha256 {found[:12]}… is not the one in SHA256SUMS. "
                         "Check the repository out again.")  # fmt: skip
    weights = {}
    with np.load(path, allow_pickle=False) as file:
        settings = json.loads(str(file["settings"]))
        for key in file.files:
            if key != "settings":
                weights.setdefault(key.split("/")[0], []).append(file[key].astype("float32"))
    return settings, weights


def _checksums(folder):
    path = Path(folder) / "SHA256SUMS"
    lines = path.read_text().splitlines() if path.exists() else []
    return {file: checksum for checksum, file in (line.split(maxsplit=1) for line in lines)}
