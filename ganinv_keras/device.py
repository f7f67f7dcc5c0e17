"""What the device at hand is, and the one place that decides XLA and precision for it."""

import os
from pathlib import Path

import tensorflow as tf

from ganinv_keras.checks import check_name


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
