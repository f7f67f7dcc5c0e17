"""What the course ships: a name, its models, the prior they belong to, and how they were made."""

from typing import NamedTuple

import keras

from ganinv_keras import data, networks, store
from ganinv_keras.checks import check_name
from ganinv_keras.networks import priors
from ganinv_keras.store import WEIGHTS
from ganinv_keras.zoo.recipes import RECIPES


class Pretrained(NamedTuple):
    """What `load` returns.

    Attributes:
        generator: a Keras model from z to images in [0, 1].
        encoder: a Keras model from images to z, or None where there is none.
        prior: what the generator's z was drawn from in training.
        settings: how the models were made, a dictionary: the recipe of `RECIPES` they were trained by.
    """

    generator: keras.Model
    encoder: keras.Model | None
    prior: object
    settings: dict


def network(entry):
    """Build the network that a recipe describes by the name of its builder and the arguments."""
    builder, arguments = entry
    return getattr(networks, builder)(**arguments)


def prior(entry):
    """Make the prior that a recipe describes by the name of its class and the arguments."""
    kind, arguments = entry
    return getattr(priors, kind)(**arguments)


def load(name, folder=WEIGHTS):
    """Load what the course ships under a name. The models take the current dtype policy, float32 unless you set it.

    Args:
        name: one of `recipes.RECIPES`, such as `"mnist-uniform"`.
        folder: where the weights lie. Defaults to the course's `assets/weights`.

    Returns:
        A `Pretrained`.

    Raises:
        ValueError: if the name is unknown, or the file is not the one whose sha256 stands in `SHA256SUMS`.
        FileNotFoundError: if the file is missing.
    """
    check_name(name, RECIPES, "pretrained model")
    settings, weights = store.read(name, f"python -m ganinv_keras.zoo.train {name}", folder)
    models = {"encoder": None}
    for part in weights:
        models[part] = network(settings[part])
        models[part].set_weights(weights[part])
    if "of" in settings:
        made_for = load(settings["of"], folder)
        return Pretrained(made_for.generator, models["encoder"], made_for.prior, settings)
    return Pretrained(**models, prior=prior(settings["prior"]), settings=settings)


def images_of(settings, split):
    """Load the `ImageSet` that a recipe's models know, in their format."""
    images = data.load_images(settings["data"], split)
    return images.at(settings["image_size"]) if "image_size" in settings else images


def save(name, model, settings, folder=WEIGHTS):
    """Write what ships of a trained model in half precision to `<folder>/<name>.npz`, and its sha256 to `SHA256SUMS`.

    Args:
        name: one of `recipes.RECIPES`.
        model: what `train_recipe` returned: of a `GAN` its sampler ships, of a `BiGAN` its encoder too, of an encoder's
            training only the encoder.
        settings: the settings that `train_recipe` returned.
        folder: where to. Defaults to the course's `assets/weights`.

    Raises:
        PermissionError: if the folder is missing or cannot be written to.
    """
    models = {} if "of" in settings else {"generator": model.sampler}
    if "encoder" in settings:
        models["encoder"] = model.encoder
    store.write(name, models, settings, folder)
