"""What the device at hand is, the one place that decides XLA and precision for it, and models in another precision."""

import os
from pathlib import Path

import keras
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
    """Say whether loops should be compiled by XLA: on a GPU, not on a CPU, where it makes them slower.

    Not in the scope of a `tf.distribute` strategy either, as in Keras itself.
    """
    return has_gpu() and not tf.distribute.has_strategy()


def precision():
    """Return the dtype policy that is fastest here, for training and for `keras.config.set_dtype_policy`.

    `$GANINV_PRECISION` if it is set. Else `"mixed_bfloat16"` where bfloat16 is multiplied in hardware: on a CPU with
    AMX or AVX512-BF16, and on a GPU of compute capability 8.0 or more (A100, L4, H100). On a GPU of 7.0 or more (V100,
    and Colab's T4) `"mixed_float16"`, whose losses must be scaled, see `loss_scaled`. Else `"float32"`.

    Inversion reports what float32 measures, since a latent is recovered to more digits than half precision has;
    bfloat16 only says where to go, in the first steps of a `LatentOptimizer` and in the Jacobian of
    `LevenbergMarquardt`.

    Raises:
        ValueError: if `$GANINV_PRECISION` is none of the three.
    """
    if choice := os.environ.get("GANINV_PRECISION"):
        return check_name(choice, ("float32", "mixed_bfloat16", "mixed_float16"), "precision")
    if has_gpu():
        gpu = tf.config.list_physical_devices("GPU")[0]
        capability = tf.config.experimental.get_device_details(gpu).get("compute_capability", (0, 0))
        halves = {8: "mixed_bfloat16", 7: "mixed_float16"}
        return next((policy for least, policy in halves.items() if capability[0] >= least), "float32")
    flags = Path("/proc/cpuinfo")
    words = set(flags.read_text().split()) if flags.exists() else set()
    return "mixed_bfloat16" if words & {"amx_bf16", "avx512_bf16"} else "float32"


def loss_scaled(optimizer, network):
    """Return an optimiser that scales its loss where a network computes in float16, else the optimiser itself.

    Small gradients are 0 in float16. Scale the loss by `optimizer.scale_loss` before the gradient is taken: it does
    nothing for an optimiser that is not wrapped.
    """
    half = any(layer.compute_dtype == "float16" for layer in network.layers)
    return keras.optimizers.LossScaleOptimizer(optimizer) if half else optimizer


def computing_in(policy, generator):
    """Return the generator itself if all of it computes by a dtype policy, else a copy that does.

    In half precision the copy's last layer, if it has no weights, stays in float32: it makes pixels out of logits, and
    near 1 there are but 128 numbers of bfloat16 between 0.5 and 1.

    Args:
        policy: `"float32"` or `"mixed_bfloat16"`.
        generator: a functional or sequential Keras model. Its weights are copied, too.

    Raises:
        NotImplementedError, TypeError, ValueError: if Keras cannot make one of its layers anew.
    """
    if all(layer.dtype_policy.name == policy for layer in _layers(generator)):
        return generator
    last = generator.layers[-1]

    def in_policy(layer):
        kept = "float32" if layer is last and not layer.weights else policy
        return type(layer).from_config(layer.get_config() | {"dtype": kept})

    copy = keras.models.clone_model(generator, recursive=True, clone_function=in_policy)
    copy.set_weights(generator.get_weights())
    return copy


def _layers(model):
    """Return the layers of a model, those of models in it included."""
    return [inner for layer in model.layers for inner in (_layers(layer) if hasattr(layer, "layers") else [layer])]
