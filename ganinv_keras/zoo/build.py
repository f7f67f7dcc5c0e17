"""From the settings of a recipe to what they describe: networks, priors, images, and models ready to train."""

import keras

from ganinv_keras import data, device, networks
from ganinv_keras.checks import check_name
from ganinv_keras.networks import priors
from ganinv_keras.training.bigan import BiGAN
from ganinv_keras.training.conditional import ConditionalGAN
from ganinv_keras.training.direction_embedding import AngleErrorGAN, DirectionEmbeddingGAN
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN
from ganinv_keras.training.encoders import AEGAN, LatentRegressor, SummedErrors
from ganinv_keras.training.gan import GAN
from ganinv_keras.zoo.damage import DAMAGES

METHODS = {method.__name__: method for method in
           (GAN, ConditionalGAN, DynamicLatentScaleGAN, DirectionEmbeddingGAN, AngleErrorGAN)}  # fmt: skip
LEARNT = {method.__name__: method for method in (AEGAN, LatentRegressor, SummedErrors)}
OPTIONS = ("r1_weight", "r1_every", "soft_labels", "ema", "dynamic", "scale_from", "v_from", "past_batches",
           "encoder_weight", "embedding_weight", "generation_ratio")  # fmt: skip


def network(entry):
    """Build the network that a recipe describes by the name of its builder and the arguments."""
    builder, arguments = entry
    return getattr(networks, check_name(builder, networks.__all__, "network"))(**arguments)


def prior(entry):
    """Make the prior that a recipe describes by the name of its class and the arguments."""
    kind, arguments = entry
    return getattr(priors, check_name(kind, ("Angular", "Normal", "Uniform"), "prior"))(**arguments)


def images_of(settings, split, stream=False):
    """Load the images that a recipe's models know, in their format.

    Args:
        settings: a recipe, see `recipes.find`.
        split: `"train"` or `"test"`.
        stream: whether images that come as files may be decoded as they are needed. Defaults to False.

    Returns:
        An `ImageSet`, or with `stream` it may be an `ImageStream`.
    """
    find = data.open_images if stream else data.load_images
    return find(settings["data"], split, size=settings.get("image_size"))


def training_images(settings):
    """Return the images that a recipe trains on, mirror images included if it wants them."""
    images = images_of(settings, "train", stream=True)
    if "images" in settings:
        images = images[: settings["images"]]
    return images.with_mirror_images() if settings.get("mirror") else images


def trainer(settings, made_for=None):
    """Build the model that trains what the settings describe, compiled, with new weights that follow the seed.

    Args:
        settings: a recipe, see `recipes.find`.
        made_for: `(generator, prior)` that an encoder is learnt for. Defaults to None, for a recipe of a GAN.

    Returns:
        A `GAN` or one of its kinds, or an `EncoderTraining`. Its networks have the dtype policy of
        `device.precision()`.
    """
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(device.precision())
    try:
        keras.utils.set_random_seed(settings["seed"])
        model = _model(settings, made_for)
    finally:
        keras.config.set_dtype_policy(before)
    rate = _schedule(settings["learning_rate"])
    if settings.get("decay"):
        rate = keras.optimizers.schedules.CosineDecay(rate, settings["epochs"] * settings["steps_per_epoch"])
    optimizers = [keras.optimizers.Adam(rate, settings["beta_1"], settings.get("beta_2", 0.999))
                  for _ in range(2 if made_for is None else 1)]  # fmt: skip
    model.compile(*optimizers, jit_compile=device.jit_compile())
    return model


def _schedule(value):
    """Return a number as it is, and the arguments of a schedule over steps as that schedule."""
    if not isinstance(value, dict):
        return value
    schedules = keras.optimizers.schedules
    return (schedules.PiecewiseConstantDecay if "boundaries" in value else schedules.ExponentialDecay)(**value)


def _damage(name, seed):
    """Build a damage, in float32 whatever the networks compute in: it changes data."""
    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("float32")
    try:
        return DAMAGES[check_name(name, DAMAGES, "damage")](seed=seed)
    finally:
        keras.config.set_dtype_policy(policy)


def _model(settings, made_for):
    """Build the model, not yet compiled."""
    seed = settings["seed"]
    if made_for is not None:
        generator, drawn_from = made_for
        damage = _damage(settings["damage"], seed) if "damage" in settings else None
        return LEARNT[settings["method"]](generator, network(settings["encoder"]), drawn_from, damage, seed)
    generator, discriminator = network(settings["generator"]), network(settings["discriminator"])
    drawn_from = prior(settings["prior"])
    if settings.get("method") == "BiGAN":
        return BiGAN(generator, network(settings["encoder"]), discriminator, drawn_from,
                     r1_weight=settings["r1_weight"], seed=seed)  # fmt: skip
    options = {name: settings[name] for name in OPTIONS if name in settings}
    if "embedding_weight" in options:
        options["embedding_weight"] = _schedule(options["embedding_weight"])
    return METHODS[settings.get("method", "GAN")](generator, discriminator, drawn_from, seed=seed, **options)
