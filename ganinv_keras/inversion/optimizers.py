"""The optimisers of `LatentOptimizer`: the default one, and copies of those that are passed in."""

import keras
import numpy as np

from ganinv_keras.checks import check_positive_integer


def default_optimizer(steps):
    """Return the Adam of this course: a learning rate that falls from 0.3 along a cosine, β₁ = 0.7 and β₂ = 0.9.

    The gradient of a reconstruction loss shrinks by orders of magnitude on the way. Adam's own β₂ = 0.999 remembers
    the large gradients of the start for a thousand steps, and its steps stay too small; 0.9 forgets them within ten.
    Notebook 02 measures the difference.
    """
    schedule = keras.optimizers.schedules.CosineDecay(0.3, check_positive_integer(steps, "steps"), alpha=0.05)
    return keras.optimizers.Adam(schedule, beta_1=0.7, beta_2=0.9)


def configuration(optimizer):
    """Return the class of a Keras optimiser, or of the one with this name, and its configuration without its own name.

    Raises:
        ValueError: if it is none, or has no configuration.
    """
    try:
        found = keras.optimizers.get(optimizer)
        return type(found), found.get_config() | {"name": None}
    except (AttributeError, KeyError, NotImplementedError, TypeError, ValueError) as error:
        raise _invalid(repr(optimizer)) from error


def make(kind, config):
    """Make an optimiser for latents `(n, d)` from its class and configuration.

    Raises:
        ValueError: if it cannot be made, if a step of one row depends on the gradient of another, or if it expects the
            loss to be scaled.
    """
    try:
        optimizer, *others = (kind.from_config(dict(config)) for _ in range(3))
    except (NotImplementedError, TypeError, ValueError) as error:
        raise _invalid(kind.__name__) from error
    steps = [_first_row(other, row) for other, row in zip(others, ([0, 0, 0, 0], [-1e15, 2e15, 7, 1]), strict=True)]
    if not np.array_equal(*steps):
        raise ValueError(f"{kind.__name__} mixes the rows of z as it is configured, so that what is found for an image "
                         "would depend on the others of its batch. Use an optimiser that treats every element for "
                         "itself, such as Adam, and `clipvalue` in place of a clipping by norm.")  # fmt: skip
    if optimizer.scale_loss(1.0) != 1.0:
        raise ValueError(f"{kind.__name__} expects a scaled loss as it is configured, but inversion computes in "
                         "float32 and scales none. Use the optimiser without it.")  # fmt: skip
    return optimizer


def _first_row(optimizer, row):
    """Return the first of two rows of ones after a step in which the second has the gradient `row`."""
    z = keras.Variable(np.ones((2, 4), "float32"))
    optimizer.build([z])
    optimizer.apply([keras.ops.convert_to_tensor(np.float32([[1, -2, 3, 4], row]))], [z])
    return z.numpy()[0]


def _invalid(received):
    return ValueError(
        "Invalid value received for argument `optimizer`. Expected a Keras optimiser that can be made again from its "
        "configuration, such as keras.optimizers.Adam(0.05). A learning rate that changes must be one of "
        "keras.optimizers.schedules, or a class with a `get_config` that is registered with Keras, not a function. "
        f"Received: {received}"
    )
