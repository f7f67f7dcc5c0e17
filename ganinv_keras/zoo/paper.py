"""The papers' own networks, data and schedules: a recipe for each model of `recipes` that a paper describes.

Each setting stands beside where it is from: a section of the paper, the author's code where the text leaves it out, or
the course, where both do or where it departs, and then why. `python -m ganinv_keras.zoo.table` prints them all.
"""

UNIFORM = ["Uniform", {"dim": 100, "low": -1.0, "high": 1.0}]
NORMAL = ["Normal", {"dim": 100}]
CELEBA = 162_770  # training images; 19,867 more are for validation, and 19,962 for testing


def _recipe(settings):
    """Split setting → (value, where it is from) into settings, and `"origin"`, where each is from."""
    return {key: value for key, (value, _) in settings.items()} | {
        "origin": {key: origin for key, (_, origin) in settings.items()}
    }


# Paper 1, Creswell & Bharath
_INTERVAL = "the course: the interval of the uniform prior is not said, Radford et al.'s"
_CRESWELL = {
    "batch_size": (128, "Section 4.1 and 4.2"),
    "learning_rate": (2e-3, "Section 4.1 and 4.2: Adam"),
    "beta_1": (0.5, "the course: not said, Radford et al.'s, whose networks the paper builds on"),
    "steps_per_epoch": (100, "the course: there are no epochs, only iterations"),
    "seed": (0, "the course"),
}
_MNIST = _CRESWELL | {
    "data": ("mnist", "Section 4.1"),
    "image_size": (28, "Table 1"),
    "images": (50_000, "Section 4.1; of MNIST's 60,000, without the 500 that the course holds out"),
    "epochs": (5, "Section 4.1: 500 iterations"),
    "generator": (["creswell_generator", {"latent_dim": 100, "width": 64}],
                  "Table 1; a sigmoid for its last batch norm and ReLU, since Algorithm 1 needs values in [0, 1]"),
    "discriminator": (["creswell_discriminator", {"width": 64}],
                      "Table 1; without the leaky ReLU behind the last unit, since losses take a logit"),
}  # fmt: skip
_OMNIGLOT = _CRESWELL | {
    "data": ("omniglot", "Section 4.2: the background alphabets"),
    "image_size": (28, "the course: not said, as MNIST"),
    "epochs": (20, "Section 4.2: 2,000 iterations"),
    "generator": (["dcgan_generator", {"latent_dim": 100, "width": 64}],
                  "the course: those of an earlier paper of theirs, not printed here; Radford et al.'s, d = 100"),
    "discriminator": (["dcgan_discriminator", {"width": 64}], "the course: as the generator"),
}  # fmt: skip
_PRIORS = {"uniform": {"prior": (UNIFORM, _INTERVAL)}, "normal": {"prior": (NORMAL, "Section 4.1: N(0, 1)")}}

