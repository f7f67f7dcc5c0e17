"""What measures take, checked at the door: batches of images, tables with a row for each image, and pairs of either."""

import numpy as np

BEYOND = 0.5  # images in [-1, 1] or [-0.5, 0.5] reach as far outside [0, 1]; what a linear generator draws does not
LARGEST = 1e15  # the mean of squares of larger numbers is near the end of float32


def check_batch(images, what="images", channels=None):
    """Return images as an array of float32, or raise a `ValueError` that says how to mend them.

    Args:
        images: floats of shape `(n, height, width, channels)`, in [0, 1] or less than 0.5 outside, where a generator
            without a last sigmoid may draw.
        what: name of the argument.
        channels: how many channels they must have. Defaults to None: 1 to 4.
    """
    images, received = as_array(images, what)
    if images.ndim != 4 or images.size == 0 or images.shape[-1] > 4:
        raise invalid(what, "images (n, height, width, channels), one or more, of at most 4 channels", received,
                      "Add an axis that is missing with images[None] or images[..., None], move channels that come "
                      "first with np.moveaxis(images, 1, -1).")  # fmt: skip
    if channels not in (None, images.shape[-1]):
        raise invalid(what, f"{channels} channels", received,
                      f"Repeat the one of grey images with np.repeat(images, {channels}, axis=-1).")  # fmt: skip
    if "float" not in images.dtype.name:
        raise invalid(what, "floats in [0, 1]", received,
                      'Divide pixels up to 255 by it, as in images.astype("float32") / 255.')  # fmt: skip
    low, high = float(images.min()), float(images.max())
    if not np.isfinite([low, high]).all():
        broken = int((~np.isfinite(images)).any((1, 2, 3)).sum())
        raise invalid(what, "floats in [0, 1]", f"NaN or infinity in {broken} of {len(images)}",
                      "Look at what made them.")  # fmt: skip
    if low <= -BEYOND or high >= 1 + BEYOND:
        raise invalid(what, "floats in [0, 1]", f"values from {low:g} to {high:g}",
                      "Divide by 255 if they lie in [0, 255], use (images + 1) / 2 if they lie in [-1, 1], and "
                      "np.clip(images, 0, 1) if a generator drew them outside.")  # fmt: skip
    return images.astype("float32", copy=False)


def check_pair(images, reconstructions):
    """Return two batches of images of one shape as arrays, see `check_batch`."""
    images, reconstructions = check_batch(images), check_batch(reconstructions, "reconstructions")
    check_shape(reconstructions, images, "reconstructions", "images")
    return images, reconstructions


def check_table(table, what, least=1):
    """Return a table of anything as an array of shape `(n, k)`, n at least `least`, or raise a `ValueError`."""
    table, received = as_array(table, what)
    if table.ndim != 2 or table.size == 0 or len(table) < least:
        raise invalid(what, f"a table (n, k) with n ≥ {least}", received, "Give each image or latent a row.")
    if table.dtype.kind == "V" and "float" not in table.dtype.name:
        raise invalid(what, "a table of numbers or words", received, "Take the columns that you mean out of records.")
    return table


def check_rows(rows, what, least=1):
    """Return a table of finite numbers as an array of float32 or float64, or raise a `ValueError`."""
    rows = check_table(rows, what, least)
    if "float" not in rows.dtype.name and rows.dtype.kind not in "biu":
        raise invalid(what, "numbers", rows.dtype, "Convert them with astype.")
    rows = rows if rows.dtype.name in ("float32", "float64") else rows.astype("float64")
    if not (rows.min() >= -LARGEST and rows.max() <= LARGEST):
        broken = int((~(np.abs(rows) <= LARGEST)).any(1).sum())
        raise invalid(what, f"finite numbers up to {LARGEST:g}", f"others in {broken} of {len(rows)} rows",
                      "Look at what made them.")  # fmt: skip
    return rows


def check_sets(rows, others, what, like, least=1):
    """Return two tables of finite numbers with equally long rows as arrays, see `check_rows`."""
    rows, others = check_rows(rows, what, least), check_rows(others, like, least)
    check_shape(others[0], rows[0], like, what, "rows of ")
    return rows, others


def check_shape(array, model, what, like, part=""):
    """Raise a `ValueError` unless the argument `what` has the shape of the argument `like`."""
    if array.shape != model.shape:
        raise invalid(what, f"{part}shape {model.shape}, as `{like}` has", f"{part}shape {array.shape}")


def as_array(value, what):
    """Return an argument as an array, and what that is in words, or raise a `ValueError`."""
    if np.ma.is_masked(value):
        raise invalid(what, "an array", "a masked array, whose mask would be lost", "Say what stands there by filled.")
    try:
        array = np.asarray(value)
    except Exception as error:  # whatever the conversion of a stranger's object may raise
        advice = "Pass its .images." if hasattr(value, "images") else "Convert it with np.asarray."
        raise invalid(what, "an array", type(value).__name__, advice) from error
    return array, f"{array.dtype} of shape {array.shape}"


def invalid(what, expected, received, advice=""):
    """Return the `ValueError` that says of an argument what was expected, what came, and what to do."""
    advice = f". {advice}" if advice else ""
    return ValueError(
        f"Invalid value received for argument `{what}`. Expected {expected}. Received: {received}{advice}"
    )
