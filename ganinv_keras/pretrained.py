"""What the course ships: a name, its models, the prior they belong to, and how they were made."""

import sys
from typing import NamedTuple

import keras

from ganinv_keras import curves, data, networks, priors, runtime, store, style_networks
from ganinv_keras.bigan import BiGAN
from ganinv_keras.checks import check_name
from ganinv_keras.direction_embedding import AngleErrorGAN, DirectionEmbeddingGAN
from ganinv_keras.dlsgan import DynamicLatentScaleGAN
from ganinv_keras.encoders import AEGAN, LatentRegressor
from ganinv_keras.gan import GAN, refresh_batch_norm
from ganinv_keras.recipes import RECIPES
from ganinv_keras.store import WEIGHTS

METHODS = {method.__name__: method
           for method in (GAN, DynamicLatentScaleGAN, DirectionEmbeddingGAN, AngleErrorGAN)}  # fmt: skip


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


def _network(entry):
    builder, arguments = entry
    return getattr(style_networks if builder.startswith("style") else networks, builder)(**arguments)


def _prior(entry):
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
    settings, weights = store.read(name, f"python -m ganinv_keras.pretrained {name}", folder)
    models = {"encoder": None}
    for part in weights:
        models[part] = _network(settings[part])
        models[part].set_weights(weights[part])
    if "of" in settings:
        made_for = load(settings["of"], folder)
        return Pretrained(made_for.generator, models["encoder"], made_for.prior, settings)
    return Pretrained(**models, prior=_prior(settings["prior"]), settings=settings)


def save(name, model, settings, folder=WEIGHTS):
    """Write what ships of a trained model in half precision to `<folder>/<name>.npz`, and its sha256 to `SHA256SUMS`.

    Args:
        name: one of `recipes.RECIPES`.
        model: what `train` returned: of a `GAN` its sampler ships, of a `BiGAN` its encoder too, of an encoder's
            training only the encoder.
        settings: the settings that `train` returned.
        folder: where to. Defaults to the course's `assets/weights`.

    Raises:
        PermissionError: if the folder is missing or cannot be written to.
    """
    models = {} if "of" in settings else {"generator": model.sampler}
    if "encoder" in settings:
        models["encoder"] = model.encoder
    store.write(name, models, settings, folder)


def train(name, checkpoint=None, verbose="auto", folder=WEIGHTS, callbacks=(), **changes):
    """Train what a recipe describes: a GAN of whatever kind from real images, or an encoder for one that ships.

    This is what made the weights that the course ships, once for each name, with the training splits whole
    (assets/README.md says what has changed since). The networks are built with the dtype policy of
    `runtime.precision()`.

    Args:
        name: one of `recipes.RECIPES`.
        checkpoint: path of a `.weights.h5` file: a training that was stopped goes on from it. Defaults to None.
        verbose: how much `keras.Model.fit` prints. Defaults to `"auto"`.
        folder: where the generator lies that an encoder is trained for. Defaults to the course's `assets/weights`.
        callbacks: Keras callbacks for the training of a GAN. Defaults to none.
        **changes: settings that differ from the recipe, such as `data="alphabets"` or `epochs=5`.

    Returns:
        `(model, history, settings)`: the trained `GAN` or one of its kinds, `AEGAN` or
        `LatentRegressor`, the Keras history of its losses, and the settings used.
    """
    settings = RECIPES[check_name(name, RECIPES, "pretrained model")] | changes
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(runtime.precision())
    try:
        keras.utils.set_random_seed(settings["seed"])
        model = _model(settings, folder)
    finally:
        keras.config.set_dtype_policy(before)
    rate = _schedule(settings["learning_rate"])
    if settings.get("decay"):
        rate = keras.optimizers.schedules.CosineDecay(rate, settings["epochs"] * settings["steps_per_epoch"])
    optimizers = [keras.optimizers.Adam(rate, settings["beta_1"], settings.get("beta_2", 0.999))
                  for _ in range(1 if "of" in settings else 2)]  # fmt: skip
    model.compile(*optimizers)
    length = {key: settings[key] for key in ("epochs", "steps_per_epoch", "batch_size")}
    if "of" in settings:
        history = model.fit_generated(**length, checkpoint=checkpoint, verbose=verbose)
        return model, history.history, settings
    images = images_of(settings, "train")
    if settings.get("mirror"):
        images = images.with_mirror_images()
    history = model.fit_images(images, **length, checkpoint=checkpoint, verbose=verbose, callbacks=callbacks)
    refresh_batch_norm(model.sampler, model.prior)
    return model, history.history, settings


def _schedule(value):
    """Return a number as it is, and boundaries and values as a schedule over steps."""
    return keras.optimizers.schedules.PiecewiseConstantDecay(**value) if isinstance(value, dict) else value


def images_of(settings, split):
    """Load the `ImageSet` that a recipe's models know, in their format."""
    images = data.load_images(settings["data"], split)
    return images.at(settings["image_size"]) if "image_size" in settings else images


def _model(settings, folder):
    """Build what the settings describe, with new weights."""
    seed = settings["seed"]
    if "of" in settings:
        made_for = load(settings["of"], folder)
        method = {"AEGAN": AEGAN, "LatentRegressor": LatentRegressor}[settings["method"]]
        return method(made_for.generator, _network(settings["encoder"]), made_for.prior, seed=seed)
    generator, discriminator = _network(settings["generator"]), _network(settings["discriminator"])
    prior = _prior(settings["prior"])
    if settings.get("method") == "BiGAN":
        return BiGAN(generator, _network(settings["encoder"]), discriminator, prior,
                     r1_weight=settings["r1_weight"], seed=seed)  # fmt: skip
    options = ("r1_weight", "r1_every", "soft_labels", "ema", "dynamic", "scale_from", "embedding_weight")
    options = {name: settings[name] for name in options if name in settings}
    if "embedding_weight" in options:
        options["embedding_weight"] = _schedule(options["embedding_weight"])
    return METHODS[settings.get("method", "GAN")](generator, discriminator, prior, seed=seed, **options)


if __name__ == "__main__":
    for requested in sys.argv[1:] or RECIPES:
        measured = []
        if "style_generator" in RECIPES[requested].get("generator", ()):
            train_images, test_images = (images_of(RECIPES[requested], split) for split in ("train", "test"))
            measured = [curves.EncoderCurves(train_images, test_images, curves.path_of(requested))]
        trained, _, used = train(requested, runtime.output_dir() / f"{requested}.weights.h5", 2, callbacks=measured)
        save(requested, trained, used)