# Paper 2, Egan, Zhang & Shen
_EGAN = {
    "data": ("food101", "the course: the paper's 121,267 photographs from Yelp need an account"),
    "image_size": (64, "Section 4.1.1: centre-cropped"),
    "prior": (NORMAL, "Section 4.2.1"),
    "batch_size": (64, "Section 4.1.1"),
    "learning_rate": (2e-4, "Section 4.1.1: Adam"),
    "beta_1": (0.5, "the example of PyTorch that Section 4.1.2 builds on"),
    "steps_per_epoch": (121_267 // 64, "Section 4.1.1: 121,267 images in batches of 64"),
    "epochs": (50, "Section 4.1.1"),
    "generator": (["egan_generator", {"latent_dim": 100, "width": 64}], "Section 4.1.2 and Figure 1"),
    "discriminator": (["egan_discriminator", {"width": 64}], "Section 4.1.2"),
    "seed": (0, "the course"),
}
_SHUFFLED = {
    "generator": (["egan_pixel_shuffle_generator", {"latent_dim": 100, "width": 64}],
                  "Section 4.1.3; channels and dropout: the authors' code"),
}  # fmt: skip
_SOFT = {
    "soft_labels": ([[0.7, 1.2], [0.0, 0.3]], "Section 4.1.4; in D's loss alone: the authors' code"),
    "epochs": (20, "Section 4.2.1: the generator of Table 1; that of Figure 7 has 50"),
}

# Paper 3, Luo et al.
_COMPLETE = "Appendix: complete; the course: its training partition, so that test images stay unseen"
_PASSES = (CELEBA // 64, "the course: one pass of CelebA's 162,770 training images in batches of 64")
_LUO = {
    "prior": (UNIFORM, "Section 3.2"),
    "batch_size": (64, "Appendix"),
    "learning_rate": (2e-4, "Appendix: Adam"),
    "beta_1": (0.5, "Appendix"),
    "steps_per_epoch": _PASSES,
    "epochs": (25, "the course: not said"),
    "seed": (0, "the course"),
}
_LUO_GAN = _LUO | {
    "image_size": (64, "Table 3"),
    "generator": (["dcgan_generator", {"latent_dim": 100, "image_size": 64, "channels": 3, "width": 64}], "Table 3"),
    "discriminator": (["luo_discriminator", {"width": 64}], "Table 4"),
}
_IG = {"encoder": (["luo_encoder", {"latent_dim": 100, "width": 64}], "Table 5")}
_PAIRS = _IG | {
    "method": ("BiGAN", "Section 4.1, eq. 1"),
    "discriminator": (["luo_bigan_discriminator", {"latent_dim": 100, "width": 64}], "Table 6"),
    "r1_weight": (0.0, "the course: not said"),
}
_LEARNT = {key: value for key, value in _LUO.items() if key != "prior"} | _IG


def _faces(prefix, source, origin):
    """Return paper 3's recipes for one set of faces: the GAN, the two encoders learnt for it, and the BiGAN."""
    gan, of = _LUO_GAN | {"data": (source, origin)}, {"of": (f"{prefix}-gan", "Section 3.2")}
    return {
        f"{prefix}-gan": gan,
        f"{prefix}-aegan": _LEARNT | of | {"method": ("AEGAN", "Algorithm 1")},
        f"{prefix}-direct": _LEARNT | of | {"method": ("LatentRegressor", "Section 4.1, eq. 3 without labels")},
        f"{prefix}-bigan": gan | _PAIRS,
    }


def _translators(prefix, *damages):
    """Return recipes of the translation that paper 3's conclusion hopes for: AEGAN, which sees through a damage."""
    aegan = _LEARNT | {"of": (f"{prefix}-gan", "Section 5"), "method": ("AEGAN", "Algorithm 1")}
    return {f"{prefix}-from-{damage}": aegan | {"damage": (damage, "the course")} for damage in damages}


# Papers 4 and 5, Cho
_STEPS = CELEBA // 32
_CHO = {
    "batch_size": (32, "paper 4, Section 4.1: 512 × 32 samples; the author's later code has 16"),
    "beta_1": (0.0, "the author's code"),
    "beta_2": (0.99, "the author's code"),
    "r1_weight": (10.0, "the author's code"),
    "r1_every": (1, "the course: that R1 waits between steps is not said"),
    "ema": (0.999, "the author's code, for digits"),
    "steps_per_epoch": (_STEPS, "the course: one pass of CelebA's 162,770 training images in batches of 32"),
    "epochs": (50, "the author's code"),
    "learning_rate": ({"initial_learning_rate": 1e-3, "decay_steps": _STEPS, "decay_rate": 0.98, "staircase": True},
                      "the author's code: × 0.98 after every epoch"),
    "seed": (0, "the course"),
}  # fmt: skip
_CHO_DIGITS = {
    "data": ("mnist", "the author's code; in neither text"),
    "image_size": (32, "the author's code: a border of 2"),
    "r1_weight": (0.1, "the author's code"),
    "steps_per_epoch": (60_000 // 32, "the author's code: one pass of MNIST"),
    "epochs": (30, "the author's code"),
    "learning_rate": ({"initial_learning_rate": 1e-3, "decay_steps": 60_000 // 32, "decay_rate": 0.95,
                       "staircase": True}, "the author's code: × 0.95 after every epoch"),
}  # fmt: skip
_CHO_FACES = {"data": ("celeb_a", "Section 4.1"), "image_size": (128, "Section 4.1")}
_CHO_AVATARS = {"data": ("avatars", "the course"), "image_size": (64, "the course: drawn faces have 64 pixels")}
_REDUCED = "a partially reduced StyleGAN2; layers: the author's code; a sigmoid for its linear output: the course"


def _shape(size, d):
    """Return the arguments of the networks of a size: those of the author's code."""
    digits = {"channels": 1, "width": 128, "max_channels": 1024}
    colour = {"channels": 3, "width": 32, "max_channels": 512}
    return {"latent_dim": d, "image_size": size} | (digits if size == 32 else colour)


def _scaled(prefix, data, d=512):
    """Return paper 4's recipes for one data set: with and without the dynamic latent scale."""
    shape = _shape(data["image_size"][0], d)
    recipe = _CHO | data | {
        "method": ("DynamicLatentScaleGAN", "Algorithm 1"),
        "prior": (["Normal", {"dim": d}], "Algorithm 1; d: the author's code"),
        "generator": (["style_generator", shape], f"Section 4.1: {_REDUCED}"),
        "discriminator": (["style_discriminator", shape], f"Section 4.1: {_REDUCED}"),
        "encoder": (["style_encoder", shape], "Section 3: D contains it"),
        "encoder_weight": (1.0, "Section 4.1"),
        "past_batches": (512, "Section 4.1"),
        "v_from": ("moment", "Algorithm 1, line 8"),
        "dynamic": (True, "Section 4.1"),
        "scale_from": (0, "Algorithm 1: from the first step on"),
    }  # fmt: skip
    return {f"{prefix}-dlsgan": recipe, f"{prefix}-unscaled": recipe | {"dynamic": (False, "Section 4.1")}}


def _unread(recipe):
    """Return a recipe without its encoder, for a discriminator that is not asked for the latent."""
    return {key: value for key, value in recipe.items() if key != "encoder"}


def _directed(name, data, d=511):
    """Return paper 5's recipe for one data set."""
    shape = _shape(data["image_size"][0], d)
    half = (_CHO | data)["epochs"][0] * (_CHO | data)["steps_per_epoch"][0] // 2
    recipe = _CHO | data | {
        "method": ("DirectionEmbeddingGAN", "Algorithm 1"),
        "prior": (["Angular", {"dim": d}], "Algorithm 1; d: the course, d + 1 must be a power of two"),
        "generator": (["style_generator", shape | {"angular": True}], f"Section 5.1: {_REDUCED}"),
        "discriminator": (["style_embedder", shape], f"Section 5.1: {_REDUCED}"),
        "encoder": (["style_angle_encoder", shape], "Section 2: D contains it"),
        "batch_size": (32, "the course: not said, as paper 4"),
        "embedding_weight": ({"boundaries": [half], "values": [1.0, 10.0]},
                             "Section 5.1: 1, then 10 `after some training`; half of it: the course"),
    }  # fmt: skip
    return {name: recipe}


def _compared(base):
    """Return recipes that differ from paper 5's in one thing each, for pages that ask what it does."""

    def weighted(weight):
        return base | {"embedding_weight": (weight, "the course")}

    def schedule(*values):
        steps = base["epochs"][0] * base["steps_per_epoch"][0]
        return {"boundaries": [round(steps * share) for share in (0.4, 0.7)], "values": list(values)}

    angles = base | {"method": ("AngleErrorGAN", "the course")}
    return {
        "mnist-gentle": weighted(schedule(1.0, 3.0, 1.0)),
        "mnist-gentler": weighted(schedule(1.0, 3.0, 0.3)),
        "mnist-undirected": _unread(weighted(0.0)),
        "compared-tangent": base,
        "compared-ten": weighted(10.0),
        "compared-angles": angles,
        "compared-generations": angles | {"generation_ratio": (0.5, "the course")},
    }


_SCALED_DIGITS = _scaled("mnist", _CHO_DIGITS, 256)
_DIRECTED_DIGITS = _directed("mnist-direction", _CHO_DIGITS, 255)
_ALL = {
    **{f"mnist-{prior}": _MNIST | settings for prior, settings in _PRIORS.items()},
    **{f"omniglot-{prior}": _OMNIGLOT | settings for prior, settings in _PRIORS.items()},
    "food-softlabels": _EGAN | _SOFT,
    "food-dcgan": _EGAN,
    "food-uniform": _EGAN | _SOFT | {"prior": (UNIFORM, "the course: what a uniform prior changes")},
    "food-pixelshuffle": _EGAN | _SHUFFLED,
    "avatars-normal": _EGAN | _SOFT | {"data": ("avatars", "the course: faces that a reader can judge")},
    **_faces("avatars", "avatars", "the course: faces that ship"),
    **_faces("celeba", "celeb_a", _COMPLETE),
    **_translators("avatars", "edges", "coarse", "hole"),
    **_translators("celeba", "edges"),
    **_SCALED_DIGITS,
    "mnist-unread": _unread(_SCALED_DIGITS["mnist-unscaled"]) | {"encoder_weight": (0.0, "the course")},
    **_scaled("avatars", _CHO_AVATARS),
    **_scaled("celeba", _CHO_FACES),
    **_DIRECTED_DIGITS,
    **_compared(_DIRECTED_DIGITS["mnist-direction"]),
    **_directed("avatars-direction", _CHO_AVATARS),
    **_directed("celeba-direction", _CHO_FACES),
}
PAPER = {name: _recipe(settings) for name, settings in _ALL.items()}
