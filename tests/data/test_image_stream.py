from pathlib import Path

import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from ganinv_keras.data import ImageStream, load_images, open_images


@pytest.fixture
def stream(tmp_path, write_images):
    """Ten images of 12×12 pixels, read at 6×6."""
    write_images(tmp_path / "ten", 10, 12)
    files = [str(path) for path in sorted((tmp_path / "ten").iterdir())]
    return ImageStream("ten", "train", "a test", 6, files)


def first_batches(images, **options):
    return np.stack([batch.numpy() for batch in images.batches(4, **options).take(7)])


def test_a_stream_and_a_set_of_the_same_images_give_equal_batches(stream):
    assert len(stream) == 10 and stream.image_shape == stream[:].image_shape == (6, 6, 3)
    batches = first_batches(stream, seed=3)
    assert batches.dtype == np.float32 and np.array_equal(batches, first_batches(stream[:], seed=3))
    assert not np.array_equal(batches, first_batches(stream, seed=4))
    assert np.array_equal(batches[2:], first_batches(stream, seed=3, first_step=2)[:5])


def test_mirror_images_are_those_of_the_set(stream):
    twice, four = stream.with_mirror_images(), stream.with_mirror_images().with_mirror_images()
    assert len(twice) == 20 and np.array_equal(twice[13].pixels[0], stream[3].pixels[0, :, ::-1])
    assert np.array_equal(twice[:].pixels, stream[:].with_mirror_images().pixels)
    assert np.array_equal(four[:].pixels, twice[:].with_mirror_images().pixels)
    assert np.array_equal(first_batches(twice, seed=1), first_batches(twice[:], seed=1))


@pytest.mark.parametrize("index, chosen", [
    (3, [3]), (np.int64(-1), [9]), (slice(2, 4), [2, 3]), (np.array([7, 7, 1]), [7, 7, 1]), ([], []),
])  # fmt: skip
def test_an_index_decodes_images(stream, index, chosen):
    some = stream[index]
    assert np.array_equal(some.pixels, stream[:].pixels[chosen]) and some.pixels.shape == (len(chosen), 6, 6, 3)
    assert (some.name, some.split, some.source, some.labels) == ("ten", "train", "a test", None)


def test_pixels_are_averages_of_what_the_file_holds(stream):
    pixels = np.asarray(Image.open(stream.files[4]))
    assert np.array_equal(stream[4].pixels[0], np.round(pixels.reshape(6, 2, 6, 2, 3).mean((1, 3))))


@pytest.mark.parametrize("kind", ["broken", "gone"])
def test_a_file_that_cannot_be_decoded_is_named_at_its_step(stream, kind):
    before = first_batches(stream, seed=0)
    path = Path(stream.files[8])
    content = path.read_bytes()
    path.unlink()
    if kind == "broken":
        path.write_bytes(content[: len(content) // 2])
    reason = {"broken": "image file is truncated", "gone": "No such file"}[kind]
    sentence = rf"{path} cannot be decoded \(.*{reason}.*\): replace or remove it."
    with pytest.raises(ValueError, match=sentence):
        stream[:]
    batches = iter(stream.batches(4, seed=0))
    with pytest.raises(tf.errors.InvalidArgumentError, match=sentence):
        for expected in before:
            assert np.array_equal(next(batches).numpy(), expected)  # none before it is lost


def test_a_file_in_memory_that_cannot_be_decoded_is_named_by_its_number():
    stream = ImageStream("four", "test", "a test", 6, [b"x"] * 4)
    with pytest.raises(ValueError, match="Image 2 of four/test cannot be decoded"):
        stream.with_mirror_images()[[6]]
    with pytest.raises(tf.errors.InvalidArgumentError, match="Image . of four/test cannot be decoded"):
        next(iter(stream.batches(2)))


def test_batches_that_cannot_be_made_are_refused(stream):
    with pytest.raises(ValueError, match="batch_size=11 is larger than the 10 images of ten/train"):
        stream.batches(11)
    with pytest.raises(ValueError, match="`seed`. Expected a whole number ≥ 0. Received: None"):
        stream.batches(4, seed=None)
    assert next(iter(stream.batches(np.float64(2), seed=np.int32(1)))).shape == (2, 6, 6, 3)


def test_of_a_celeba_photograph_the_face_is_cut_out(data_dir):
    (data_dir / "celeb_a/test").mkdir(parents=True)
    face = np.zeros((218, 178, 3), "uint8")
    face[40:188, 15:163] = 200
    Image.fromarray(face).save(data_dir / "celeb_a/test/1.png")
    Image.fromarray(face[:-1]).save(data_dir / "celeb_a/test/2.png")  # of another size: the middle, 178×178
    Image.fromarray(face.transpose(1, 0, 2)).save(data_dir / "celeb_a/test/3.png")
    aligned, other, turned = open_images("celeb_a", "test", size=148)[:].pixels
    assert aligned.min() == aligned.max() == 200
    assert other.min() == turned.min() == 0
    with pytest.raises(ValueError, match=r"148×148 pixels \(in test/1.png\)"):
        open_images("celeb_a", "test", size=149)
    (data_dir / "food101/test").mkdir(parents=True)
    Image.fromarray(face).save(data_dir / "food101/test/1.png")
    (middle,) = open_images("food101", "test", size=178)[:].pixels
    assert np.array_equal(middle, face[20:198])


@pytest.mark.parametrize("mode, color, ending, options", [
    ("L", 90, "png", {}), ("RGBA", (90, 90, 90, 9), "png", {}), ("1", 1, "png", {}), ("P", 0, "gif", {}),
    ("RGB", (90, 90, 90), "bmp", {}), ("RGB", (90, 90, 90), "tif", {}), ("RGB", (90, 90, 90), "webp", {}),
    ("CMYK", (0, 0, 0, 165), "jpg", {}), ("RGB", (90, 90, 90), "jpg", {"progressive": True}),
])  # fmt: skip
def test_the_usual_kinds_of_images_are_decoded(data_dir, mode, color, ending, options):
    (data_dir / "avatars/test").mkdir(parents=True)
    Image.new(mode, (80, 70), color).save(data_dir / f"avatars/test/image.{ending}", **options)
    pixels = load_images("avatars", "test").pixels
    expected = {"1": 255, "P": 0}.get(mode, 90)
    assert pixels.shape == (1, 64, 64, 3) and np.abs(pixels.astype(int) - expected).max() <= 1


def test_of_an_animation_the_first_frame_is_taken(data_dir):
    (data_dir / "avatars/test").mkdir(parents=True)
    frames = [Image.new("RGB", (64, 64), color) for color in ("red", "blue")]
    frames[0].save(data_dir / "avatars/test/a.gif", save_all=True, append_images=frames[1:])
    assert load_images("avatars", "test").pixels[0, 5, 5].tolist() == [255, 0, 0]
