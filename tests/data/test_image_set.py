import numpy as np
import pytest

from ganinv_keras.data import ImageSet, load_images


def made(pixels, labels=None, attributes=None):
    return ImageSet("made", "train", pixels, labels, None, attributes or {}, "a test")


def random_set(n, side, channels=1):
    pixels = np.random.default_rng(0).integers(0, 256, (n, side, side, channels)).astype("uint8")
    return made(pixels, np.arange(n), {"twice": 2 * np.arange(n)})


@pytest.mark.parametrize("pixels, received", [
    (np.zeros((3, 2, 2, 1)), r"float64 \(3, 2, 2, 1\)"),
    (np.zeros((3, 2, 2), "uint8"), r"uint8 \(3, 2, 2\)"),
    ([[[[0]]]], "list"),
    (None, "NoneType"),
])  # fmt: skip
def test_pixels_of_another_kind_are_refused(pixels, received):
    with pytest.raises(ValueError, match=rf"uint8 \(n, height, width, channels\). Received: {received}\."):
        made(pixels)


@pytest.mark.parametrize("labels, attributes, key, received", [
    (np.arange(4), None, "labels", r"int64 \(4,\)"),
    ([0, 1, 2], None, "labels", "list"),
    (np.arange(3), {"hair": np.arange(2)}, "hair", r"int64 \(2,\)"),
    (None, {"hair": np.array(1)}, "hair", r"int64 \(\)"),
])  # fmt: skip
def test_labels_that_do_not_belong_to_the_images_are_refused(labels, attributes, key, received):
    sentence = f"`{key}` as a NumPy array with an entry for each of the 3 images. Received: {received}."
    with pytest.raises(ValueError, match=sentence):
        made(np.zeros((3, 2, 2, 1), "uint8"), labels, attributes)


@pytest.mark.parametrize("index, chosen", [
    (3, [3]), (np.int32(3), [3]), (slice(1, 3), [1, 2]), (np.array([5, 2]), [5, 2]), ([5, 2], [5, 2]), ([], []),
    (np.arange(6) > 3, [4, 5]),
])  # fmt: skip
def test_selecting_keeps_labels_beside_their_images(index, chosen):
    images = random_set(6, 4)
    some = images[index]
    assert np.array_equal(some.pixels, images.pixels[chosen]) and some.labels.tolist() == chosen
    assert some.attributes["twice"].tolist() == [2 * number for number in chosen] and len(some) == len(chosen)


def test_what_a_set_says_of_itself():
    images = random_set(6, 4, 3)
    assert images.image_shape == (4, 4, 3) and images != random_set(6, 4, 3)  # a set equals itself alone
    assert images.images.dtype == np.float32 and np.array_equal(images.images, images.pixels / np.float32(255))


def test_batches_pass_through_every_image_and_resume_anywhere():
    images = random_set(10, 5)
    first = [batch.numpy() for batch in images.batches(4, seed=1).take(5)]
    assert all(batch.shape == (4, 5, 5, 1) and batch.dtype == np.float32 for batch in first)
    one_pass, second_pass = np.concatenate(first)[:10], np.concatenate(first)[10:20]
    for batch in (one_pass, second_pass):
        assert {b.tobytes() for b in batch} == {b.tobytes() for b in images.images}
    assert not np.array_equal(one_pass, second_pass)
    resumed = next(iter(images.batches(4, seed=1, first_step=3))).numpy()
    assert np.array_equal(resumed, first[3])


def test_an_order_belongs_to_its_seed():
    images = random_set(50, 1)
    orders = [next(iter(images.batches(50, seed))).numpy().tobytes() for seed in (0, 1, np.int64(1), np.uint8(1))]
    assert orders[0] != orders[1] and orders[1] == orders[2] == orders[3]
    assert next(iter(images.batches(50))).numpy().tobytes() == orders[0]


