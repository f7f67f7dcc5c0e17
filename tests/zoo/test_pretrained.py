import json
import shutil

import keras
import numpy as np
import pytest

from ganinv_keras import data, files, store
from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.encoder import EncoderInverter
from ganinv_keras.labels import draw, with_label
from ganinv_keras.measures import metrics
from ganinv_keras.zoo import pretrained
from ganinv_keras.zoo.damage import DAMAGES
from ganinv_keras.zoo.train import train_recipe

NOT_SHIPPED = {f"{faces}-{kind}" for faces in ("avatars", "celeba") for kind in ("dlsgan", "unscaled", "direction")}
NAMES = sorted(set(pretrained.RECIPES) - NOT_SHIPPED)
SHAPES = {
    "mnist": (28, 28, 1),
    "omniglot": (28, 28, 1),
    "food": (64, 64, 3),
    "avatars": (64, 64, 3),
    "celeba": (64, 64, 3),
    "compared": (28, 28, 1),
}
PLANE = "mnist-plane"  # two numbers cannot draw every digit
STYLE = [name for name in NAMES if "image_size" in pretrained.RECIPES[name]]
UNSEEN = {"mnist": "mnist", "omniglot": "alphabets"}


@pytest.mark.parametrize("name", NAMES)
def test_shipped_generators(name):
    model = pretrained.load(name)
    assert (model.encoder is not None) == ("encoder" in model.settings)
    assert model.settings == json.loads(json.dumps(pretrained.RECIPES[name]))
    images = np.asarray(model.generator(with_label(*draw(model.generator, model.prior, 200, 0)), training=False))
    shape = SHAPES[name.split("-")[0]]
    shape = (*2 * [model.settings["image_size"]], shape[2]) if name in STYLE else shape
    assert images.shape == (200, *shape) and images.min() >= 0 and images.max() <= 1
    assert images.std(0).mean() > 0.1, "two latents must not make the same image"


@pytest.mark.parametrize("name", [name for name in NAMES if "encoder" in pretrained.RECIPES[name]])
def test_shipped_encoders_point_near_the_image(name):
    model = pretrained.load(name)
    x = np.asarray(model.generator(model.prior.sample(50, seed=1), training=False))
    damage = DAMAGES[model.settings["damage"]](seed=0) if "damage" in model.settings else keras.layers.Identity()
    inversion = EncoderInverter(model.encoder, model.generator).invert(np.clip(damage(x, training=True), 0, 1))
    linear = name in [*STYLE, "mnist-bigan"]  # encoders that do not end in a tanh
    assert np.abs(inversion.z).max() <= (10 if linear else 1)
    bound = {"bigan": 0.9, "dlsgan": 0.8, "unscaled": 1.0}.get(name.split("-")[1], 0.3)
    assert metrics.shuffled_ratio(x, inversion.images) < bound


@pytest.mark.parametrize(
    "name", [name for name in NAMES if name.split("-")[0] in UNSEEN and name not in [*STYLE, PLANE]]
)
def test_shipped_generators_draw_what_they_have_never_seen(name):
    model = pretrained.load(name)
    images = np.asarray(model.generator(with_label(*draw(model.generator, model.prior, 200, 0)), training=False))
    unseen = data.load_images(UNSEEN[name.split("-")[0]], "test", verbose=False).images
    assert images.mean() == pytest.approx(unseen.mean(), abs=0.04)
    unseen = unseen[:6]
    inversion = LatentOptimizer(model.generator, model.prior).invert(unseen, steps=80)
    assert metrics.mae(unseen, inversion.images).mean() < 0.5 * unseen.mean()


def test_what_ships_is_small():
    assert sum(path.stat().st_size for path in pretrained.WEIGHTS.glob("*.npz")) < 120e6
    assert sum(path.stat().st_size for path in (files.ASSETS / "data").iterdir()) < 7e6


@pytest.fixture(scope="module")
def small():
    changes = {"data": "alphabets", "generator": ["dcgan_generator", {"latent_dim": 100, "width": 4}],
               "discriminator": ["dcgan_discriminator", {"width": 4}], "epochs": 1, "steps_per_epoch": 2,
               "batch_size": 8}  # fmt: skip
    return train_recipe("omniglot-normal", verbose=0, **changes)


def test_train_save_and_load(small, tmp_path):
    gan, history, settings = small
    assert len(history["d_loss"]) == 1
    pretrained.save("omniglot-normal", gan, settings, tmp_path)
    loaded = pretrained.load("omniglot-normal", tmp_path)
    assert loaded.settings == settings and loaded.prior == gan.prior
    z = gan.prior.sample(3, seed=0)
    assert np.allclose(loaded.generator(z, training=False), gan.sampler(z, training=False), atol=2e-3)  # half precision


