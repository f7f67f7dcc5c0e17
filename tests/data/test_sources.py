import numpy as np
import pytest

from ganinv_keras import data
from ganinv_keras.data import load_images, sources


@pytest.fixture(autouse=True)
def no_network(monkeypatch):
    monkeypatch.setattr(sources, "_online", lambda: False)
    sources._load.cache_clear()


@pytest.mark.parametrize("name, sizes, shape", [
    ("mnist", (4500, 500), (28, 28, 1)),
    ("avatars", (4000, 400), (64, 64, 3)),
    ("alphabets", (None, None), (28, 28, 1)),
])  # fmt: skip
def test_embedded_sets(name, sizes, shape, capsys):
    for split, size in zip(("train", "test"), sizes, strict=True):
        images = load_images(name, split)
        assert images.pixels.dtype == np.uint8 and images.pixels.shape[1:] == shape
        assert images.images.dtype == np.float32 and images.images.min() == 0 and images.images.max() <= 1
        assert size is None or len(images) == size
        assert all(len(value) == len(images) for value in images.attributes.values())
    assert f"{name}/test: {len(images):,} images, from the course" in capsys.readouterr().out


def test_embedded_digits_are_balanced_and_disjoint():
    train, test = load_images("mnist", "train"), load_images("mnist", "test")
    assert np.bincount(train.labels).tolist() == [450] * 10 and np.bincount(test.labels).tolist() == [50] * 10
    assert not {p.tobytes() for p in train.pixels} & {p.tobytes() for p in test.pixels}


def test_avatars_carry_their_labels():
    avatars = load_images("avatars", "train")
    assert avatars.attributes["fatness"].dtype == np.float32 and avatars.attributes["hair"].dtype.kind == "U"
    assert len(avatars.attributes) == 17


def test_test_alphabets_were_never_seen():
    train, test = load_images("alphabets", "train"), load_images("alphabets", "test")
    assert len(set(train.attributes["alphabet"])) + len(set(test.attributes["alphabet"])) >= 12
    assert not set(train.attributes["alphabet"]) & set(test.attributes["alphabet"])
    assert not set(train.labels) & set(test.labels)
    assert np.bincount(test.labels)[test.labels.min() :].tolist() == [20] * len(set(test.labels))
    blank = test.images.sum((1, 2, 3)) < 2
    assert not blank.any()


@pytest.mark.parametrize("name, stand_in", sorted(sources.STAND_INS.items()))
def test_a_missing_set_names_its_stand_in(name, stand_in):
    with pytest.raises(FileNotFoundError, match=f"set GANINV_DATA_DIR to it, or use load_images..{stand_in}"):
        load_images(name)


def test_a_download_that_fails_names_the_stand_in_too(monkeypatch):
    monkeypatch.setattr(sources, "_online", lambda: True)
    monkeypatch.setattr(sources, "_from_tfds", lambda name, folder: 1 / 0)
    with pytest.raises(FileNotFoundError, match=r"its download failed \(division by zero\).*load_images..avatars"):
        load_images("celeb_a")


def test_a_set_that_tensorflow_datasets_has_prepared_comes_before_the_embedded_one(tmp_path, monkeypatch, capsys):
    import tensorflow as tf
    import tensorflow_datasets as tfds

    pixels = np.arange(5 * 784, dtype="int64").reshape(5, 28, 28, 1).astype("uint8")
    features = tfds.features.FeaturesDict(
        {"image": tfds.features.Image(shape=(28, 28, 1)), "label": tfds.features.ClassLabel(num_classes=10)}
    )
    splits = {
        name: tf.data.Dataset.from_tensor_slices({"image": pixels[part], "label": np.arange(5)[part]})
        for name, part in (("train", slice(0, 3)), ("test", slice(3, 5)))
    }
    tfds.dataset_builders.store_as_tfds_dataset("mnist", "3.0.1", features, splits, data_dir=tmp_path)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    train, test = load_images("mnist", "train"), load_images("mnist", "test")
    assert "from tensorflow-datasets on this machine" in capsys.readouterr().out
    assert np.array_equal(np.sort(train.labels), [0, 1, 2]) and np.array_equal(np.sort(test.labels), [3, 4])
    assert all(np.array_equal(image, pixels[label]) for image, label in zip(test.pixels, test.labels, strict=True))


def test_unknown_names_propose_the_nearest():
    with pytest.raises(ValueError, match="Unknown data set 'celeba'. Did you mean 'celeb_a'?"):
        load_images("celeba")
    with pytest.raises(ValueError, match="Unknown split 'tests'. Did you mean 'test'?"):
        load_images("mnist", "tests")


