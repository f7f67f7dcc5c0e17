import keras
import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras.networks.layers import Blur, EqualizedConv2D, EqualizedDense, LatentScale, PixelShuffle


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


@pytest.mark.parametrize("gain", [2**0.5, 1.0])
def test_equalized_layers_scale_their_weights_when_they_are_used(gain):
    x = np.random.default_rng(0).normal(size=(4000, 50)).astype("float32")
    dense = EqualizedDense(30, gain)
    y = dense(x)
    assert np.std(dense.kernel) == pytest.approx(1, rel=0.1) and np.std(y) == pytest.approx(gain, rel=0.1)
    assert np.allclose(y, x @ dense.kernel.numpy() * gain / 50**0.5, atol=1e-4)
    image = np.random.default_rng(0).normal(size=(8, 16, 16, 20)).astype("float32")
    convolution = EqualizedConv2D(30, 3, gain)
    assert np.std(convolution(image)[:, 1:-1, 1:-1]) == pytest.approx(gain, rel=0.1)
    assert np.allclose(convolution(image), keras.ops.conv(image, convolution.kernel * gain / 180**0.5, padding="same"),
                       atol=1e-4)  # fmt: skip


def test_blur_by_hand():
    x = np.zeros((1, 4, 4, 2), "float32")
    x[0, 1, 2, 1] = 64
    y = Blur((1, 2, 1))(x)[0]
    assert np.array_equal(y[..., 1], [[0, 4, 8, 4], [0, 8, 16, 8], [0, 4, 8, 4], [0, 0, 0, 0]])
    assert not np.any(y[..., 0])
    assert np.array_equal(Blur((1, 3, 3, 1), 2)(x)[0, :, :, 1], [[3, 9], [1, 3]])


def test_repeating_and_blurring_doubles_an_image_as_bilinear_resizing_does():
    x = np.random.default_rng(0).random((1, 6, 6, 3), "float32")
    doubled = Blur((1, 2, 1))(keras.layers.UpSampling2D(2)(x))
    assert np.allclose(doubled[:, 1:-1, 1:-1], tf.image.resize(x, (12, 12))[:, 1:-1, 1:-1], atol=1e-6)


def test_the_latent_scale_by_hand():
    layer = LatentScale()
    layer.build((None, 4))
    assert np.array_equal(layer.scale, [1, 1, 1, 1])
    layer.v.assign([0.3, 0.3, 0.3, 0.3])
    assert np.allclose(layer.scale, [1, 1, 1, 1]), "only ratios of v count"
    layer.v.assign([4, 1, 0, 3])
    assert np.allclose(layer.scale, np.sqrt([2, 0.5, 0, 1.5])) and np.sum(layer.scale**2) == pytest.approx(4)
    assert np.allclose(layer(np.ones((2, 4), "float32")), [layer.scale] * 2)
    assert not layer.trainable_variables


@pytest.mark.parametrize(
    "layer",
    [EqualizedDense(3, 1.0), EqualizedConv2D(3, 1, 1.0), Blur((1, 3, 3, 1), 2), LatentScale()],
    ids=lambda x: type(x).__name__,
)
def test_layers_are_saved_with_their_settings(layer, tmp_path):
    x = keras.Input((4,) if isinstance(layer, (EqualizedDense, LatentScale)) else (4, 4, 2))
    model = keras.Model(x, layer(x))
    model.save(tmp_path / "m.keras")
    loaded = keras.models.load_model(tmp_path / "m.keras")
    assert loaded.layers[-1].get_config() == layer.get_config()
    inputs = np.random.default_rng(0).random((2, *x.shape[1:]), "float32")
    assert np.array_equal(loaded(inputs), model(inputs))


@pytest.mark.parametrize("make, sentence", [
    (lambda: PixelShuffle(0), "`scale`. Expected a whole number ≥ 2"),
    (lambda: EqualizedDense(0), "`units`. Expected a whole number ≥ 1"),
    (lambda: EqualizedDense(3, -1.0), "`gain`. Expected a finite number ≥ 0"),
    (lambda: EqualizedDense(3, np.nan), "`gain`. Expected a finite number ≥ 0"),
    (lambda: EqualizedConv2D(3, 0), "`kernel_size`. Expected a whole number ≥ 1"),
    (lambda: EqualizedConv2D(3, 3, None), "`gain`. Expected a finite number ≥ 0"),
    (lambda: Blur((1, 2, 1), 0), "`stride`. Expected a whole number ≥ 1"),
    (lambda: Blur((1, None)), "`taps`. Expected a finite number"),
    (lambda: Blur("12"), "`taps`. Expected a list of numbers with a sum above 0"),
    (lambda: Blur((1, -1)), r"`taps`. Expected a list of numbers with a sum above 0. Received: \(1, -1\)"),
    (lambda: Blur(()), r"`taps`. Expected a list of numbers with a sum above 0. Received: \(\)"),
])  # fmt: skip
def test_bad_settings_of_layers(make, sentence):
    with pytest.raises(ValueError, match=f"Invalid value received for argument {sentence}"):
        make()


@pytest.mark.parametrize("layer, shape", [
    (PixelShuffle(), (4, 4, 4)), (EqualizedDense(3), (4,)), (EqualizedConv2D(3), (2, 4, 4)),
    (Blur((1, 2, 1)), (2, 4, 4)), (LatentScale(), (2, 3, 4)),
], ids=lambda x: type(x).__name__)  # fmt: skip
def test_inputs_with_too_few_or_too_many_axes_are_refused(layer, shape):
    with pytest.raises(ValueError, match="incompatible with the layer: expected (min_)?ndim="):
        layer(np.ones(shape, "float32"))


def test_defaults_and_names_of_the_layers():
    assert (PixelShuffle().scale, EqualizedDense(3).gain, EqualizedConv2D(3).kernel_size) == (2, 2**0.5, 3)
    assert EqualizedConv2D(3).gain == 2**0.5 and Blur((1, 2)).stride == 1
    for layer in (PixelShuffle, EqualizedDense, EqualizedConv2D, Blur, LatentScale):  # as saved models call them
        assert keras.saving.get_registered_name(layer) == f"ganinv>{layer.__name__}"


def test_the_bias_of_each_unit_is_added():
    for layer, x in ((EqualizedDense(2), np.zeros((1, 3))), (EqualizedConv2D(2), np.zeros((1, 2, 2, 3)))):
        layer.build(x.shape)
        layer.bias.assign([1.0, 2.0])
        assert np.allclose(layer(x)[0], [1.0, 2.0])


def test_shapes_that_are_not_known_yet_and_a_kernel_of_one_tap():
    assert PixelShuffle(2).compute_output_shape((None, None, 4, 8)) == (None, None, 8, 2)
    assert PixelShuffle(2).compute_output_shape((None, 4, None, 8)) == (None, 8, None, 2)
    x = np.random.default_rng(0).random((1, 4, 4, 2), "float32")
    assert np.allclose(Blur((0.5,))(x), x)


def test_weights_belong_to_a_number_of_channels():
    dense, convolution, scale = EqualizedDense(3), EqualizedConv2D(3), LatentScale()
    dense(np.ones((1, 2))), convolution(np.ones((1, 2, 2, 2))), scale(np.ones((1, 2)))
    for layer, shape in ((dense, (1, 3)), (convolution, (1, 2, 2, 3)), (scale, (1, 1))):
        with pytest.raises(ValueError, match="incompatible with the layer"):
            layer(np.ones(shape))
    assert dense(np.ones((1, 5, 2))).shape == (1, 5, 3)
