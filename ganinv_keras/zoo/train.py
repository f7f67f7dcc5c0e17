"""Train what a recipe describes. `python -m ganinv_keras.zoo.train NAME` made the weights that the course ships."""

import sys

import keras

from ganinv_keras import device, files
from ganinv_keras.checks import check_name
from ganinv_keras.store import WEIGHTS
from ganinv_keras.training import curves
from ganinv_keras.training.bigan import BiGAN
from ganinv_keras.training.direction_embedding import AngleErrorGAN, DirectionEmbeddingGAN
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN
from ganinv_keras.training.encoders import AEGAN, LatentRegressor
from ganinv_keras.training.gan import GAN, refresh_batch_norm
from ganinv_keras.zoo import pretrained
from ganinv_keras.zoo.recipes import RECIPES

METHODS = {method.__name__: method
           for method in (GAN, DynamicLatentScaleGAN, DirectionEmbeddingGAN, AngleErrorGAN)}  # fmt: skip


def train_recipe(name, checkpoint=None, verbose="auto", folder=WEIGHTS, callbacks=(), **changes):
    """Train what a recipe describes: a GAN of whatever kind from real images, or an encoder for one that ships.

    This is what made the weights that the course ships, once for each name, with the training splits whole
    (assets/README.md says what has changed since). The networks are built with the dtype policy of
    `device.precision()`.

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
    keras.config.set_dtype_policy(device.precision())
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
    images = pretrained.images_of(settings, "train")
    if settings.get("mirror"):
        images = images.with_mirror_images()
    history = model.fit_images(images, **length, checkpoint=checkpoint, verbose=verbose, callbacks=callbacks)
    refresh_batch_norm(model.sampler, model.prior)
    return model, history.history, settings


def _schedule(value):
    """Return a number as it is, and boundaries and values as a schedule over steps."""
    return keras.optimizers.schedules.PiecewiseConstantDecay(**value) if isinstance(value, dict) else value


def _model(settings, folder):
    """Build what the settings describe, with new weights."""
    seed = settings["seed"]
    if "of" in settings:
        made_for = pretrained.load(settings["of"], folder)
        method = {"AEGAN": AEGAN, "LatentRegressor": LatentRegressor}[settings["method"]]
        return method(made_for.generator, pretrained.network(settings["encoder"]), made_for.prior, seed=seed)
    generator, discriminator = pretrained.network(settings["generator"]), pretrained.network(settings["discriminator"])
    prior = pretrained.prior(settings["prior"])
    if settings.get("method") == "BiGAN":
        return BiGAN(generator, pretrained.network(settings["encoder"]), discriminator, prior,
                     r1_weight=settings["r1_weight"], seed=seed)  # fmt: skip
    options = ("r1_weight", "r1_every", "soft_labels", "ema", "dynamic", "scale_from", "embedding_weight")
    options = {name: settings[name] for name in options if name in settings}
    if "embedding_weight" in options:
        options["embedding_weight"] = _schedule(options["embedding_weight"])
    return METHODS[settings.get("method", "GAN")](generator, discriminator, prior, seed=seed, **options)


def main(names):
    """Train recipes by name, keep what ships of them, and go on where an earlier run was stopped."""
    for name in names:
        callbacks = []
        if "style_generator" in RECIPES[name].get("generator", ()):
            images = (pretrained.images_of(RECIPES[name], split) for split in ("train", "test"))
            callbacks = [curves.EncoderCurves(*images, curves.path_of(name))]
        checkpoint = files.output_dir() / f"{name}.weights.h5"
        model, _, settings = train_recipe(name, checkpoint, verbose=2, callbacks=callbacks)
        pretrained.save(name, model, settings)


if __name__ == "__main__":
    main(sys.argv[1:] or RECIPES)
