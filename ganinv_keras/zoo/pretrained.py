"""Trained models by name: what ships with the course, and what you trained at the papers' scale."""

from pathlib import Path
from typing import NamedTuple

import keras

from ganinv_keras import files, store
from ganinv_keras.store import WEIGHTS
from ganinv_keras.zoo.build import images_of, network, prior
from ganinv_keras.zoo.recipes import RECIPES, find

__all__ = ["RECIPES", "WEIGHTS", "Pretrained", "folder_of", "images_of", "load", "save"]


class Pretrained(NamedTuple):
    """What `load` returns.

    Attributes:
        generator: a Keras model from z to images in [0, 1].
        encoder: a Keras model from images to z, or None where there is none.
        prior: what the generator's z was drawn from in training.
        settings: how the models were made, a dictionary: the recipe they were trained by.
    """

    generator: keras.Model
    encoder: keras.Model | None
    prior: object
    settings: dict


def folder_of(scale="laptop"):
    """Return where the weights of a scale lie: `assets/weights`, or `outputs/weights/paper`, which starts empty."""
    return files.output_dir() / "weights" / "paper" if scale == "paper" else WEIGHTS


def load(name, folder=None, scale="laptop"):
    """Load trained models. They take the current dtype policy, float32 unless you set it.

    Args:
        name: one of `recipes.RECIPES`, such as `"mnist-uniform"`.
        folder: where the weights lie. Defaults to `folder_of(scale)`.
        scale: `"laptop"` (or `"smoke"`) for what ships, `"paper"` for what `python -m ganinv_keras.zoo.train NAME
            --scale paper` made. Defaults to `"laptop"`.

    Returns:
        A `Pretrained`.

    Raises:
        ValueError: if the name or the scale is unknown, no paper describes the model, the file is not the one whose
            sha256 stands in `SHA256SUMS`, it was trained by a recipe of another scale, or its settings and weights
            describe no models of this course.
        FileNotFoundError: if the file is missing; the message says which command makes it, and at what cost.
    """
    recipe = find(name, scale)
    folder = Path(folder or folder_of(scale))
    command = f"python -m ganinv_keras.zoo.train {name}"
    if scale == "paper" and not (folder / f"{name}.npz").exists():
        raise FileNotFoundError(_missing(name, folder, f"{command} --scale paper"))
    settings, weights = store.read(name, command, folder)
    if scale == "paper" and settings.get("generator", settings.get("encoder")) != recipe.get(
        "generator", recipe.get("encoder")
    ):
        raise ValueError(f"{folder / name}.npz holds other networks than the paper's: it was trained by another "
                         f"recipe. Move it away, and train with {command} --scale paper.")  # fmt: skip
    try:
        models = {part: _filled(settings[part], weights[part]) for part in weights}
        if "of" in settings:
            if "of" in find(settings["of"]):
                raise ValueError(f"it is an encoder of {settings['of']}, which is no generator")
            made_for = load(settings["of"], folder, scale)
            return Pretrained(made_for.generator, models["encoder"], made_for.prior, settings)
        return Pretrained(models["generator"], models.get("encoder"), prior(settings["prior"]), settings)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{folder / name}.npz describes no models of this course ({error}): check the repository out "
                         f"again, or train it with {command}") from error  # fmt: skip


def _filled(entry, weights):
    """Build the network that a recipe describes, with these weights."""
    model = network(entry)
    model.set_weights(weights)
    return model


def _missing(name, folder, command):
    """Say how weights of paper scale are made, and what that costs."""
    from ganinv_keras.zoo import cost  # it builds the networks of the recipe, which nobody else needs here

    counted = cost.count(name, "paper")
    return (f"{name} at paper scale is not in {folder}, and nothing of that size ships. Make it with {command}: "
            f"{counted.steps:,} steps of {counted.flops / 1e9:,.0f} GFLOP, {counted.hours():.1f} hours at "
            f"{cost.RATE / 1e12:g} TFLOP/s; or set train = True on the page, or take scale = \"laptop\".")  # fmt: skip


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
