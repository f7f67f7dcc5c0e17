"""What every inverter answers with."""

import warnings
import zipfile
import zlib
from dataclasses import dataclass, fields
from pathlib import Path

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
        std: standard deviations of z, `(n, d)`, what noise leaves open; None where no `noise` was given.
        image_std: those of the pixels of `images`, of their shape, or None.
        trusted: whether each residual is as small as the noise says, at a level of 1 % (χ²), booleans `(n,)`; where
            not, the z is likely not the image's. None without a given noise.
        labels: the classes that the images were drawn with, integers `(n,)`, given or found; None where z is all that
            the generator takes.
    """

    z: np.ndarray
    images: np.ndarray
    loss: np.ndarray
    history: dict
    steps_taken: np.ndarray
    seconds: float
    std: np.ndarray | None = None
    image_std: np.ndarray | None = None
    trusted: np.ndarray | None = None
    labels: np.ndarray | None = None

    def save(self, path):
        """Write everything to one file in NumPy's `.npz` format, whole or not at all.

        Raises:
            PermissionError: if the folder is missing or cannot be written to.
        """
        arrays = {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}
        del arrays["history"]
        arrays |= {f"history/{key}": value for key, value in self.history.items()}

        def write(temporary):
            with open(temporary, "wb") as file:  # to a path without the ending, NumPy would add it
                np.savez_compressed(file, **arrays)

        files.write_whole(path, write)

    @classmethod
    def load(cls, path):
        """Read what `save` wrote.

        Raises:
            FileNotFoundError: if there is no such file.
            ValueError: if it is truncated, or was not written by `save`.
        """
        if not Path(path).is_file():
            raise FileNotFoundError(f"There is no file {path}: pass the path that an inversion was saved to.")
        try:
            with open(path, "rb") as file, np.load(file, allow_pickle=False) as arrays:
                history = {key.removeprefix("history/"): arrays[key] for key in arrays if key.startswith("history/")}
                z, images, loss, steps_taken = (arrays[name] for name in ("z", "images", "loss", "steps_taken"))
                seconds = float(arrays["seconds"])
                known = ("std", "image_std", "trusted", "labels")
                optional = {name: arrays[name] for name in known if name in arrays}
            shapes = z.shape[:1], images.shape[:1], loss.shape, steps_taken.shape
            if set(shapes) != {(len(z),)} or history["loss"].shape != (len(history["step"]), len(z)):
                raise ValueError(f"its arrays do not belong together: {shapes}")
        except (AttributeError, EOFError, KeyError, OSError, RuntimeError, TypeError, ValueError, zipfile.BadZipFile,
                zlib.error) as error:  # fmt: skip
            raise ValueError(f"{path} is truncated, or was not written by Inversion.save: save it again.") from error
        return cls(z, images, loss, history, steps_taken, seconds, **optional)


def warn_of_losses(loss):
    """Warn of images that have no finite loss, on behalf of the function that the caller was called by."""
    lost = np.flatnonzero(~np.isfinite(loss))
    if lost.size:
        named = ", ".join(map(str, lost[:10])) + (f" and {lost.size - 10} more" if lost.size > 10 else "")
        warnings.warn(f"No finite loss was found for image {named} of {len(loss)}: what is returned of it is the "
                      "start. Look at the generator, the loss and the start.", stacklevel=3)  # fmt: skip
