import keras
import numpy as np
import pytest

from ganinv_keras.data import ImageSet, load_images
from ganinv_keras.measures import features, metrics

SHAPES = {"mnist": (32, 32, 1), "avatars": (32, 32, 3), "celeb_a": (32, 32, 3)}


@pytest.mark.parametrize("name", features.NAMES)
def test_shipped_networks_see_what_is_wrong_with_images(name):
    network = features.load(name)
    assert network.input_shape[1:] == SHAPES[name] and network.output_shape == (None, 64)
    assert network.name == f"features-{name}"
    stand_in = load_images("mnist" if name == "mnist" else "avatars", "train", verbose=False)[:800]
    x = stand_in.at(32).images
    noisy = np.clip(x + np.random.default_rng(0).normal(0, 0.2, x.shape), 0, 1).astype("float32")
    half, other, damaged = (np.asarray(network(a)) for a in (x[:400], x[400:], noisy[400:]))
    assert half.std(0).min() > 0.05, "no feature is the same for all images"
    assert metrics.fid(half, damaged) > 3 * metrics.fid(half, other)
    assert metrics.kid(half, damaged) > 3 * abs(metrics.kid(half, other))


def test_the_network_of_the_digits_knows_digits():
    test = load_images("mnist", "test", verbose=False).at(32)
    train = load_images("mnist", "train", verbose=False).at(32)[:1000]
    network = features.load("mnist")
    seen, unseen = np.asarray(network(train.images)), np.asarray(network(test.images))
    nearest = np.argmin(((unseen[:, None] - seen[None]) ** 2).sum(-1), axis=1)
    assert np.mean(train.labels[nearest] == test.labels) > 0.95


def test_targets_by_hand():
    pixels = np.zeros((4, 8, 8, 1), "uint8")
    attributes = {"hair": np.array(["a", "b", "a", "c"]), "age": np.array([1.0, 2.0, 3.0, 4.0], "float32")}
    images = ImageSet("x", "train", pixels, np.array([7, 9, 9, 7]), None, attributes, "a test")
    expected = [[1, 0, 1, 0, 0, 0], [0, 1, 0, 1, 0, 0], [0, 1, 1, 0, 0, 1], [1, 0, 0, 0, 1, 1]]
    assert np.array_equal(features.targets(images), expected)


def test_numbers_that_name_an_image_are_no_labels():
    images = ImageSet("x", "train", np.zeros((200, 8, 8, 1), "uint8"), None, None,
                      {"id": np.arange(200), "smiles": np.arange(200) % 2}, "a test")  # fmt: skip
    assert features.targets(images).shape == (200, 2)


def test_training_is_repeatable(monkeypatch):
    few = load_images("avatars", "train", verbose=False)[:32]
    monkeypatch.setattr(features.data, "load_images", lambda name, split: few)
    (first, settings), (second, _) = (features.train("avatars", steps=2, batch_size=16) for _ in range(2))
    assert settings["labels"] == features.targets(few).shape[1] == first.output_shape[1]
    bias = np.abs(first.get_weights()[-1])
    assert 1e-4 < bias.max() < 2e-3, "two steps of Adam, at 0.001 and less, from 0"
    assert all(np.allclose(a, b, atol=1e-4) for a, b in zip(first.get_weights(), second.get_weights(), strict=True))


def test_inception_takes_any_size(monkeypatch):
    made = keras.Sequential([keras.Input((None, None, 3)), keras.layers.GlobalAveragePooling2D()])
    monkeypatch.setattr(keras.applications, "InceptionV3", lambda **kwargs: made)
    x = np.full((2, 8, 8, 3), 0.75, "float32")
    assert np.allclose(features.inception()(x), 0.5), "it is given images in [-1, 1]"


def test_inception_without_a_network_names_the_way_out(monkeypatch):
    def fail(**kwargs):
        raise Exception("URL fetch failure")

    monkeypatch.setattr(keras.applications, "InceptionV3", fail)
    with pytest.raises(FileNotFoundError, match=r"use features\.load\(name\), which needs no network"):
        features.inception()


def test_larger_images_are_averaged():
    faces = load_images("avatars", "test", verbose=False)[:8]
    averaged = faces.images.reshape(8, 32, 2, 32, 2, 3).mean((2, 4))
    large, small = features.load("avatars", 64)(faces.images), features.load("avatars")(averaged)
    assert np.allclose(large, small, atol=1e-4)
    with pytest.raises(ValueError, match="Expected a multiple of 32. Received: 48"):
        features.load("avatars", 48)


def test_unknown_names_propose_the_nearest():
    with pytest.raises(ValueError, match="Did you mean 'celeb_a'"):
        features.load("celeba")


def test_labels_are_made_of_what_is_known():
    nothing = ImageSet("x", "train", np.zeros((4, 8, 8, 1), "uint8"), None, None, {}, "a test")
    with pytest.raises(ValueError, match="Nothing is known about the images of x/train"):
        features.targets(nothing)
    with pytest.raises(TypeError, match="Labels are made of an ImageSet, got ndarray"):
        features.targets(nothing.images)


@pytest.mark.parametrize("call, sentence", [
    (lambda: features.build((32, 32, 1), 0), "argument `labels`"),
    (lambda: features.build((32, 32, 1), 3, 0), "argument `width`"),
    (lambda: features.train("mnis"), "Did you mean 'mnist'"),
    (lambda: features.train("mnist", 0), "argument `steps`"),
    (lambda: features.train("mnist", 10, 0), "argument `batch_size`"),
])  # fmt: skip
def test_bad_arguments_of_building_and_training(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


@pytest.mark.parametrize("weights", ["nowhere.h5", None, 3])
def test_weights_of_inception_that_are_not_there(weights):
    with pytest.raises(FileNotFoundError, match='There is no weight file .*: give a path, or "imagenet" to'):
        features.inception(weights)


def test_a_weight_file_that_is_none(tmp_path, monkeypatch):
    def fail(weights, **kwargs):
        raise OSError(f"no HDF5 in {weights}")

    monkeypatch.setattr(keras.applications, "InceptionV3", fail)
    (tmp_path / "a.weights.h5").touch()
    with pytest.raises(FileNotFoundError, match=r"cannot load the weights .* from .*a\.weights\.h5: use .*no HDF5"):
        features.inception(str(tmp_path / "a.weights.h5"))
