import numpy as np
import pytest

from ganinv_keras.measures import distortions


@pytest.fixture
def images():
    return np.random.default_rng(0).uniform(size=(3, 64, 64, 3)).astype("float32")


@pytest.mark.parametrize("change", [
    lambda x: distortions.blur(x, 2), lambda x: distortions.shrink(x, 4), distortions.recolor, distortions.dark_glasses,
    distortions.crop, distortions.noise,
])  # fmt: skip
def test_images_stay_images_and_the_input_stays_as_it_was(images, change):
    before = images.copy()
    changed = change(images)
    assert changed.shape == images.shape and changed.dtype == np.float32
    assert changed.min() >= 0 and changed.max() <= 1 and np.array_equal(images, before)
    assert (changed != images).any((1, 2, 3)).all()


def test_blur_spreads_a_point_as_a_gaussian():
    point = np.zeros((1, 33, 33, 1), "float32")
    point[0, 16, 16] = 1
    blurred = distortions.blur(point, 2.0)[0, :, :, 0]
    assert blurred.sum() == pytest.approx(1, abs=1e-4)
    assert blurred[16, 18] / blurred[16, 16] == pytest.approx(np.exp(-0.5), abs=1e-3)


def test_blur_mixes_neither_images_nor_channels_and_repeats_the_border():
    ramp = np.zeros((2, 9, 9, 2), "float32")
    ramp[0, :, :, 0] = np.arange(9)[:, None] / 10
    blurred = distortions.blur(ramp, 1)
    weights = np.exp(-(np.arange(-4, 5) ** 2) / 2)
    assert not blurred[1].any() and not blurred[0, ..., 1].any()
    assert blurred[0, 0, 4, 0] == pytest.approx(weights[5:] @ [0.1, 0.2, 0.3, 0.4] / weights.sum(), rel=1e-5)


def test_shrink_averages_squares(images):
    shrunk = distortions.shrink(images, 4)
    assert np.allclose(shrunk[1, 8:12, 20:24], images[1, 8:12, 20:24].mean((0, 1)), atol=1e-6)


def test_square_mask(images):
    mask = distortions.square_mask(images, 10, 20, 30)
    assert mask.shape == (64, 64, 1) and (mask == 0).sum() == 100 and mask[20, 30] == 0 and mask[19, 30] == 1


def test_glasses_are_dark_where_the_eyes_are(images):
    changed = (distortions.dark_glasses(images) != images).any((0, 3))
    assert changed[31, 22] and changed[31, 42] and changed[31, 32] and not changed[20, 32] and not changed[45].any()


def test_noise_has_its_deviation_and_its_seed():
    grey = np.full((4, 64, 64, 1), 0.5, "float32")
    assert distortions.noise(grey, 0.1).std() == pytest.approx(0.1, rel=0.02)
    drawn = np.random.default_rng(1).normal(0, 0.1, grey.shape)
    assert np.allclose(distortions.noise(grey, 0.1, seed=1), np.clip(grey + drawn, 0, 1))


def test_the_seed_of_noise_may_be_of_numpy_and_another_one_draws_other_noise(images):
    one, other = (distortions.noise(images, 0.1, seed) for seed in (np.int64(1), 2))
    assert np.array_equal(one, distortions.noise(images, 0.1, 1)) and not np.array_equal(one, other)
    assert np.array_equal(distortions.noise(images), distortions.noise(images, 0.1, 0))


def test_recolor_by_hand():
    red = np.array([0.8, 0.2, 0.2], "float32").reshape(1, 1, 1, 3)
    assert np.allclose(distortions.recolor(red, 1 / 3, 0, 1), [0.2, 0.8, 0.2], atol=1e-5), "a third of the circle on"
    assert np.allclose(distortions.recolor(red, 0, 0, 0), 0.8, atol=1e-5), "grey has the largest of the three"
    assert np.allclose(distortions.recolor(red, 0, -0.3, 1), [0.5, 0, 0], atol=1e-5)
    assert distortions.recolor(red, 0, 0.5, 1).max() == 1
    assert np.allclose(distortions.recolor(red), distortions.recolor(red, 0.1, -0.1, 0.6))


def test_crop_by_hand():
    image = np.zeros((1, 8, 8, 1), "float32")
    image[0, 2:6, 2:6] = 1
    assert np.array_equal(distortions.crop(image, 0.5), np.ones((1, 8, 8, 1))) and distortions.crop(image, 1 / 8).all()
    assert np.array_equal(distortions.crop(image, 1), image) and distortions.crop(1.4 * image, 0.5).max() == 1
    rows = np.arange(40, dtype="float32").reshape(1, 40, 1, 1).repeat(40, 2) / 40
    assert distortions.crop(rows)[0, [0, -1], 20, 0] == pytest.approx([3 / 40, 36 / 40]), "three of forty on each side"


