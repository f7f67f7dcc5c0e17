"""The scale that a page runs at, its settings there, and its final numbers on disk."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import keras
import pandas as pd
import tensorflow as tf

from ganinv_keras import device, files
from ganinv_keras.checks import check_name
from ganinv_keras.course import tables

SCALES = ("smoke", "laptop", "paper")


def scale(name=None):
    """Return the scale to run at: `name`, else `$GANINV_SCALE`, else `"laptop"`.

    Raises:
        ValueError: if it is none of `"smoke"`, `"laptop"`, `"paper"`.
    """
    return check_name(name or os.environ.get("GANINV_SCALE") or "laptop", SCALES, "scale")


def settings(name=None, **values):
    """Pick a page's settings at a scale, and show all three scales side by side so that nothing is hidden.

    Args:
        name: a scale. Defaults to `scale()`.
        **values: for each setting a triple `(smoke, laptop, paper)`.

    Returns:
        A namespace with one attribute a setting, and `scale`.

    Raises:
        ValueError: if the scale is unknown, or a setting has not three values.
    """
    chosen = scale(name)
    for key, triple in values.items():
        if len(triple) != len(SCALES):
            raise ValueError(f"Setting {key!r} needs a value for each of {', '.join(SCALES)}, got {triple!r}.")
    shown = {key: [_text(value) for value in triple] for key, triple in values.items()}
    frame = pd.DataFrame.from_dict(shown, orient="index", columns=SCALES)
    tables.table(frame, marked=chosen, caption=f"This run: {chosen} scale.")
    index = SCALES.index(chosen)
    return SimpleNamespace(scale=chosen, **{key: triple[index] for key, triple in values.items()})


def results_dir():
    """Return the folder of a page's results: `$GANINV_RESULTS_DIR`, which only the committed runs set, or `outputs/`.

    Raises:
        PermissionError: if `outputs/` cannot be written to.
    """
    return Path(os.environ.get("GANINV_RESULTS_DIR") or files.output_dir())


def write_results(number, results, chosen_scale):
    """Write a page's final numbers to `NN-scale.json` in the output folder.

    With `$GANINV_RESULTS_DIR` set they go to `NN.json` in that folder: so the committed results are made.

    Args:
        number: the page's number, as in `"02"`.
        results: a dict of what `json.dumps` takes, and NumPy numbers.
        chosen_scale: the scale that the page ran at.

    Returns:
        The path written.

    Raises:
        PermissionError: if the folder is missing or cannot be written to.
    """
    committed = "GANINV_RESULTS_DIR" in os.environ
    path = results_dir() / (f"{number}.json" if committed else f"{number}-{chosen_scale}.json")
    record = {"scale": chosen_scale, "device": device.device(), "tensorflow": tf.__version__,
              "keras": keras.__version__, **results}  # fmt: skip
    files.write_whole(path, lambda temporary: temporary.write_text(json.dumps(record, indent=1, default=float) + "\n"))
    return path


def _text(value):
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return f"{value:g}" if isinstance(value, float) else str(value)
