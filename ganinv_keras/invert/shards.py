"""What an inversion of many images depends on, and its results on disk: one npz file a shard, whole or not there."""

import hashlib
import inspect
import json
from pathlib import Path

import keras
import numpy as np

from ganinv_keras import files


def described(thing):
    """Describe what an inversion depends on as JSON can hold it: the same for equal things, in every process.

    Models are described by their layers and the sha256 of their weights, arrays by that of their values, optimisers by
    their settings, functions by their name, and other objects by their class and the arguments of its `__init__` that
    are attributes, as those of inverters, priors and constraints are.
    """
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    if isinstance(thing, np.generic):
        return thing.item()
    if isinstance(thing, dict):
        return {str(key): described(value) for key, value in thing.items()}
    if isinstance(thing, list | tuple):
        return [described(one) for one in thing]
    if isinstance(thing, keras.Model):
        weights = hashlib.sha256()
        for weight in thing.get_weights():
            weights.update(np.ascontiguousarray(weight).tobytes())
        layers = hashlib.sha256(thing.to_json().encode())
        return {"model": thing.name, "layers": layers.hexdigest(), "weights": weights.hexdigest()}
    if isinstance(thing, keras.optimizers.Optimizer):
        return keras.optimizers.serialize(thing)
    if hasattr(thing, "__array__"):
        values = np.ascontiguousarray(thing)
        return {"values": hashlib.sha256(values.tobytes()).hexdigest(), "shape": list(values.shape)}
    if inspect.isroutine(thing):
        return f"{thing.__module__}.{thing.__qualname__}"
    names = [name for name in inspect.signature(type(thing)).parameters if hasattr(thing, name)]
    return {"class": type(thing).__qualname__} | {name: described(getattr(thing, name)) for name in names}


class Shards:
    """The results of one inverter with one set of arguments, in a folder of their own.

    Attributes:
        folder: `<out>/<name>`, where the name is the start of the sha256 of the settings.
        done: sha256 of an image file → (shard, row), for all that are there.

    Args:
        out: the folder of all results.
        settings: what `described` returned.

    Raises:
        PermissionError: if the folder cannot be made or written to.
        ValueError: if a shard cannot be read.
    """

    def __init__(self, out, settings):
        text = json.dumps(settings, indent=1, sort_keys=True)
        self.folder = Path(out) / hashlib.sha256(text.encode()).hexdigest()[:12]
        for part in ("shards", "pictures"):
            files.make_folder(self.folder / part)
        files.write_whole(self.folder / "settings.json", lambda path: path.write_text(text, "utf-8"))
        self.done = {}
        for path in sorted((self.folder / "shards").glob("[!.]*.npz")):
            self._know(path.stem, self.read(path.stem)["sha256"])

    def _know(self, shard, digests):
        self.done |= {str(digest): (shard, row) for row, digest in enumerate(digests)}

    def write(self, digests, arrays, picture):
        """Write one shard: first its picture, then its numbers, which make it done.

        Args:
            digests: sha256 of each image file.
            arrays: name → one value a file.
            picture: a function that writes a JPEG to the path it is given.
        """
        shard = hashlib.sha256("".join(digests).encode()).hexdigest()[:16]
        files.write_whole(self.folder / "pictures" / f"{shard}.jpg", picture)
        files.write_whole(self.folder / "shards" / f"{shard}.npz",
                          lambda path: np.savez(path, sha256=np.array(digests), **arrays))  # fmt: skip
        self._know(shard, digests)

    def read(self, shard):
        """Return name → array of one shard.

        Raises:
            ValueError: if the file cannot be read, which no kill of a run explains.
        """
        path = self.folder / "shards" / f"{shard}.npz"
        try:
            with np.load(path, allow_pickle=False) as arrays:
                return {name: arrays[name] for name in arrays.files}
        except Exception as error:  # whatever NumPy and zipfile raise for what is none of theirs
            raise ValueError(f"{path} was altered ({error}): delete it, and its images are inverted anew.") from error