def test_a_folder_of_yours_comes_first(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GANINV_DATA_DIR", str(tmp_path))
    pixels = np.arange(20 * 4, dtype="uint8").reshape(20, 2, 2, 1)
    np.savez(tmp_path / "celeb_a.npz", images=pixels, split=np.arange(20) % 2, attributes=np.eye(20, 3, dtype="uint8"),
             attribute_names=np.array(["Bald", "Smiling", "Young"]))  # fmt: skip
    test = load_images("celeb_a", "test")
    assert np.array_equal(test.pixels, pixels[1::2])
    assert test.attributes["Smiling"].tolist() == [1] + [0] * 9
    assert "from celeb_a.npz in $GANINV_DATA_DIR" in capsys.readouterr().out


@pytest.mark.parametrize("folder", ["missing", "a_file"])
def test_a_folder_that_is_none_is_named(tmp_path, monkeypatch, folder):
    (tmp_path / "a_file").touch()
    monkeypatch.setenv("GANINV_DATA_DIR", str(tmp_path / folder))
    with pytest.raises(
        FileNotFoundError, match=f"GANINV_DATA_DIR is set to .*{folder}, which is no folder: correct it"
    ):
        load_images("mnist")


def test_a_set_without_split_keeps_its_last_tenth_for_testing(tmp_path, monkeypatch):
    monkeypatch.setenv("GANINV_DATA_DIR", str(tmp_path))
    pixels = np.arange(20 * 4, dtype="uint8").reshape(20, 2, 2, 1)
    np.savez(tmp_path / "food101.npz", images=pixels, labels=np.arange(20))
    assert load_images("food101", "test").labels.tolist() == [18, 19]
    assert len(load_images("food101", "train")) == 18


def test_whole_mnist_loses_the_embedded_test_digits_from_its_training_split(tmp_path, monkeypatch):
    embedded = {split: load_images("mnist", split) for split in ("train", "test")}
    sources._load.cache_clear()
    monkeypatch.setenv("GANINV_DATA_DIR", str(tmp_path))
    pixels = np.concatenate([embedded["train"].pixels[:7], embedded["test"].pixels[:5]])
    np.savez(tmp_path / "mnist.npz", images=pixels, labels=np.zeros(12), split=np.zeros(12))
    assert np.array_equal(load_images("mnist", "train").pixels, pixels[:7])


@pytest.mark.parametrize("content, sentence", [
    (b"not a zip", "cannot be read as an npz file"),
    (None, r"must hold `images`, uint8 \(n, height, width, channels\), got float64 \(3, 2, 2, 1\)"),
])  # fmt: skip
def test_a_bad_file_says_what_is_wrong(tmp_path, monkeypatch, content, sentence):
    monkeypatch.setenv("GANINV_DATA_DIR", str(tmp_path))
    path = tmp_path / "mnist.npz"
    path.write_bytes(content) if content else np.savez(path, images=np.zeros((3, 2, 2, 1)))
    with pytest.raises(ValueError, match=sentence):
        load_images("mnist")


def test_conversions_from_tensorflow_datasets():
    white = np.full((105, 105, 3), 255, "uint8")
    white[:15, :15] = 0
    omniglot = sources._convert("omniglot", {"image": white, "alphabet": 3, "label": 70})
    assert omniglot["images"].shape == (28, 28, 1) and omniglot["character"] == 70
    assert omniglot["images"][:4, :4].min() == 255 and omniglot["images"][4:].max() == 0  # 15 of 105 is 4 of 28
    face = np.zeros((218, 178, 3), "uint8")
    face[40:188, 15:163] = 200
    celeb = sources._convert("celeb_a", {"image": face, "attributes": {"Bald": True}})
    assert celeb["images"].shape == (64, 64, 3) and celeb["images"].min() == 200 and celeb["Bald"] == 1
    wide = np.zeros((128, 384, 3), "uint8")
    wide[:, 128:256] = 90
    food = sources._convert("food101", {"image": wide, "label": 5})
    assert food["images"].shape == (64, 64, 3) and food["images"].min() == 90 and food["labels"] == 5


def test_batches_pass_through_every_image_and_resume_anywhere():
    images = load_images("mnist", "test")[:10]
    first = [batch.numpy() for batch in images.batches(4, seed=1).take(5)]
    assert all(batch.shape == (4, 28, 28, 1) and batch.dtype == np.float32 for batch in first)
    one_pass = np.concatenate(first)[:10]
    assert {b.tobytes() for b in one_pass} == {b.tobytes() for b in images.images}
    second_pass = np.concatenate(first)[10:20]
    assert {b.tobytes() for b in second_pass} == {b.tobytes() for b in images.images}
    assert not np.array_equal(one_pass, second_pass)
    resumed = next(iter(images.batches(4, seed=1, first_step=3))).numpy()
    assert np.array_equal(resumed, first[3])
    with pytest.raises(ValueError, match="batch_size=11 is larger than the 10 images of mnist/test"):
        images.batches(11)


def test_selecting_keeps_labels_beside_their_images():
    test = load_images("mnist", "test")
    chosen = test[np.array([5, 2])]
    assert np.array_equal(chosen.pixels[1], test.pixels[2]) and chosen.labels.tolist() == test.labels[[5, 2]].tolist()
    assert len(test[3]) == 1


def test_mirror_images_follow_the_images():
    digits = load_images("mnist", "test", verbose=False)[:3]
    twice = digits.with_mirror_images()
    assert len(twice) == 6 and np.array_equal(twice.labels, np.tile(digits.labels, 2))
    assert np.array_equal(twice.pixels[:3], digits.pixels)
    assert np.array_equal(twice.pixels[3, 10, 5:8], digits.pixels[0, 10, [22, 21, 20]])


def test_averaging_keeps_the_mean_and_the_labels():
    faces = data.load_images("avatars", "test", verbose=False)[:20]
    small = faces.at(32)
    assert small.pixels.shape == (20, 32, 32, 3) and small.pixels.dtype == np.uint8
    blocks = faces.images.reshape(20, 32, 2, 32, 2, 3).mean((2, 4))
    assert np.allclose(small.images, blocks, atol=0.6 / 255) and small.attributes is faces.attributes
    assert np.array_equal(faces.at(64).pixels, faces.pixels)


def test_a_border_is_black_and_leaves_the_digits_alone():
    digits = data.load_images("mnist", "test", verbose=False)
    bordered = digits.at(32)
    assert bordered.pixels.shape == (500, 32, 32, 1) and np.array_equal(bordered.pixels[:, 2:-2, 2:-2], digits.pixels)
    assert bordered.pixels.sum() == digits.pixels.sum() and np.array_equal(bordered.labels, digits.labels)
