import numpy as np
import pytest

from ganinv_keras.data import load_images

PIXELS = np.arange(20 * 4, dtype="uint8").reshape(20, 2, 2, 1)
HALVES = np.arange(20) % 2


@pytest.fixture
def write(data_dir):
    """A function that writes arrays as the file that `food101` is read from."""
    return lambda **arrays: np.savez(data_dir / "food101.npz", **arrays)


def test_labels_and_attributes_go_with_their_images(write):
    write(images=PIXELS, split=HALVES, labels=np.arange(20), label_names=np.array(["a", "b"]), weight=np.arange(20.0),
          attributes=np.eye(20, 3, dtype="uint8"), attribute_names=np.array(["Bald", "Smiling", "Young"]))  # fmt: skip
    test = load_images("food101", "test")
    assert np.array_equal(test.pixels, PIXELS[1::2]) and test.labels.tolist() == list(range(1, 20, 2))
    assert test.label_names == ("a", "b") and test.attributes["weight"].tolist() == list(range(1, 20, 2))
    assert test.attributes["Smiling"].tolist() == [1] + [0] * 9 and list(test.attributes)[1:] == [
        "Bald", "Smiling", "Young"]  # fmt: skip


def test_a_set_without_split_keeps_its_last_tenth_for_testing(write):
    write(images=PIXELS, labels=np.arange(20))
    assert load_images("food101", "test").labels.tolist() == [18, 19]
    assert len(load_images("food101", "train")) == 18
    write(images=PIXELS[:19], labels=np.arange(19))
    assert load_images("food101", "test").labels.tolist() == [18]


@pytest.mark.parametrize("split", [HALVES.astype(bool), HALVES.astype(float), HALVES.astype("uint8")])
def test_a_split_is_zeros_and_ones_of_any_type(write, split):
    write(images=PIXELS, split=split)
    assert np.array_equal(load_images("food101", "train").pixels, PIXELS[::2])


@pytest.mark.parametrize("arrays, sentence", [
    ({"images": PIXELS / 255}, r"Expected images as .* uint8 .* Received: float64 \(18, 2, 2, 1\)"),
    ({"images": PIXELS[..., 0]}, r"Received: uint8 \(18, 2, 2\)"),
    ({"images": PIXELS[:0]}, "Expected `images`, uint8 .* Received: none."),
    ({"images": np.uint8(3)}, r"Received: uint8 \(1,\)"),
    ({"labels": np.arange(20)}, "Expected `images`, uint8 .* Received: none."),
    ({"images": PIXELS, "split": HALVES.astype(str)}, r"0 for train and 1 for test. Received: <U21 \(20,\)\."),
    ({"images": PIXELS, "split": HALVES[:-1]}, r"`split` with an entry for each of the 20 images. .* int64 \(19,\)"),
    ({"images": PIXELS, "split": 1}, r"`split` with an entry for each of the 20 images. Received: int64 \(\)"),
    ({"images": PIXELS, "split": HALVES[:, None]}, r"Received: int64 \(20, 1\) with 0, 1"),
    ({"images": PIXELS, "split": np.where(HALVES, 1, np.nan)}, r"Received: float64 \(20,\) with 1.0, nan"),
    ({"images": PIXELS, "split": 2 * HALVES}, r"Received: int64 \(20,\) with 0, 2"),
    ({"images": PIXELS, "split": np.ones(20)}, "None of the 20 images belongs to the train split. Mark some"),
    ({"images": PIXELS, "labels": np.arange(21)}, r"`labels` with an entry for each of the 20 images. .* int64 \(21,"),
    ({"images": PIXELS, "hair": np.arange(19)}, r"`hair` with an entry for each of the 20 images. .* int64 \(19,"),
    ({"images": PIXELS, "attributes": np.eye(20, 3)}, r"`attribute_names`, \(k,\). .* \(20, 3\) and float64 \(0,\)"),
    ({"images": PIXELS, "attributes": np.eye(20), "attribute_names": ["a"]}, r"\(20, 20\) and <U1 \(1,\)"),
    ({"webp": np.arange(9, dtype="uint8"), "ends": np.array([4, 9])}, "An image cannot be decoded"),
])  # fmt: skip
def test_a_file_that_is_not_as_described_is_named(write, data_dir, arrays, sentence):
    write(**arrays)
    with pytest.raises(ValueError, match=f"{data_dir / 'food101.npz'}: .*{sentence}"):
        load_images("food101")


@pytest.mark.parametrize("content", [b"not a zip", b"", b"PK\x03\x04 and no more"])
def test_a_file_that_cannot_be_read_is_named(data_dir, content):
    (data_dir / "food101.npz").write_bytes(content)
    with pytest.raises(ValueError, match=f"{data_dir / 'food101.npz'} cannot be read as an npz file .*: copy it again"):
        load_images("food101")


@pytest.mark.parametrize("kind", ["truncated", "a folder", "pickled"])
def test_a_file_that_is_no_longer_whole_is_named(write, data_dir, kind):
    path = data_dir / "food101.npz"
    if kind == "a folder":
        path.mkdir()
    else:
        write(images=PIXELS if kind == "truncated" else np.array([None, 1], object))
    if kind == "truncated":
        path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(ValueError, match="food101.npz cannot be read as an npz file"):
        load_images("food101")
