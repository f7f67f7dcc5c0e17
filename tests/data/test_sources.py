import os
import shutil

import numpy as np
import pytest

from ganinv_keras.data import load_images, open_images, prepared, sources

PIXELS = np.arange(20 * 4, dtype="uint8").reshape(20, 2, 2, 1)
BOTH = pytest.mark.parametrize("take", [load_images, open_images])


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
    avatars = load_images("avatars", "test")
    assert avatars.attributes["fatness"].dtype == np.float32 and avatars.attributes["hair"].dtype.kind == "U"
    assert len(avatars.attributes) == 17


def test_test_alphabets_were_never_seen():
    train, test = load_images("alphabets", "train"), load_images("alphabets", "test")
    assert len(set(train.attributes["alphabet"])) + len(set(test.attributes["alphabet"])) >= 12
    assert not set(train.attributes["alphabet"]) & set(test.attributes["alphabet"])
    assert not set(train.labels) & set(test.labels)
    assert np.bincount(test.labels)[test.labels.min() :].tolist() == [20] * len(set(test.labels))
    assert not (test.images.sum((1, 2, 3)) < 2).any()


@BOTH
@pytest.mark.parametrize("name, stand_in", sorted(sources.STAND_INS.items()))
def test_a_missing_set_names_its_stand_in(take, name, stand_in):
    sentence = "there is no network for it.* set GANINV_DATA_DIR to it, or use load_images.."
    with pytest.raises(FileNotFoundError, match=sentence + stand_in):
        take(name)


def test_a_download_that_fails_names_the_stand_in_too(monkeypatch):
    import tensorflow_datasets as tfds

    monkeypatch.setattr(prepared, "_online", lambda: True)
    monkeypatch.setattr(tfds, "builder", lambda name: 1 / 0)
    with pytest.raises(FileNotFoundError, match=r"its download failed \(division by zero\).*load_images..avatars"):
        load_images("celeb_a")


def test_nothing_is_downloaded_that_would_be_too_small(monkeypatch):
    monkeypatch.setattr(prepared, "download", lambda name: pytest.fail("a download"))
    for name, size, side in (("mnist", 37, 28), ("omniglot", 64, 28), ("celeb_a", 149, 148), ("food101", 513, 512)):
        with pytest.raises(ValueError, match=f"{name} at {size}×{size} .*by download: {side}×{side} pixels"):
            load_images(name, size=size)


