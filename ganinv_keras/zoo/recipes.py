"""Recipes: how each of the models that the course ships is made, by name, and where its paper form is found."""

from ganinv_keras.checks import check_name
from ganinv_keras.zoo.paper import PAPER

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

_PLANE = _TRAINING | {
    "data": "mnist", "prior": ["Uniform", {"dim": 2, "low": -1.0, "high": 1.0}],
    "generator": ["creswell_generator", {"latent_dim": 2, "width": 12}],
    "discriminator": ["creswell_discriminator", {"width": 16}], "epochs": 40, "batch_size": 64, "learning_rate": 1e-3,
    "ema": 0.995, "r1_weight": 1.0, "r1_every": 4,
}  # fmt: skip

_CLASSES = {"width": 16, "classes": 10}
_CONDITIONAL = _TRAINING | {
    "method": "ConditionalGAN", "data": "mnist", "prior": ["Normal", {"dim": 12}],
    "generator": ["creswell_generator", {"latent_dim": 12} | _CLASSES],
    "discriminator": ["creswell_discriminator", _CLASSES], "epochs": 40, "batch_size": 64, "learning_rate": 5e-4,
    "r1_weight": 1.0, "r1_every": 4,
}  # fmt: skip

_DIGIT_PAIRS = _TRAINING | {
    "method": "BiGAN", "data": "mnist", "prior": ["Uniform", {"dim": 50, "low": -1.0, "high": 1.0}],
    "generator": ["donahue_generator", {}], "discriminator": ["donahue_discriminator", {}],
    "encoder": ["donahue_encoder", {}], "epochs": 200, "ema": None, "r1_weight": 0.0, "decay": True,
}  # fmt: skip

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


# a short training: few images in a step, and five times the paper's learning rate
_TRANSLATOR = _LEARNT | {"method": "AEGAN", "epochs": 12, "batch_size": 32, "learning_rate": 1e-3}


def _steps(fall, epochs):
    """Return how long to train, in epochs of 500 steps, and after which step the learning rate falls to a quarter."""
    return {"learning_rate": {"boundaries": [fall], "values": [2e-3, 5e-4]}, "epochs": epochs, "steps_per_epoch": 500}


_STYLE = _steps(7000, 20) | {
    "beta_1": 0.0, "beta_2": 0.99, "r1_weight": 2.0, "r1_every": 4, "ema": 0.999, "batch_size": 32, "seed": 0,
}  # fmt: skip
_LONGER = _steps(10_000, 24) | {"mirror": True}
# a GAN of 32×32 pixels, and the one of 64×64 that grows out of it
_COARSE = {"learning_rate": 2e-3, "epochs": 20, "steps_per_epoch": 500, "mirror": True}
_FINE = _COARSE | {"learning_rate": {"boundaries": [7000], "values": [1e-3, 2.5e-4]}}
# 4,000 drawn faces are few: at 64×64 a direction embedding GAN's images become worse from some step on
_SHORT = {"r1_weight": 10.0, "epochs": 3, "learning_rate": 5e-4}


def _faces(prefix, source):
    """Return the recipes of the GAN, the two encoders learnt for it, and the BiGAN of one set of faces."""
    gan = _TRAINING | _UNIFORM | _FACES | {"data": source}
    return {
        f"{prefix}-gan": gan,
        f"{prefix}-aegan": _LEARNT | {"method": "AEGAN", "of": f"{prefix}-gan"},
        f"{prefix}-direct": _LEARNT | {"method": "LatentRegressor", "of": f"{prefix}-gan"},
        f"{prefix}-bigan": gan | _ENCODER | _PAIRS,
    }


def _translators(prefix, *damages):
    """Return the recipes of encoders that see one set of faces through a damage each, and answer as for the whole."""
    return {f"{prefix}-from-{damage}": _TRANSLATOR | {"of": f"{prefix}-gan", "damage": damage} for damage in damages}


def _scaled(prefix, source, d, channels, brightness, image_size=32, width=16, **changes):
    """Return the recipes of a Dynamic Latent Scale GAN and of its twin without scaling, for one data set."""
    shape = {"latent_dim": d, "image_size": image_size, "channels": channels, "width": width, "max_channels": 128}
    recipe = _STYLE | {
        "method": "DynamicLatentScaleGAN", "data": source, "image_size": image_size, "prior": ["Normal", {"dim": d}],
        "generator": ["style_generator", shape | {"brightness": brightness}],
        "discriminator": ["style_discriminator", shape], "encoder": ["style_encoder", shape], "dynamic": True,
    } | changes  # fmt: skip
    return {f"{prefix}-dlsgan": recipe, f"{prefix}-unscaled": recipe | {"dynamic": False}}


def _grown(prefix, source, d, brightness):
    """Return the recipe of a Dynamic Latent Scale GAN of 64×64 faces that grows out of one of 32×32."""
    kind = f"{prefix}-dlsgan"
    coarse = _scaled(prefix, source, d, 3, brightness, width=32, **_COARSE, scale_from=6000)[kind]
    return {f"{kind}-64": _scaled(prefix, source, d, 3, brightness, 64, **_FINE)[kind] | {"grown_from": coarse}}


def _directed(source, d, channels, brightness, image_size=32, width=16, **changes):
    """Return the recipe of a direction embedding GAN for one data set, all but the weight of the embedding loss."""
    shape = {"latent_dim": d, "image_size": image_size, "channels": channels, "width": width,
             "max_channels": min(8 * width, 128)}  # fmt: skip
    return _STYLE | {
        "method": "DirectionEmbeddingGAN", "data": source, "image_size": image_size, "prior": ["Angular", {"dim": d}],
        "generator": ["style_generator", shape | {"angular": True, "brightness": brightness}],
        "discriminator": ["style_embedder", shape], "encoder": ["style_angle_encoder", shape],
    } | changes  # fmt: skip


