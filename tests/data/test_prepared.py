import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ganinv_keras.data import ImageSet, ImageStream, load_images, open_images, prepared

GENERATOR = np.random.default_rng(0)


@pytest.fixture
def prepare(tmp_path, monkeypatch):
    """A function that prepares a set from its features and, for each split, its examples."""
    import tensorflow_datasets as tfds

    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))

    def write(name, features, **splits):
        features = tfds.features.FeaturesDict(features(tfds.features))
        splits = {split: list(enumerate(examples)) for split, examples in splits.items()}
        return tfds.dataset_builders.store_as_tfds_dataset(name, "3.0.1", features, splits, data_dir=tmp_path).data_dir

    return write


@pytest.fixture
def faces(prepare):
    """Six photographs of CelebA's size, of which each one's faces are all grey, and the folder they are prepared in."""
    photographs = GENERATOR.integers(0, 256, (6, 218, 178, 3)).astype("uint8")
    photographs[:, 40:188, 15:163] = 40 * np.arange(6).reshape(6, 1, 1, 1)
    examples = [{"image": image, "attributes": {"Bald": n % 2 == 1}} for n, image in enumerate(photographs)]

    def features(f):
        return {"image": f.Image(shape=(218, 178, 3), encoding_format="jpeg"), "attributes": {"Bald": np.bool_}}

    return prepare("celeb_a", features, train=examples[:4], test=examples[4:])


def test_a_prepared_set_comes_before_the_embedded_one(prepare, capsys):
    pixels = np.pad(GENERATOR.integers(0, 256, (5, 24, 24, 1)).astype("uint8"), [(0, 0), (2, 2), (2, 2), (0, 0)])
    examples = [{"image": image, "label": n} for n, image in enumerate(pixels)]
    prepare("mnist", lambda f: {"image": f.Image(shape=(28, 28, 1)), "label": f.ClassLabel(num_classes=10)},
            train=examples[:3], test=examples[3:])  # fmt: skip
    train, test = load_images("mnist", "train"), load_images("mnist", "test", size=32)
    assert "mnist/train: 3 images, from tensorflow-datasets on this machine" in capsys.readouterr().out
    assert np.array_equal(np.sort(train.labels), [0, 1, 2]) and np.array_equal(np.sort(test.labels), [3, 4])
    assert np.array_equal(train.pixels, pixels[train.labels])
    assert np.array_equal(test.pixels[:, 2:-2, 2:-2], pixels[test.labels])
    assert isinstance(open_images("mnist", "train", size=14), ImageSet)


def test_a_stream_of_faces_holds_what_loading_them_gives(faces, capsys):
    train, stream = load_images("celeb_a", "train", size=100), open_images("celeb_a", "train", size=100)
    assert isinstance(stream, ImageStream) and train.image_shape == stream.image_shape == (100, 100, 3)
    assert np.array_equal(train.pixels, stream[:].pixels)
    assert np.array_equal(next(iter(train.batches(3))), next(iter(stream.batches(3))))
    assert capsys.readouterr().out.endswith("decoded as they are needed, from tensorflow-datasets on this machine\n")
    middle = train.pixels[:, 15:-15, 15:-15].astype(int)  # JPEG mixes at the edges
    assert np.ptp(middle, axis=(1, 2, 3)).max() == 0 and sorted(middle[:, 0, 0, 0]) == [0, 40, 80, 120]
    assert np.array_equal(train.attributes["Bald"], middle[:, 0, 0, 0] // 40 % 2)


def test_the_usual_size_of_faces_and_the_largest(faces):
    assert load_images("celeb_a", "test").image_shape == open_images("celeb_a", "test").image_shape == (64, 64, 3)
    largest = load_images("celeb_a", "test", size=148)
    files = open_images("celeb_a", "test").files
    decoded = [np.asarray(Image.open(io.BytesIO(file)))[40:188, 15:163] for file in files]
    assert np.array_equal(largest.pixels, decoded)
    for take in (load_images, open_images):
        with pytest.raises(ValueError, match=r"at 149×149 pixels \(tensorflow-datasets on .*: 148×148 pixels\)"):
            take("celeb_a", "test", size=149)


def test_of_a_photograph_of_food_the_middle_is_averaged(prepare):
    wide, high = np.zeros((128, 384, 3), "uint8"), np.zeros((200, 100, 3), "uint8")
    wide[:, 128:256], high[50:150] = 90, 60
    prepare("food101", lambda f: {"image": f.Image(encoding_format="png"), "label": f.ClassLabel(num_classes=101)},
            train=[{"image": wide, "label": 5}], validation=[{"image": high, "label": 7}])  # fmt: skip
    train, test = load_images("food101", "train"), open_images("food101", "test", size=100)
    assert train.image_shape == (64, 64, 3) and np.unique(train.pixels).tolist() == [90] and train.labels == [5]
    assert test.image_shape == (100, 100, 3) and np.unique(test.pixels).tolist() == [60] and test.labels == [7]
    with pytest.raises(ValueError, match="101×101 pixels .*: an image whose shorter side is 100 pixels"):
        load_images("food101", "test", size=101)


def test_omniglot_is_turned_to_bright_ink():
    white = np.full((105, 105, 3), 255, "uint8")
    white[:15, :15] = 0
    example = prepared.convert({"image": white, "alphabet": 3, "label": 70}, "omniglot", 28)
    assert example["images"].shape == (28, 28, 1) and example["character"] == 70 and example["alphabet"] == 3
    pixels = example["images"].numpy()
    assert pixels[:4, :4].min() == 255 and pixels[4:].max() == 0  # 15 of 105 is 4 of 28


def test_of_two_versions_the_newer_is_found(tmp_path, monkeypatch):
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    for version in ("2.0.1", "2.1.0", "2.0.0"):
        (tmp_path / "celeb_a" / version).mkdir(parents=True)
        (tmp_path / "celeb_a" / version / "dataset_info.json").touch()
    assert prepared.find("celeb_a") == tmp_path / "celeb_a/2.1.0" and prepared.find("food101") is None


def test_a_prepared_folder_that_is_broken_is_named(faces):
    faces = Path(faces)
    records = sorted(faces.glob("*train*"))
    records[0].write_bytes(records[0].read_bytes()[:-100])
    for take in (load_images, open_images):
        with pytest.raises(ValueError, match=f"{faces} cannot be read by tensorflow-datasets .*: prepare it again"):
            take("celeb_a", "train")
    (faces / "dataset_info.json").write_text("no json")
    with pytest.raises(ValueError, match=f"{faces} cannot be read by tensorflow-datasets"):
        load_images("celeb_a", "test")


def test_a_folder_that_may_not_be_read_is_named(monkeypatch):
    def refuse(self, pattern):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setenv("TFDS_DATA_DIR", "/theirs")
    monkeypatch.setattr(Path, "rglob", refuse)
    with pytest.raises(PermissionError, match=r"Cannot read /theirs \(Permission denied\): make it readable, or set"):
        prepared.find("celeb_a")
