"""Generators that take a class beside z, as one of `K` in one-hot code: `generator([z, label])`."""

import numpy as np
import tensorflow as tf

from ganinv_keras import checks


def classes_of(generator):
    """Return how many classes a generator draws, K, or 0 if z is all that it takes.

    Raises:
        ValueError: if its second input is not of shape `(n, K)` with K ≥ 2.
    """
    if len(generator.inputs) == 1:
        return 0
    shape = tuple(generator.inputs[1].shape)
    if len(shape) != 2 or shape[0] is not None or (shape[1] or 0) < 2:
        raise ValueError(f"The second input of the generator must be a class in one-hot code, (n, K), got {shape}. "
                         "Wrap a generator that takes its number: keras.Model([z, label], generator([z, "
                         "keras.ops.argmax(label, 1)])).")  # fmt: skip
    return shape[1]


def one_hot(labels, generator):
    """Return classes `(n,)` as a generator takes them, a float32 tensor `(n, K)`; None is returned as it is."""
    return None if labels is None else tf.one_hot(labels, classes_of(generator))


def with_label(z, label):
    """Return what a generator takes: z, or where there are labels, z and for each of its rows the one that belongs.

    Args:
        z: tensor `(n, d)`.
        label: one-hot `(n / k, K)`, of which each stands for k rows of z that follow one another, or None.
    """
    return z if label is None else [z, tf.repeat(label, z.shape[0] // label.shape[0], axis=0)]


def draw(generator, prior, n, seed):
    """Draw what a generator takes for `n` images: z, and the classes 0, 1 … K - 1, 0, 1 … in one-hot code, or None."""
    classes = classes_of(generator)
    return prior.sample(n, seed), one_hot(np.arange(n) % classes if classes else None, generator)


def tried_labels(labels, generator, n):
    """Return the classes to try for each of `n` images: the known one `(n, 1)`, all `(n, K)`, or None if it takes none.

    Raises:
        ValueError: if `labels` are no whole numbers from 0 to K - 1, one for each image, or the generator takes none.
    """
    classes = classes_of(generator)
    if labels is None:
        return np.tile(np.arange(classes), (n, 1)) if classes else None
    if not classes:
        raise ValueError("This generator takes z alone: leave `labels` out.")
    labels = checks.check_numbers(labels, "labels")
    if labels.shape != (n,) or labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= classes:
        raise ValueError(f"labels must be whole numbers from 0 to {classes - 1}, one for each of {n} images, got "
                         f"{labels.dtype} of shape {labels.shape}")  # fmt: skip
    return labels[:, None].astype(int)