@BOTH
@pytest.mark.parametrize("arguments, sentence", [
    (("celeba",), "Unknown data set 'celeba'. Did you mean 'celeb_a'?"),
    ((None,), "Unknown data set None."),
    (("mnist", "tests"), "Unknown split 'tests'. Did you mean 'test'?"),
    (("mnist", ["train"]), r"Unknown split \['train'\]."),
])  # fmt: skip
def test_unknown_names_propose_the_nearest(take, arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        take(*arguments)


@pytest.mark.parametrize("size", [0, "64", 1.5, (64, 64), float("nan")])
def test_a_size_is_a_positive_integer(size):
    with pytest.raises(ValueError, match="`size`. Expected a whole number ≥ 1. Received: "):
        load_images("mnist", size=size)


def test_a_folder_of_yours_comes_first(data_dir, capsys):
    np.savez(data_dir / "mnist.npz", images=PIXELS)
    assert np.array_equal(load_images("mnist", "test").pixels, PIXELS[18:])
    assert np.array_equal(open_images("mnist", "test").pixels, PIXELS[18:])
    assert capsys.readouterr().out == 2 * "mnist/test: 2 images, from mnist.npz in $GANINV_DATA_DIR\n"
    load_images("mnist", "test", verbose=False)
    assert capsys.readouterr().out == ""


@BOTH
@pytest.mark.parametrize("gone", ["missing", "a file", "removed"])
def test_a_folder_that_is_none_is_named_though_it_was_one_before(data_dir, take, gone):
    np.savez(data_dir / "mnist.npz", images=PIXELS)
    take("mnist")
    shutil.rmtree(data_dir)
    if gone == "a file":
        data_dir.touch()
    for name in ("mnist", "alphabets", "celeb_a"):
        with pytest.raises(FileNotFoundError, match=f"GANINV_DATA_DIR is set to {data_dir}, which is no folder: corr"):
            take(name)


def test_a_file_that_is_replaced_is_read_anew(data_dir):
    path = data_dir / "food101.npz"
    np.savez(path, images=PIXELS)
    time = path.stat().st_mtime_ns
    first = load_images("food101")
    assert np.shares_memory(load_images("food101").pixels, first.pixels)
    np.savez(path, images=PIXELS + 100)  # the same size, and below the same time
    assert np.array_equal(load_images("food101").pixels, first.pixels + 100)
    np.savez(data_dir / "new.npz", images=PIXELS + 50)
    os.utime(data_dir / "new.npz", ns=(time, time))
    os.utime(path, ns=(time, time))
    load_images("food101")
    (data_dir / "new.npz").replace(path)
    assert np.array_equal(load_images("food101").pixels, first.pixels + 50)
    path.unlink()
    with pytest.raises(FileNotFoundError, match="food101 is not on this machine"):
        load_images("food101")


def test_what_is_kept_cannot_be_written_to(data_dir):
    np.savez(data_dir / "food101.npz", images=PIXELS, labels=np.arange(20), weight=np.ones(20))
    images = load_images("food101")
    for array in (images.pixels, images.labels, images.attributes["weight"]):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0
    assert images.images is not load_images("food101").images  # floats are not kept longer than their set


@pytest.mark.parametrize("size", [None, 28, 32, 14])
def test_whole_mnist_loses_the_embedded_test_digits_from_its_training_split(data_dir, monkeypatch, size):
    monkeypatch.delenv("GANINV_DATA_DIR")
    embedded = {split: load_images("mnist", split) for split in ("train", "test")}
    monkeypatch.setenv("GANINV_DATA_DIR", str(data_dir))
    pixels = np.concatenate([embedded["test"].pixels[:5], embedded["train"].pixels[:7]])
    np.savez(data_dir / "mnist.npz", images=pixels, labels=np.arange(12), split=np.zeros(12))
    train = load_images("mnist", "train", size=size)
    assert train.labels.tolist() == [5, 6, 7, 8, 9, 10, 11]
    assert np.array_equal(train.pixels, embedded["train"].at(size or 28).pixels[:7])


@BOTH
def test_a_size_is_averaged_or_bordered(take):
    assert np.array_equal(take("mnist", "test", size=32).pixels, load_images("mnist", "test").at(32).pixels)
    assert np.array_equal(take("avatars", "test", size=32).pixels, load_images("avatars", "test").at(32).pixels)


@BOTH
def test_a_source_of_fewer_pixels_is_passed_over_and_said_to_be(data_dir, take, capsys):
    np.savez(data_dir / "avatars.npz", images=np.full((20, 32, 32, 3), 9, "uint8"))
    assert take("avatars", "test", size=32).pixels.max() == 9
    capsys.readouterr()
    assert take("avatars", "test", size=40).image_shape == (40, 40, 3)
    assert capsys.readouterr().out == ("avatars/test: 400 images, from the course's assets "
                                       "(passed over: avatars.npz in $GANINV_DATA_DIR: 32×32 pixels)\n")  # fmt: skip
    np.savez(data_dir / "celeb_a.npz", images=np.full((20, 64, 64, 3), 9, "uint8"))
    with pytest.raises(
        ValueError,
        match=r"No source has celeb_a at 128×128 pixels \(celeb_a.npz in \$GANINV_DATA_DIR: "
        r"64×64 pixels; tensorflow-datasets by download: there is no network for it\), and im",
    ):
        take("celeb_a", size=128)


def test_a_package_without_its_assets_says_so(monkeypatch, tmp_path, data_dir):
    monkeypatch.setattr(sources, "ASSETS", tmp_path / "assets")
    np.savez(data_dir / "mnist.npz", images=PIXELS)
    for name in ("mnist", "avatars"):  # of mnist it holds the digits that nobody may train with
        sentence = f"assets/data/{name}.npz, which the course ships, is missing: copy the whole repository again"
        with pytest.raises(FileNotFoundError, match=sentence):
            load_images(name)