@pytest.mark.parametrize("arguments, sentence", [
    ({"batch_size": 11}, "batch_size=11 is larger than the 10 images of made/train"),
    ({"batch_size": 0}, "`batch_size`. Expected a whole number ≥ 1. Received: 0"),
    ({"batch_size": None}, "`batch_size`. Expected a whole number ≥ 1. Received: None"),
    ({"batch_size": 4, "seed": -1}, "`seed`. Expected a whole number ≥ 0. Received: -1"),
    ({"batch_size": 4, "seed": "0"}, "`seed`. Expected a whole number ≥ 0. Received: '0'"),
    ({"batch_size": 4, "first_step": -1}, "`first_step`. Expected a whole number ≥ 0. Received: -1"),
    ({"batch_size": 4, "first_step": 0.5}, "`first_step`. Expected a whole number ≥ 0. Received: 0.5"),
])  # fmt: skip
def test_batches_that_cannot_be_made_are_refused(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        random_set(10, 2).batches(**arguments)


def test_an_empty_set_has_no_batches():
    with pytest.raises(ValueError, match="batch_size=1 is larger than the 0 images"):
        random_set(10, 2)[:0].batches(1)


def test_mirror_images_follow_the_images():
    images = random_set(3, 6)
    twice = images.with_mirror_images()
    assert len(twice) == 6 and twice.labels.tolist() == [0, 1, 2, 0, 1, 2]
    assert np.array_equal(twice.pixels[:3], images.pixels)
    assert np.array_equal(twice.pixels[3, 4, 1:4], images.pixels[0, 4, [4, 3, 2]])


def test_averaging_keeps_the_mean_and_the_labels():
    images = random_set(1003, 8, 3)
    small = images.at(4)
    assert small.pixels.shape == (1003, 4, 4, 3) and small.pixels.dtype == np.uint8
    blocks = images.pixels.reshape(1003, 4, 2, 4, 2, 3).mean((2, 4))
    assert np.array_equal(small.pixels, np.round(blocks)) and small.attributes is images.attributes
    assert images.at(8) is images and len(images[:0].at(4)) == 0


def test_averaging_by_no_whole_number_weighs_parts_of_pixels():
    ramp = np.array([0, 30, 60], "uint8").reshape(1, 1, 3, 1).repeat(3, axis=1)
    assert made(ramp).at(2).pixels[0, 0, :, 0].tolist() == [10, 50]  # (0 + 30 / 2) / 1.5 and (30 / 2 + 60) / 1.5


def test_a_border_is_black_and_leaves_the_digits_alone():
    digits = load_images("mnist", "test", verbose=False)
    bordered = digits.at(32)
    assert bordered.pixels.shape == (500, 32, 32, 1) and np.array_equal(bordered.pixels[:, 2:-2, 2:-2], digits.pixels)
    assert bordered.pixels.sum() == digits.pixels.sum() and np.array_equal(bordered.labels, digits.labels)


def test_a_border_is_an_eighth_at_most():
    black = made(np.zeros((2, 28, 28, 1), "uint8"))
    assert black.at(29).image_shape == (29, 29, 1) and black.at(np.int64(36)).image_shape == (36, 36, 1)
    with pytest.raises(ValueError, match="Expected no more than there is, 28×28 pixels.*Received: 37"):
        black.at(37)  # would have 5 rows below: more than 37 / 8


def test_images_that_do_not_end_in_black_get_no_border():
    pixels = np.zeros((1, 9, 9, 1), "uint8")
    pixels[0, 0] = pixels[0, :, 0] = 1  # 9 + 1 + 9 + 1 of the 36 on the four edges, where corners count twice
    with pytest.raises(ValueError, match="Expected no more than there is, 9×9 pixels: images are not enlarged"):
        made(pixels).at(10)
    pixels[0, 0, 8] = 0  # and now 18
    assert made(pixels).at(10).image_shape == made(pixels[:0]).at(10).image_shape == (10, 10, 1)


def test_faces_are_not_enlarged():
    with pytest.raises(ValueError, match="Expected no more than there is, 64×64 pixels.*Received: 65"):
        load_images("avatars", "test", verbose=False).at(65)


def test_images_that_are_not_square_are_refused():
    with pytest.raises(ValueError, match="Expected square images. Received: 4×6 pixels. Crop them first."):
        made(np.zeros((2, 4, 6, 1), "uint8")).at(4)


@pytest.mark.parametrize("size", [0, -3, 2.5, None, "32", True])
def test_a_size_is_a_positive_integer(size):
    with pytest.raises(ValueError, match="`size`. Expected a whole number ≥ 1. Received: "):
        random_set(2, 4).at(size)
