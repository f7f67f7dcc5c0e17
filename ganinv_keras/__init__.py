"""Invert the generator of a GAN: the module behind the notebooks of this course.

Two plain Keras models, `generator: z → x` and `encoder: x → z`, are all that an inverter needs. Images are float32
in [0, 1], NHWC, everywhere.
"""

import importlib
import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")  # so that a page and a training can share a card

_ROOMS = {
    "LatentOptimizer": "inversion",
    "LevenbergMarquardt": "inversion",
    "EncoderInverter": "inversion",
    "HybridInverter": "inversion",
    "Inversion": "inversion",
    "invert_folder": "invert",
    "Uniform": "networks.priors",
    "Normal": "networks.priors",
    "Angular": "networks.priors",
    "load_images": "data",
    "diagnose": "measures.diagnose",
    "pretrained": "zoo",
}  # public name → where it lives; it is imported when it is first used
__all__ = list(_ROOMS)


def __getattr__(name):
    if name not in _ROOMS:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_ROOMS[name]}"), name)


def __dir__():
    return sorted([*globals(), *__all__])


def _import_tensorflow_quietly():
    """Import TensorFlow without the lines on the processor that it prints before its log level is in force."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    closed = nowhere == 2  # whoever started this process closed stderr: it goes nowhere from now on
    stderr = 2 if closed else os.dup(2)
    os.dup2(nowhere, 2)
    try:
        import tensorflow

        tensorflow.config.list_physical_devices()
    finally:
        if not closed:
            os.dup2(stderr, 2)
            os.close(stderr)
            os.close(nowhere)


_import_tensorflow_quietly()
