import os

import numpy as np
import pytest
from PIL import Image

from ganinv_keras.data import load_images, open_images


def names(stream):
    return [os.path.basename(path) for path in stream.files]


def test_two_folders_are_the_two_splits(data_dir, write_images):
    train, test = write_images(data_dir / "celeb_a/train", 4, 70), write_images(data_dir / "celeb_a/test", 3, 64)
    (data_dir / "celeb_a/list_attr_celeba.txt").write_text("beside them nothing is looked at")
    assert np.array_equal(open_images("celeb_a", "test")[:].pixels, test)
    assert np.array_equal(open_images("celeb_a", "train", size=70)[:].pixels, train)


def test_of_one_folder_the_last_tenth_by_path_is_for_testing(data_dir, write_images):
    write_images(data_dir / "celeb_a/b", 11, 64)
    write_images(data_dir / "celeb_a/a/deeper", 10, 64)
    write_images(data_dir / "celeb_a/.hidden", 5, 64)
    (data_dir / "celeb_a/b/.DS_Store").write_bytes(b"hidden")
    train, test = open_images("celeb_a", "train"), open_images("celeb_a", "test")
    assert names(test) == ["09.png", "10.png"] and "celeb_a/b/" in test.files[0]
    assert names(train) == [f"{i:02}.png" for i in (*range(10), *range(9))]
    assert "celeb_a/a/deeper/" in train.files[9] and "celeb_a/b/" in train.files[10]


def test_a_linked_folder_is_followed(data_dir, write_images):
    write_images(data_dir / "elsewhere", 10, 64)
    (data_dir / "celeb_a").mkdir()
    (data_dir / "celeb_a/link").symlink_to(data_dir / "elsewhere")
    assert len(open_images("celeb_a")) == 9


def test_loading_and_opening_agree(data_dir, write_images, capsys):
    write_images(data_dir / "food101", 20, 90, 130)
    stream, image_set = open_images("food101", "train", size=40), load_images("food101", "train", size=40)
    assert np.array_equal(stream[:].pixels, image_set.pixels) and image_set.image_shape == (40, 40, 3)
    assert stream.source == image_set.source == "the folder food101 in $GANINV_DATA_DIR" and image_set.labels is None
    assert capsys.readouterr().out.splitlines() == [
        "food101/train: 18 images, decoded as they are needed, from the folder food101 in $GANINV_DATA_DIR",
        "food101/train: 18 images, from the folder food101 in $GANINV_DATA_DIR",
    ]


def test_files_that_are_no_images_are_named_all_at_once(data_dir, write_images):
    write_images(data_dir / "celeb_a", 16, 64)
    (data_dir / "celeb_a/00.txt").write_text("a list")
    (data_dir / "celeb_a/01.png").write_bytes(b"")
    (data_dir / "celeb_a/02.png").write_bytes((data_dir / "celeb_a/03.png").read_bytes()[:20])
    Image.new("I;16", (64, 64)).save(data_dir / "celeb_a/04.png")
    with pytest.raises(ValueError, match="Received: 4 of 16 files that are none or are broken: 00.txt, 01.png, 02.p"):
        open_images("celeb_a")
    assert len(open_images("celeb_a", "test")) == 1  # its own files are whole


def test_a_folder_of_too_small_images_is_passed_over_and_names_the_smallest(data_dir, write_images, capsys):
    write_images(data_dir / "avatars/a", 20, 64)
    Image.new("RGB", (90, 40)).save(data_dir / "avatars/a/07.png")
    assert len(open_images("avatars", "test")) == 2  # these are large enough
    capsys.readouterr()
    assert len(open_images("avatars", "train")) == 4000
    assert capsys.readouterr().out == (
        "avatars/train: 4,000 images, from the course's assets (passed over: "
        "the folder avatars in $GANINV_DATA_DIR: 40×40 pixels (in a/07.png))\n"
    )
    with pytest.raises(ValueError, match=r"avatars at 65×65 pixels \(the folder .*: 40×40 pixels.*assets: 64×64 pixel"):
        open_images("avatars", "train", size=65)


@pytest.mark.parametrize("split, count, sentence", [
    ("train", 0, "has no image for the train split. Put images into its folder train, or ten or more into the folder"),
    ("test", 9, "has no image for the test split"),
])  # fmt: skip
def test_a_folder_with_too_few_files_says_so(data_dir, write_images, split, count, sentence):
    write_images(data_dir / "celeb_a", count, 64) if count else (data_dir / "celeb_a").mkdir()
    with pytest.raises(ValueError, match=sentence):
        open_images("celeb_a", split)


def test_half_a_division_into_splits_is_refused(data_dir, write_images):
    write_images(data_dir / "celeb_a/test", 12, 64)
    assert len(open_images("celeb_a", "test")) == 12
    with pytest.raises(ValueError, match="Expected two folders, train and test, in .*, or neither. .* test alone"):
        open_images("celeb_a", "train")
    (data_dir / "celeb_a/train").mkdir()
    with pytest.raises(ValueError, match="no image for the train split. Put images into its folder train.$"):
        open_images("celeb_a", "train")


def test_digits_are_not_looked_for_in_folders(data_dir, write_images):
    write_images(data_dir / "mnist", 20, 28)
    assert open_images("mnist", "test").source == "the course's assets"
