"""Invert the generator of a GAN: the module behind the notebooks of this course.

Two plain Keras models, `generator: z → x` and `encoder: x → z`, are all that an inverter needs. Images are float32
in [0, 1], NHWC, everywhere.
"""

import os

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def _import_tensorflow_quietly():
    """Import TensorFlow without the lines on the processor that it prints before its log level is in force."""
    stderr, nowhere = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        import tensorflow

        tensorflow.config.list_physical_devices()
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(nowhere)


_import_tensorflow_quietly()
