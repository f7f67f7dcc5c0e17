"""What is checked at the door, and the sentence that says what to do about it."""

import difflib
import math
import numbers
from collections.abc import Hashable

import numpy as np


def check_name(name, known, what):
    """Return `name` if it is one of `known`, or raise a `ValueError` that proposes a known one if one is near."""
    known = list(known)
    if isinstance(name, Hashable) and name in known:
        return name
    known = sorted(map(str, known))
    near = difflib.get_close_matches(str(name), known, n=1)
    proposal = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"Unknown {what} {name!r}.{proposal} Known: {', '.join(known)}.")


def check_positive_integer(value, what, least=1):
    """Return `value` as an `int` if it is a whole number of at least `least`, or raise a `ValueError`."""
    whole = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)) and value == value // 1
    if not whole or value < least or math.isinf(value):
        raise ValueError(
            f"Invalid value received for argument `{what}`. Expected a whole number ≥ {least}. Received: {value!r}"
        )
    return int(value)


def check_number(value, what, low=-math.inf, high=math.inf):
    """Return `value` as a `float` if it is a finite number from `low` to `high`, or raise a `ValueError`."""
    real = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    if not real or not math.isfinite(value) or not low <= value <= high:
        bounds = {(True, True): "", (False, True): f" ≥ {low:g}", (True, False): f" ≤ {high:g}"}
        between = bounds.get((math.isinf(low), math.isinf(high)), f" from {low:g} to {high:g}")
        raise ValueError(
            f"Invalid value received for argument `{what}`. Expected a finite number{between}. Received: {value!r}"
        )
    return float(value)


def check_prior(prior, generator):
    """Raise a `ValueError` unless `generator` has one input, and takes there what `prior` draws."""
    if len(generator.inputs) != 1:
        names = ", ".join(tensor.name for tensor in generator.inputs)
        raise ValueError(f"The generator must have one input, z, got {len(generator.inputs)}: {names}. "
                         "Wrap it in a model that fixes the others.")  # fmt: skip
    if generator.input_shape != (None, prior.dim):
        raise ValueError(f"{prior} draws latents of dimension {prior.dim}, "
                         f"but the generator takes {generator.input_shape[1:]}.")  # fmt: skip


def check_images(images, image_shape):
    """Return `images` as a float32 array, or raise a `ValueError` that says how to mend them.

    Args:
        images: array of shape `(n, height, width, channels)` with values in [0, 1].
        image_shape: the `(height, width, channels)` that the model at hand makes or takes.

    Raises:
        ValueError: if the batch is empty, has the wrong rank, size or number of channels, is not in [0, 1], is of
            an integer type, or contains NaN or infinity.
    """
    images = np.asarray(images)
    height, width, channels = image_shape
    if images.ndim == 3 and images.shape == tuple(image_shape):
        raise ValueError(f"images must be a batch (n, height, width, channels), got one image {images.shape}: "
                         "add the batch axis with images[None]")  # fmt: skip
    if images.ndim != 4:
        raise ValueError(f"images must have 4 axes (n, height, width, channels), got shape {images.shape}")
    if len(images) == 0:
        raise ValueError("images is empty: there is nothing to invert")
    if images.shape[-1] != channels:
        raise ValueError(f"images must have {channels} channel(s), got {images.shape[-1]}: "
                         + ("average them with images.mean(-1, keepdims=True)" if channels == 1 else
                            f"repeat them with np.repeat(images, {channels}, axis=-1)"))  # fmt: skip
    if images.shape[1:3] != (height, width):
        raise ValueError(f"images must be {height}×{width} pixels, got {images.shape[1]}×{images.shape[2]}: "
                         f'resize them with tf.image.resize(images, ({height}, {width}), method="area")')  # fmt: skip
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"images must be float32 in [0, 1], got {images.dtype} with a maximum of {images.max()}: "
                         'divide by 255, as in images.astype("float32") / 255')  # fmt: skip
    if not np.isfinite(images).all():
        raise ValueError(f"images contain NaN or infinity in {(~np.isfinite(images)).any((1, 2, 3)).sum()} of "
                         f"{len(images)} images: look at how they were loaded")  # fmt: skip
    if images.min() < 0:
        raise ValueError(f"images must be float32 in [0, 1], got a minimum of {images.min():g}: "
                         "if they lie in [-1, 1], use (images + 1) / 2")  # fmt: skip
    if images.max() > 1:
        raise ValueError(f"images must be float32 in [0, 1], got a maximum of {images.max():g}: divide by 255")
    return images.astype("float32", copy=False)