def test_train_save_and_load_an_encoder(tmp_path):
    changes = {"of": "omniglot-normal", "encoder": ["dcgan_discriminator", {"width": 4}], "epochs": 1,
               "steps_per_epoch": 2, "batch_size": 8}  # fmt: skip
    with pytest.raises(ValueError, match="The encoder maps"):
        train_recipe("avatars-aegan", verbose=0, **changes)
    changes |= {"of": "avatars-gan", "encoder": ["luo_encoder", {"latent_dim": 100, "width": 4}]}
    for file in ("avatars-gan.npz", "SHA256SUMS"):
        shutil.copy(pretrained.WEIGHTS / file, tmp_path)
    training, history, settings = train_recipe("avatars-aegan", verbose=0, folder=tmp_path, **changes)
    assert len(history["loss"]) == 1
    pretrained.save("avatars-aegan", training, settings, tmp_path)
    loaded = pretrained.load("avatars-aegan", tmp_path)
    x = np.asarray(loaded.generator(loaded.prior.sample(3, seed=0), training=False))
    assert np.allclose(loaded.encoder(x, training=False), training.encoder(x, training=False), atol=5e-3)


NARROW = {"latent_dim": 100, "width": 4}
PAIR = {"generator": ["dcgan_generator", NARROW | {"image_size": 64, "channels": 3}],
        "encoder": ["luo_encoder", NARROW], "discriminator": ["luo_bigan_discriminator", NARROW]}  # fmt: skip
LIGHT = {"latent_dim": 128, "image_size": 32, "channels": 1, "width": 4, "max_channels": 8}
COLOUR = LIGHT | {"latent_dim": 256, "channels": 3}
SCALED = {"generator": ["style_generator", COLOUR], "encoder": ["style_encoder", COLOUR],
          "discriminator": ["style_discriminator", COLOUR]}  # fmt: skip
ANGLES = LIGHT | {"latent_dim": 31}
DIRECTED = {"generator": ["style_generator", ANGLES | {"angular": True}], "encoder": ["style_angle_encoder", ANGLES],
            "discriminator": ["style_embedder", ANGLES]}  # fmt: skip


@pytest.mark.parametrize(
    ("name", "narrow"), [("avatars-bigan", PAIR), ("avatars-dlsgan", SCALED), ("mnist-direction", DIRECTED)]
)
def test_train_save_and_load_a_gan_with_an_encoder(name, narrow, tmp_path):
    gan, history, settings = train_recipe(name, verbose=0, **narrow, epochs=1, steps_per_epoch=2, batch_size=8)
    assert len(history["d_loss"]) == 1
    pretrained.save(name, gan, settings, tmp_path)
    loaded = pretrained.load(name, tmp_path)
    z = gan.prior.sample(3, seed=0)
    x = np.asarray(gan.sampler(z, training=False))
    assert np.allclose(loaded.generator(z, training=False), x, atol=5e-3)
    assert np.allclose(loaded.encoder(x, training=False), gan.encoder(x, training=False), atol=1e-2)


@pytest.mark.parametrize("damage", [lambda b: b[:-100], lambda b: b[:50] + bytes([b[50] ^ 1]) + b[51:]])
def test_truncated_or_altered_weights_are_refused(small, tmp_path, damage):
    gan, _, settings = small
    pretrained.save("omniglot-normal", gan, settings, tmp_path)
    path = tmp_path / "omniglot-normal.npz"
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match="is truncated or was altered: its sha256"):
        pretrained.load("omniglot-normal", tmp_path)


def test_missing_or_unknown_weights(tmp_path):
    with pytest.raises(ValueError, match=r"Unknown pretrained model 'mnist'\. Did you mean 'mnist-\w+'\?"):
        pretrained.load("mnist")
    with pytest.raises(FileNotFoundError, match=r"does not ship: train it with"):
        pretrained.load("mnist-uniform", tmp_path)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.pop("prior"), "describes no models of this course .*prior"),
        (lambda s: s.update(generator=["os.system", {}]), "Unknown network 'os.system'"),
        (lambda s: s.update(prior=["check_seed", {}]), "Unknown prior 'check_seed'"),
        (lambda s: s.update(generator=["dcgan_generator", {"latent_dim": 99, "width": 4}]), "describes no models"),
        (lambda s: s.update(generator=["dcgan_generator", {"depth": 4}]), "unexpected keyword argument"),
        (lambda s: s.update(of="avatars-aegan"), "it is an encoder of avatars-aegan, which is no generator"),
        (lambda s: s.update(of="omniglot-norma"), "Unknown pretrained model 'omniglot-norma'"),
    ],
)
def test_forged_settings_are_refused_in_words(small, tmp_path, change, sentence):
    gan, _, settings = small
    settings = json.loads(json.dumps(settings))
    change(settings)
    store.write("omniglot-normal", {"generator": gan.sampler}, settings, tmp_path)
    with pytest.raises(ValueError, match=sentence):
        pretrained.load("omniglot-normal", tmp_path)


def test_parts_that_no_settings_name_are_refused(small, tmp_path):
    gan, _, settings = small
    store.write("omniglot-normal", {"generator": gan.sampler, "critic": gan.discriminator}, settings, tmp_path)
    with pytest.raises(ValueError, match="describes no models of this course .*critic"):
        pretrained.load("omniglot-normal", tmp_path)
