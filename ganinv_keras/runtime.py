"""The scale a page runs at, where it writes, and the one place that decides XLA and precision for a device."""

import json
import os
from pathlib import Path
from types import SimpleNamespace

import keras
import tensorflow as tf
from tqdm.auto import tqdm

from ganinv_keras.checks import check_name

SCALES = ("smoke", "laptop", "paper")
ASSETS = Path(__file__).resolve().parent.parent / "assets"


def scale(name=None):
    """Return the scale to run at: `name`, else `$GANINV_SCALE`, else `"laptop"`.

    Raises:
        ValueError: if it is none of `"smoke"`, `"laptop"`, `"paper"`.
    """
    return check_name(name or os.environ.get("GANINV_SCALE") or "laptop", SCALES, "scale")


def settings(name, **values):
    """Pick a page's settings at a scale, and print all three scales side by side so that nothing is hidden.

    Args:
        name: a scale, or None for `scale()`.
        **values: for each setting a triple `(smoke, laptop, paper)`.

    Returns:
        A namespace with one attribute a setting, and `scale`.
    """
    chosen = scale(name)
    width = max(len(key) for key in values)
    columns = [f"[{s}]" if s == chosen else s for s in SCALES]
    print(" " * width + "".join(f"{column:>12}" for column in columns))
    for key, triple in values.items():
        print(f"{key:<{width}}" + "".join(f"{value!s:>12}" for value in triple))
    index = SCALES.index(chosen)
    return SimpleNamespace(scale=chosen, **{key: triple[index] for key, triple in values.items()})


def has_gpu():
    """Say whether TensorFlow sees a GPU."""
    return bool(tf.config.list_physical_devices("GPU"))


def device():
    """Name the device at hand and how many cores or units of it there are, for the top of a page."""
    gpus = tf.config.list_physical_devices("GPU")
    if gpus:
        return f"{len(gpus)} × {tf.config.experimental.get_device_details(gpus[0]).get('device_name', 'GPU')}"
    return f"CPU, {os.cpu_count()} cores"


def jit_compile():
    """Say whether loops should be compiled by XLA: yes on a GPU, no on a CPU, where it makes them slower."""
    return has_gpu()


def precision():
    """Return the dtype policy that trains fastest here, for `keras.config.set_dtype_policy`.

    `$GANINV_PRECISION` if it is set; `"mixed_bfloat16"` on a CPU that multiplies bfloat16 in hardware (AMX or
    AVX512-BF16); else `"float32"`. Inversion stays in float32: a latent is recovered to more digits than bfloat16 has.
    """
    if choice := os.environ.get("GANINV_PRECISION"):
        return check_name(choice, ("float32", "mixed_bfloat16"), "precision")
    flags = Path("/proc/cpuinfo")
    words = set(flags.read_text().split()) if flags.exists() else set()
    return "mixed_bfloat16" if not has_gpu() and words & {"amx_bf16", "avx512_bf16"} else "float32"


def progress(total, unit):
    """Return a progress bar. `TQDM_DISABLE=1` turns it off, in notebooks too, where tqdm itself ignores it."""
    return tqdm(total=total, unit=unit, leave=False, disable=os.environ.get("TQDM_DISABLE") == "1")


def output_dir():
    """Return the folder that pages write into: `$GANINV_OUTPUT_DIR`, else `outputs/` beside the README.

    Raises:
        PermissionError: if it cannot be written to; the message says what to set.
    """
    folder = Path(os.environ.get("GANINV_OUTPUT_DIR") or ASSETS.parent / "outputs")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".writable").touch()
    except OSError as error:
        raise PermissionError(f"Cannot write to {folder}: set GANINV_OUTPUT_DIR to a folder of yours.") from error
    return folder


def write_whole(path, write):
    """Call `write(temporary_path)` and move the result to `path`: the file is there whole, or not at all.

    Args:
        path: the file to write; its folder must exist.
        write: a function that writes the file at the path it is given, which ends like `path`.

    Raises:
        PermissionError: if the folder is missing or cannot be written to.
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}-{path.name}")
    try:
        write(temporary)
        temporary.replace(path)
    except OSError as error:
        raise PermissionError(f"Cannot write {path}: its folder is missing, read-only or full "
                              f"({error.strerror or error}). Choose another folder.") from error  # fmt: skip
    finally:
        temporary.unlink(missing_ok=True)


def results_dir(chosen_scale):
    """Return where a page's results go: `assets/results` at laptop scale, from which the README's tables are made.

    The other scales, and every run with `$GANINV_OUTPUT_DIR` set, write into `output_dir()`.
    """
    committed = chosen_scale == "laptop" and not os.environ.get("GANINV_OUTPUT_DIR")
    return ASSETS / "results" if committed else output_dir()


def write_results(number, results, chosen_scale):
    """Write a page's final numbers to `results_dir(chosen_scale)`: `NN.json` in `assets/results`, else `NN-scale.json`.

    Args:
        number: the page's number, as in `"02"`.
        results: what `json.dumps` takes, and NumPy numbers.
        chosen_scale: the scale that the page ran at.

    Returns:
        The path written.
    """
    folder = results_dir(chosen_scale)
    path = folder / (f"{number}.json" if folder == ASSETS / "results" else f"{number}-{chosen_scale}.json")
    record = {
        "scale": chosen_scale, "device": device(), "tensorflow": tf.__version__, "keras": keras.__version__, **results
    }  # fmt: skip
    write_whole(path, lambda temporary: temporary.write_text(json.dumps(record, indent=1, default=float) + "\n"))
    return path
