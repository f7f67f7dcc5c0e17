"""What the course ships: a name, its models, the prior they belong to, and how they were made."""

import hashlib
import json
import sys
from pathlib import Path
from typing import NamedTuple

import keras
import numpy as np

from ganinv_keras import data, networks, priors, runtime
from ganinv_keras.bigan import BiGAN
from ganinv_keras.checks import check_name
from ganinv_keras.encoders import AEGAN, LatentRegressor
from ganinv_keras.gan import GAN, refresh_batch_norm

WEIGHTS = runtime.ASSETS / "weights"

_MNIST = {
    "data": "mnist", "generator": ["creswell_generator", {"latent_dim": 100}],
    "discriminator": ["creswell_discriminator", {}], "epochs": 27,
}  # fmt: skip
_OMNIGLOT = {
    "data": "omniglot", "generator": ["dcgan_generator", {"latent_dim": 100}],
    "discriminator": ["dcgan_discriminator", {}], "epochs": 42,
}  # fmt: skip
_UNIFORM = {"prior": ["Uniform", {"dim": 100, "low": -1.0, "high": 1.0}]}
_NORMAL = {"prior": ["Normal", {"dim": 100}]}
_TRAINING = {"steps_per_epoch": 100, "batch_size": 128, "learning_rate": 2e-4, "beta_1": 0.5, "ema": 0.999, "seed": 0}

_FOOD = {
    "data": "food101", "generator": ["egan_generator", {"latent_dim": 100, "width": 32}],
    "discriminator": ["egan_discriminator", {"width": 32}], "epochs": 40, "batch_size": 32,
    "mirror": True, "r1_weight": 1.0, "decay": True,
}  # fmt: skip
_SOFT = {"soft_labels": [[0.7, 1.2], [0.0, 0.3]]}
_SHUFFLE = {"generator": ["egan_pixel_shuffle_generator", {"latent_dim": 100, "width": 32}]}

_FACES = {
    "generator": ["dcgan_generator", {"latent_dim": 100, "image_size": 64, "channels": 3, "width": 32}],
    "discriminator": ["luo_discriminator", {"width": 32}], "epochs": 35, "batch_size": 32,
    "mirror": True, "r1_weight": 1.0, "decay": True,
}  # fmt: skip
_ENCODER = {"encoder": ["luo_encoder", {"latent_dim": 100, "width": 32}]}
_PAIRS = {
    "method": "BiGAN", "discriminator": ["luo_bigan_discriminator", {"latent_dim": 100, "width": 32}], "epochs": 30,
    "ema": None, "r1_weight": 5.0,
}  # fmt: skip
_LEARNT = _ENCODER | {
    "epochs": 30, "steps_per_epoch": 100, "batch_size": 64, "learning_rate": 2e-4, "beta_1": 0.5, "decay": True,
    "seed": 0,
}  # fmt: skip


def _faces(prefix, source):
    """Return the recipes of the GAN, the two encoders learnt for it, and the BiGAN of one set of faces."""
    gan = _TRAINING | _UNIFORM | _FACES | {"data": source}
    return {
        f"{prefix}-gan": gan,
        f"{prefix}-aegan": _LEARNT | {"method": "AEGAN", "of": f"{prefix}-gan"},
        f"{prefix}-direct": _LEARNT | {"method": "LatentRegressor", "of": f"{prefix}-gan"},
        f"{prefix}-bigan": gan | _ENCODER | _PAIRS,
    }


RECIPES = {
    "mnist-uniform": _MNIST | _UNIFORM | _TRAINING,
    "mnist-normal": _MNIST | _NORMAL | _TRAINING,
    "omniglot-uniform": _OMNIGLOT | _UNIFORM | _TRAINING,
    "omniglot-normal": _OMNIGLOT | _NORMAL | _TRAINING,
    "food-softlabels": _TRAINING | _NORMAL | _FOOD | _SOFT,
    "food-dcgan": _TRAINING | _NORMAL | _FOOD,
    "food-uniform": _TRAINING | _UNIFORM | _FOOD | _SOFT,
    "food-pixelshuffle": _TRAINING | _NORMAL | _FOOD | _SHUFFLE,
    **_faces("avatars", "avatars"),
    **_faces("celeba", "celeb_a"),
}


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


def _build(module, entry):
    builder, arguments = entry
    return getattr(module, builder)(**arguments)


def load(name, folder=WEIGHTS):
    """Load what the course ships under a name. The models take the current dtype policy, float32 unless you set it.

    Args:
        name: one of `RECIPES`, such as `"mnist-uniform"`.
        folder: where the weights lie. Defaults to the course's `assets/weights`.

    Returns:
        A `Pretrained`.

    Raises:
        ValueError: if the name is unknown, or the file is not the one whose sha256 stands in `SHA256SUMS`.
        FileNotFoundError: if the file is missing.
    """
    check_name(name, RECIPES, "pretrained model")
    path = Path(folder) / f"{name}.npz"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: check the repository out again, or train it with "
                                f"python -m ganinv_keras.pretrained {name}")  # fmt: skip
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if _checksums(folder).get(path.name) != found:
        raise ValueError(f"{path} is truncated or was altered: its sha256 {found[:12]}… is not the one in SHA256SUMS. "
                         "Check the repository out again.")  # fmt: skip
    with np.load(path, allow_pickle=False) as file:
        settings = json.loads(str(file["settings"]))
        weights = {part: [file[key].astype("float32") for key in file.files if key.startswith(f"{part}/")]
                   for part in ("generator", "encoder")}  # fmt: skip
    models = {"encoder": None}
    for part in weights:
        if weights[part]:
            models[part] = _build(networks, settings[part])
            models[part].set_weights(weights[part])
    if "of" in settings:
        made_for = load(settings["of"], folder)
        return Pretrained(made_for.generator, models["encoder"], made_for.prior, settings)
    return Pretrained(**models, prior=_build(priors, settings["prior"]), settings=settings)


