"""What every inverter answers with."""

from dataclasses import dataclass, fields

import numpy as np

from ganinv_keras import files


@dataclass(frozen=True)
class Inversion:
    """What every inverter answers with, one entry an image, in the order of the images.

    Attributes:
        z: the recovered latents, float32 of shape `(n, d)`: the best that were met, not the last.
        images: their images `G(z)`, float32 in [0, 1], shape `(n, height, width, channels)`.
        loss: their reconstruction losses, float32 of shape `(n,)`.
        history: how the loss fell. `history["step"]`, shape `(t,)`, are the steps at which it was read, dense at the
            start and at least every fiftieth of the way; `history["loss"]`, shape `(t, n)`, is the loss there.
        steps_taken: steps until each image had converged, integers of shape `(n,)`.
        seconds: wall-clock time of it all.
    """

    z: np.ndarray
    images: np.ndarray
    loss: np.ndarray
    history: dict
    steps_taken: np.ndarray
    seconds: float

    def save(self, path):
        """Write everything to one `.npz` file, whole or not at all.

        Raises:
            PermissionError: if the folder is missing or cannot be written to.
        """
        arrays = {f.name: getattr(self, f.name) for f in fields(self) if f.name != "history"}
        arrays |= {f"history/{key}": value for key, value in self.history.items()}
        files.write_whole(path, lambda temporary: np.savez_compressed(temporary, **arrays))

    @classmethod
    def load(cls, path):
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as file:
            arrays = {key: file[key] for key in file.files}
        history = {key.removeprefix("history/"): arrays.pop(key) for key in list(arrays) if key.startswith("history/")}
        return cls(history=history, **arrays | {"seconds": float(arrays["seconds"])})
