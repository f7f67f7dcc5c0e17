"""Sets of images, files of images, weight files, and what is loaded by name."""

import io

import keras
import numpy as np
from harness import tried
from hypothesis import given
from hypothesis import strategies as st
from odd import anything, arrays, numbers, objects
from samples import squares

from ganinv_keras import Normal, store
from ganinv_keras.data import ImageSet, load_images, npz
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.measures import features
from ganinv_keras.training.gan import refresh_batch_norm
from ganinv_keras.zoo import cost, pretrained, recipes

PIXELS = squares(12).pixels
LABELS = np.arange(12) % 3
SET = ImageSet("squares", "train", PIXELS, LABELS, None, {"number": LABELS}, "a test")
NAMES = st.one_of(objects(), numbers(), st.sampled_from(["mnist", "MNIST", "mnst", "alphabets", "avatars", "../mnist"]))
SPLITS = st.one_of(st.sampled_from(["train", "test", "trian", "valid"]), objects())


@given(anything(PIXELS), anything(LABELS), anything(LABELS))
def test_sets(pixels, labels, attribute):
    for images in tried(ImageSet, "a", "train", pixels, labels, None, {"attribute": attribute}, "a test"):
        assert len(images) == len(pixels) and images.image_shape == pixels.shape[1:]
        if len(images):
            assert 0 <= images.images.min() and images.images.max() <= 1
        assert len(images.with_mirror_images()) == 2 * len(images)


@given(numbers(most=64), numbers(most=64), numbers(), numbers())
def test_settings_of_sets(size, batch_size, seed, first_step):
    for images in tried(SET.at, size):
        assert images.image_shape == (size, size, 1)
    for batches in tried(SET.batches, batch_size, seed, first_step):
        batch = next(iter(batches.take(1))).numpy()
        assert batch.shape == (batch_size, 8, 8, 1) and 0 <= batch.min() and batch.max() <= 1


KEYS = st.sampled_from(["images", "labels", "split", "number", "label_names"])


@given(st.dictionaries(KEYS, st.one_of(anything(PIXELS), arrays(LABELS)), max_size=3), SPLITS)
def test_files_of_images(tmp_path_factory, changes, split):
    path = tmp_path_factory.mktemp("odd") / "mnist.npz"
    try:
        np.savez(path, **{"images": PIXELS, "labels": LABELS, **changes})
    except Exception:  # NumPy cannot write it: then nobody can read it
        return
    for images in tried(npz.load, path, "mnist", split, "a test"):
        assert len(images) > 0 and images.pixels.dtype == np.uint8


@given(NAMES, SPLITS, st.one_of(st.none(), numbers(most=64)))
def test_images_by_name(name, split, size):
    for images in tried(load_images, name, split, False, size):
        assert len(images) > 0 and (size is None or images.image_shape[:2] == (size, size))


@given(NAMES, st.one_of(objects(), st.sampled_from(["laptop", "smoke", "papr"])), numbers(most=64))
def test_models_by_name(name, scale, image_size):
    for recipe in tried(recipes.find, name, scale):
        assert "prior" in recipe or "of" in recipe
    for network in tried(features.load, name, image_size):
        assert np.isfinite(predict(network, np.zeros((2, *network.input_shape[1:]), "float32"))).all()
    if not isinstance(name, str) or name not in recipes.RECIPES:
        for _ in tried(pretrained.load, name, None, scale):
            raise AssertionError("there is no such model")
        for _ in tried(cost.count, name, scale):
            raise AssertionError("there is no such model")


@given(st.dictionaries(st.sampled_from(["settings", "generator/000", "generator", "a/b/c", "generator/001"]),
                       st.one_of(anything(np.ones(3, "float32")), st.sampled_from(['{"a": 1}', "[]", "{", "NaN"])),
                       max_size=4), st.integers(0, 400))  # fmt: skip
def test_files_of_weights(tmp_path_factory, content, length):
    folder = tmp_path_factory.mktemp("odd")
    buffer = io.BytesIO()
    try:
        np.savez(buffer, **content)
    except Exception:  # as above
        return
    raw = buffer.getvalue()
    for number, data in enumerate((raw, raw[:length])):
        (folder / f"{number}.npz").write_bytes(data)
        listed = store.hashlib.sha256(data).hexdigest()
        (folder / "SHA256SUMS").write_text(f"{listed}  {number}.npz\n")
        for settings, weights in tried(store.read, str(number), "a command", folder):
            assert isinstance(settings, dict)
            assert all(np.isfinite(array).all() for part in weights.values() for array in part)


@given(st.one_of(objects(), st.dictionaries(st.sampled_from(["a", 1, None]), objects())))
def test_settings_of_weights(tmp_path_factory, settings):
    folder = tmp_path_factory.mktemp("odd")
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    for _ in tried(store.write, "a", {"generator": model}, settings, folder):
        assert store.read("a", "a command", folder)[1]["generator"][0].shape == (2, 1)


@given(numbers(most=64), numbers())
def test_refreshing(n, seed):
    model = keras.Sequential([keras.Input((2,)), keras.layers.BatchNormalization()])
    for _ in tried(refresh_batch_norm, model, Normal(2), n, seed):
        assert all(np.isfinite(weight).all() for weight in model.get_weights())