def save(name, model, settings, folder=WEIGHTS):
    """Write what ships of a trained model in half precision to `<folder>/<name>.npz`, and its sha256 to `SHA256SUMS`.

    Args:
        name: one of `RECIPES`.
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
    weights = {f"{part}/{i:03d}": w.astype("float16")
               for part in models for i, w in enumerate(models[part].get_weights())}  # fmt: skip
    path = Path(folder) / f"{name}.npz"
    runtime.write_whole(path, lambda p: np.savez_compressed(p, settings=json.dumps(settings), **weights))
    sums = _checksums(folder) | {path.name: hashlib.sha256(path.read_bytes()).hexdigest()}
    lines = "".join(f"{sums[file]}  {file}\n" for file in sorted(sums))
    runtime.write_whole(Path(folder) / "SHA256SUMS", lambda p: p.write_text(lines))


def _checksums(folder):
    path = Path(folder) / "SHA256SUMS"
    lines = path.read_text().splitlines() if path.exists() else []
    return {file: checksum for checksum, file in (line.split(maxsplit=1) for line in lines)}


def train(name, checkpoint=None, verbose="auto", folder=WEIGHTS, **changes):
    """Train what a recipe describes: a GAN or a BiGAN from real images, or an encoder for a generator that ships.

    This is what made the weights that the course ships, once for each name, with the training splits whole
    (assets/README.md says what has changed since). The networks are built with the dtype policy of
    `runtime.precision()`.

    Args:
        name: one of `RECIPES`.
        checkpoint: path of a `.weights.h5` file: a training that was stopped goes on from it. Defaults to None.
        verbose: how much `keras.Model.fit` prints. Defaults to `"auto"`.
        folder: where the generator lies that an encoder is trained for. Defaults to the course's `assets/weights`.
        **changes: settings that differ from the recipe, such as `data="alphabets"` or `epochs=5`.

    Returns:
        `(model, history, settings)`: the trained `GAN`, `BiGAN`, `AEGAN` or `LatentRegressor`, the Keras history of
        its losses, and the settings used.
    """
    settings = RECIPES[check_name(name, RECIPES, "pretrained model")] | changes
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(runtime.precision())
    try:
        keras.utils.set_random_seed(settings["seed"])
        model = _model(settings, folder)
    finally:
        keras.config.set_dtype_policy(before)
    rate = settings["learning_rate"]
    if settings.get("decay"):
        rate = keras.optimizers.schedules.CosineDecay(rate, settings["epochs"] * settings["steps_per_epoch"])
    optimizers = [keras.optimizers.Adam(rate, settings["beta_1"]) for _ in range(1 if "of" in settings else 2)]
    model.compile(*optimizers)
    length = {key: settings[key] for key in ("epochs", "steps_per_epoch", "batch_size")}
    if "of" in settings:
        history = model.fit_generated(**length, checkpoint=checkpoint, verbose=verbose)
        return model, history.history, settings
    images = data.load_images(settings["data"], "train")
    if settings.get("mirror"):
        images = images.with_mirror_images()
    history = model.fit_images(images, **length, checkpoint=checkpoint, verbose=verbose)
    refresh_batch_norm(model.sampler, model.prior)
    return model, history.history, settings


def _model(settings, folder):
    """Build what the settings describe, with new weights."""
    seed = settings["seed"]
    if "of" in settings:
        made_for = load(settings["of"], folder)
        method = {"AEGAN": AEGAN, "LatentRegressor": LatentRegressor}[settings["method"]]
        return method(made_for.generator, _build(networks, settings["encoder"]), made_for.prior, seed=seed)
    generator, discriminator = _build(networks, settings["generator"]), _build(networks, settings["discriminator"])
    prior = _build(priors, settings["prior"])
    if settings.get("method") == "BiGAN":
        return BiGAN(generator, _build(networks, settings["encoder"]), discriminator, prior,
                     r1_weight=settings["r1_weight"], seed=seed)  # fmt: skip
    return GAN(generator, discriminator, prior, r1_weight=settings.get("r1_weight", 0.0),
               soft_labels=settings.get("soft_labels"), ema=settings["ema"], seed=seed)  # fmt: skip


if __name__ == "__main__":
    for requested in sys.argv[1:] or RECIPES:
        trained, _, used = train(requested, runtime.output_dir() / f"{requested}.weights.h5", verbose=2)
        save(requested, trained, used)
