"""What FID and KID look at: the features of small networks that the course ships, or Keras's InceptionV3."""

import sys
from pathlib import Path

import keras
import numpy as np
from keras import layers

from ganinv_keras import data, device, store
from ganinv_keras.checks import check_name, check_positive_integer

NAMES = ("mnist", "avatars", "celeb_a")


def build(image_shape, labels, width=32):
    """Build a small convolutional classifier, whose last layer sees 64 numbers of about unit size: the features.

    Args:
        image_shape: `(height, width, channels)` of the images.
        labels: number of yes-or-no labels that it is trained to tell.
        width: channels of the first layer; they double twice. Defaults to 32.

    Returns:
        A model `(n, height, width, channels) → (n, labels)`, logits, with a layer `"features"`.
    """
    labels, width = check_positive_integer(labels, "labels"), check_positive_integer(width, "width")
    x = h = keras.Input(image_shape, name="x")
    for filters in (width, 2 * width, 4 * width):
        h = layers.Conv2D(filters, 3, 2, "same", activation="relu", kernel_initializer="he_normal")(h)
        h = layers.Conv2D(filters, 3, 1, "same", activation="relu", kernel_initializer="he_normal")(h)
    h = layers.GlobalAveragePooling2D()(h)
    h = layers.LayerNormalization(name="features", dtype="float32")(layers.Dense(64)(h))
    return keras.Model(x, layers.Dense(labels, dtype="float32")(h), name="classifier")


def targets(image_set):
    """Turn all that is known about images into yes-or-no labels, float32 `(n, labels)`.

    Classes and words become one label for each value, numbers become "above the median", and numbers that only name
    an image are left out.

    Raises:
        TypeError: if `image_set` is no `ImageSet`.
        ValueError: if nothing is known about its images.
    """
    if not isinstance(image_set, data.ImageSet):
        raise TypeError(f"Labels are made of an ImageSet, got {type(image_set).__name__}: load_images returns one.")
    columns = []
    for values in [image_set.labels, *image_set.attributes.values()]:
        if values is None:
            continue
        values = np.asarray(values)
        if np.issubdtype(values.dtype, np.floating):
            columns.append(values > np.median(values))
        elif len(kinds := np.unique(values)) <= 100:
            columns += [values == kind for kind in kinds]
    if not columns:
        raise ValueError(f"Nothing is known about the images of {image_set.name}/{image_set.split}: they have neither "
                         "labels nor attributes that more than one image shares.")  # fmt: skip
    return np.stack(columns, axis=1).astype("float32")


def train(name, steps=1500, batch_size=64):
    """Train the feature network of a data set on its training split, at 32×32 pixels.

    Args:
        name: `"mnist"`, `"avatars"` or `"celeb_a"`.
        steps: number of training steps, rounded up to whole passes through the images. Defaults to 1,500.
        batch_size: images in a step. Defaults to 64.

    Returns:
        `(classifier, settings)`, for `store.write`.

    Raises:
        ValueError: if the name is unknown, or a number is out of range.
    """
    check_name(name, NAMES, "feature network")
    steps, batch_size = check_positive_integer(steps, "steps"), check_positive_integer(batch_size, "batch_size")
    images = data.load_images(name, "train").at(32)
    y = targets(images)
    keras.utils.set_random_seed(0)
    classifier = build(images.pixels.shape[1:], y.shape[1])
    epochs = -(-steps * batch_size // len(images))
    rate = keras.optimizers.schedules.CosineDecay(1e-3, epochs * len(images) // batch_size)
    classifier.compile(keras.optimizers.Adam(rate), keras.losses.BinaryCrossentropy(from_logits=True))
    classifier.fit(images.images, y, batch_size, epochs, verbose=2)
    return classifier, {"data": name, "image_shape": images.pixels.shape[1:], "labels": y.shape[1], "steps": steps}


def load(name, image_size=32):
    """Load a feature network of the course, a model from images in [0, 1] to features `(n, 64)`.

    It is not InceptionV3: distances between its features compare generators of this course on the same images, and
    nothing else.

    Args:
        name: `"mnist"` for images with one channel, `"avatars"` or `"celeb_a"` for three.
        image_size: height and width of the images, a multiple of 32: larger ones are averaged to 32×32, the size that
            the network was trained with. Defaults to 32.

    Raises:
        ValueError: if the name is unknown, the size is no multiple of 32, or the file was altered.
        FileNotFoundError: if the file is missing.
    """
    check_name(name, NAMES, "feature network")
    if check_positive_integer(image_size, "image_size") % 32:
        raise ValueError("Invalid value received for argument `image_size`. "
                         f"Expected a multiple of 32. Received: {image_size}")  # fmt: skip
    settings, weights = store.read(f"features-{name}", f"python -m ganinv_keras.measures.features {name}")
    classifier = build(tuple(settings["image_shape"]), settings["labels"])
    classifier.set_weights(weights["classifier"])
    network = keras.Model(classifier.input, classifier.get_layer("features").output)
    x = keras.Input((image_size, image_size, settings["image_shape"][2]), name="x")
    return keras.Model(x, network(layers.AveragePooling2D(image_size // 32)(x)), name=f"features-{name}")


def inception(weights="imagenet"):
    """Load InceptionV3 as Keras ships it, a model from images in [0, 1], of any size and RGB, to features `(n, 2048)`.

    These are Keras's weights, not those of the network that published FIDs are computed with: compare its distances
    with each other, not with a paper's.

    Args:
        weights: `"imagenet"`, which Keras downloads once, or a path to its weight file. Defaults to `"imagenet"`.

    Raises:
        FileNotFoundError: if there is no network to download the weights, or no such file.
    """
    if weights != "imagenet" and not (isinstance(weights, (str, Path)) and Path(weights).is_file()):
        raise FileNotFoundError(f'There is no weight file {weights!r}: give a path, or "imagenet" to download one.')
    try:
        network = keras.applications.InceptionV3(include_top=False, weights=weights, pooling="avg")
    except Exception as error:  # Keras raises a plain Exception when it cannot download, and others for other files
        raise FileNotFoundError(f"Keras cannot load the weights of InceptionV3 from {weights}: use features.load(name),"
                                f" which needs no network. ({error})") from error  # fmt: skip
    x = keras.Input((None, None, 3), name="x")
    h = layers.Resizing(299, 299)(x)
    return keras.Model(x, network(layers.Rescaling(2.0, -1.0)(h)), name="inception")


if __name__ == "__main__":
    for requested in sys.argv[1:] or NAMES:
        keras.config.set_dtype_policy(device.precision())
        trained, used = train(requested)
        store.write(f"features-{requested}", {"classifier": trained}, used)
