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
    assert np.array_equal(distortions.noise(grey, 0.1, seed=1), distortions.noise(grey, 0.1, seed=1))