def test_the_outline_of_dark_glasses():
    white = np.ones((1, 64, 64, 1), "float32")
    dark = distortions.dark_glasses(white)[0, :, :, 0] < 1
    assert distortions.dark_glasses(white).min() == np.float32(0.05)
    assert dark[23:40, 22].all() and not dark[22, 22] and not dark[40, 22], "a radius of 8 around row 31"
    assert dark[31, 14:51].all() and not dark[31, 13] and not dark[31, 51]
    assert np.flatnonzero(dark[:, 32]).tolist() == [30, 31, 32], "the bridge"
    other = distortions.dark_glasses(white, 3, [2, 9], 1)[0, :, :, 0] < 1
    assert np.argwhere(other[:, :3]).tolist() == [[2, 2], [3, 1], [3, 2], [4, 2]] and other.sum() == 5 + 5 + 3 * 6 - 2
    assert (distortions.dark_glasses(white, 3, [2, 9], 0) < 1).sum() == 2 + 3 * 6, "the bridge ends before the eyes"


SIDES = np.zeros((2, 12, 18, 3), "float32")


@pytest.mark.parametrize("call, sentence", [
    (lambda: distortions.blur(SIDES, 19), "`width`. Expected a finite number from 0 to 18"),
    (lambda: distortions.blur(SIDES, -1), "`width`. Expected"),
    (lambda: distortions.blur(SIDES[:, :1, :1], 2), "`width`. Expected a finite number from 0 to 1"),
    (lambda: distortions.shrink(SIDES, 4), "`factor`. Expected a whole number that divides 12 and 18, .* Received: 4"),
    (lambda: distortions.shrink(SIDES, 9), "`factor`. Expected a whole number that divides 12 and 18"),
    (lambda: distortions.shrink(SIDES, 0), "`factor`. Expected a whole number ≥ 1"),
    (lambda: distortions.square_mask(SIDES, 13, 0, 0), "`size`. Expected a whole number from 1 to 12"),
    (lambda: distortions.square_mask(SIDES, 0, 0, 0), "`size`. Expected a whole number from 1 to 12"),
    (lambda: distortions.square_mask(SIDES, 5, 8, 0), "`top`. Expected a whole number from 0 to 7"),
    (lambda: distortions.square_mask(SIDES, 5, -1, 0), "`top`. Expected a whole number from 0 to 7"),
    (lambda: distortions.square_mask(SIDES, 5, 0, 14), "`left`. Expected a whole number from 0 to 13"),
    (lambda: distortions.square_mask(SIDES, 5, 0, -1), "`left`. Expected a whole number from 0 to 13"),
    (lambda: distortions.recolor(SIDES, hue=1.1), "`hue`. Expected a finite number from -1 to 1"),
    (lambda: distortions.recolor(SIDES, brightness=-1.1), "`brightness`. Expected a finite number from -1 to 1"),
    (lambda: distortions.recolor(SIDES, saturation=-0.1), "`saturation`. Expected a finite number ≥ 0"),
    (lambda: distortions.dark_glasses(SIDES, 12, (2, 6)), "`row`. Expected a finite number from 0 to 11"),
    (lambda: distortions.dark_glasses(SIDES), "`row`. Expected a finite number from 0 to 11. Received: 31"),
    (lambda: distortions.dark_glasses(SIDES, 5, (2, 18)), "`columns`. Expected a finite number from 0 to 17"),
    (lambda: distortions.dark_glasses(SIDES, 5, 7), "`columns`. Expected two numbers"),
    (lambda: distortions.dark_glasses(SIDES, 5, (1, 2, 3)), "`columns`. Expected two numbers"),
    (lambda: distortions.dark_glasses(SIDES, 5, (2, 6), -1), "`radius`. Expected a finite number from 0 to"),
    (lambda: distortions.crop(SIDES, 1.1), "`share`. Expected a finite number from 0.0833333 to 1"),
    (lambda: distortions.crop(SIDES, 0), "`share`. Expected a finite number from 0.0833333 to 1"),
    (lambda: distortions.noise(SIDES, -0.1), "`deviation`. Expected a finite number ≥ 0"),
    (lambda: distortions.noise(SIDES, 0.1, -1), "`seed`. Expected a whole number"),
    (lambda: distortions.noise(SIDES, 0.1, None), "`seed`. Expected a whole number"),
])  # fmt: skip
def test_settings_that_do_not_suit_the_images_are_refused(call, sentence):
    with pytest.raises(ValueError, match=sentence):
        call()


def test_settings_at_their_ends_are_taken():
    for changed in (
        distortions.blur(SIDES, 18), distortions.blur(SIDES.reshape(2, 18, 12, 3), 18).reshape(SIDES.shape),
        distortions.blur(SIDES, 0), distortions.shrink(SIDES, 6),
        distortions.recolor(SIDES, -1, 1, 0), distortions.recolor(SIDES, 1, -1, 0), distortions.noise(SIDES, 0),
        distortions.dark_glasses(SIDES, 11, (0, 17), 0), distortions.dark_glasses(SIDES, 0, (0, 17), 0),
    ):  # fmt: skip
        assert changed.shape == SIDES.shape
    assert distortions.square_mask(SIDES, 12, 0, 6)[:, 5:7, 0].tolist() == [[1, 0]] * 12
    assert distortions.square_mask(SIDES, 1, 11, 17).sum() == 12 * 18 - 1


def test_extremes_of_settings():
    x = np.random.default_rng(0).random((2, 8, 8, 3))
    assert np.allclose(distortions.noise(x, -0.0), x)
    assert distortions.blur(x.astype("float16"), 1).dtype == "float32"
    with pytest.raises(ValueError, match="argument `radius`. Expected a finite number from 0 to 16"):
        distortions.dark_glasses(x, 4, (2, 5), 1e154)