def _grown_directed(prefix, source, brightness, **changes):
    """Return the recipe of a direction embedding GAN of 64×64 faces that grows out of one of 32×32."""
    coarse = _weighted(_directed(source, 31, 3, brightness, width=32, **_COARSE), [5000], [1.0, 0.3])
    fine = _directed(source, 31, 3, brightness, 64, **_FINE | changes)
    return {f"{prefix}-direction-64": fine | {"embedding_weight": 0.3, "grown_from": coarse}}


def _unread(recipe):
    """Return a recipe without its encoder, for a discriminator that is not asked for the latent."""
    return {key: value for key, value in recipe.items() if key != "encoder"}


def _weighted(recipe, boundaries, values):
    """Return a recipe with a weight of the embedding loss that changes after some steps."""
    return recipe | {"embedding_weight": {"boundaries": boundaries, "values": values}}


def _compared():
    """Return the recipes of small direction embedding GANs that differ in one thing each."""
    small = _directed("mnist", 31, 1, 0.1, width=8, **_steps(4500, 12))
    tangent = _weighted(small, [3000], [1.0, 10.0])
    angles = tangent | {"method": "AngleErrorGAN"}
    return {
        "compared-tangent": tangent,
        "compared-ten": small | {"embedding_weight": 10.0},
        "compared-angles": angles,
        "compared-generations": angles | {"generation_ratio": 0.5},
    }


_MNIST_PAIR = _scaled("mnist", "mnist", 128, 1, 0.1, **_steps(10_000, 28), scale_from=4000)
_DIGITS = _directed("mnist", 31, 1, 0.1)

RECIPES = {
    "mnist-uniform": _MNIST | _UNIFORM | _TRAINING,
    "mnist-normal": _MNIST | _NORMAL | _TRAINING,
    "mnist-plane": _PLANE,
    "mnist-conditional": _CONDITIONAL,
    "mnist-bigan": _DIGIT_PAIRS,
    "omniglot-uniform": _OMNIGLOT | _UNIFORM | _TRAINING,
    "omniglot-normal": _OMNIGLOT | _NORMAL | _TRAINING,
    "food-softlabels": _TRAINING | _NORMAL | _FOOD | _SOFT,
    "food-dcgan": _TRAINING | _NORMAL | _FOOD,
    "food-uniform": _TRAINING | _UNIFORM | _FOOD | _SOFT,
    "food-pixelshuffle": _TRAINING | _NORMAL | _FOOD | _SHUFFLE,
    "avatars-normal": _TRAINING | _NORMAL | _FACES | {"data": "avatars"},
    **_faces("avatars", "avatars"),
    **_faces("celeba", "celeb_a"),
    **_translators("avatars", "edges", "coarse", "hole"),
    **_translators("celeba", "edges"),
    **_MNIST_PAIR,
    "mnist-unread": _unread(_MNIST_PAIR["mnist-unscaled"]) | {"encoder_weight": 0.0},
    **_scaled("avatars", "avatars", 256, 3, 0.6, **_LONGER | _steps(14_500, 32), scale_from=8000),
    **_scaled("celeba", "celeb_a", 256, 3, 0.4, **_LONGER | _steps(15_000, 36), scale_from=7000),
    **_grown("avatars", "avatars", 256, 0.6),
    **_grown("celeba", "celeb_a", 256, 0.4),
    "mnist-direction": _weighted(_DIGITS, [5000], [1.0, 10.0]),
    "mnist-gentle": _weighted(_DIGITS, [4000, 7000], [1.0, 3.0, 1.0]),
    "mnist-gentler": _weighted(_DIGITS, [4000, 7000], [1.0, 3.0, 0.3]),
    "mnist-undirected": _unread(_DIGITS) | {"embedding_weight": 0.0},
    "avatars-direction": _weighted(_directed("avatars", 31, 3, 0.6, **_LONGER), [5000], [1.0, 0.3]),
    "celeba-direction": _weighted(_directed("celeb_a", 31, 3, 0.4, **_LONGER), [5000], [1.0, 0.3]),
    **_grown_directed("avatars", "avatars", 0.6, **_SHORT),
    **_grown_directed("celeba", "celeb_a", 0.4),
    **_compared(),
}


def _one_step(recipe):
    """Return a recipe that takes a step, and a step of what it grows out of."""
    grown = {"grown_from": _one_step(recipe["grown_from"])} if "grown_from" in recipe else {}
    return recipe | {"epochs": 1, "steps_per_epoch": 1} | grown


SCALES = {
    "smoke": {name: _one_step(recipe) for name, recipe in RECIPES.items()},
    "laptop": RECIPES,
    "paper": PAPER,
}


def find(name, scale="laptop"):
    """Return the recipe of a model at a scale, a dictionary that JSON can hold.

    Args:
        name: one of `RECIPES`.
        scale: `"laptop"`, how what ships was made on two CPU cores; `"smoke"`, one step of the same; or `"paper"`, the
            paper's own networks, data and schedule. Defaults to `"laptop"`.

    Raises:
        ValueError: if the name or the scale is unknown, or no paper describes the model.
    """
    check_name(name, RECIPES, "pretrained model")
    recipes = SCALES[check_name(scale, SCALES, "scale")]
    if name not in recipes:
        raise ValueError(f"{name} is an experiment of the course at its own size: no paper describes it. At paper "
                         f"scale there are: {', '.join(PAPER)}.")  # fmt: skip
    return recipes[name]
