import keras
import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras.layers import PixelShuffle


def test_pixel_shuffle_by_hand():
    x = np.arange(1, 9, dtype="float32").reshape(1, 1, 2, 4)  # two pixels of four channels
    assert np.array_equal(PixelShuffle(2)(x)[0, :, :, 0], [[1, 2, 5, 6], [3, 4, 7, 8]])


def test_pixel_shuffle_is_depth_to_space():
    x = np.random.default_rng(0).normal(size=(2, 3, 5, 18)).astype("float32")
    y = PixelShuffle(3)(x)
    assert y.shape == PixelShuffle(3).compute_output_shape(x.shape) == (2, 9, 15, 2)
    assert np.array_equal(y, tf.nn.depth_to_space(x, 3))
    assert sorted(np.ravel(y)) == sorted(x.ravel()), "nothing is lost"


def test_pixel_shuffle_is_saved_with_its_scale(tmp_path):
    x = keras.Input((4, 4, 9))
    keras.Model(x, PixelShuffle(3)(x)).save(tmp_path / "m.keras")
    assert keras.models.load_model(tmp_path / "m.keras").output_shape == (None, 12, 12, 1)


def test_pixel_shuffle_refuses_channels_that_do_not_fit():
    with pytest.raises(ValueError, match=r"PixelShuffle\(2\) needs a multiple of 4 channels, got 6"):
        PixelShuffle(2)(np.zeros((1, 2, 2, 6), "float32"))
