import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers
from samples import squares

from ganinv_keras.checks import (
    check_functions,
    check_image_model,
    check_images,
    check_latents,
    check_name,
    check_number,
    check_positive_integer,
    check_prior,
    check_seed,
)
from ganinv_keras.networks.priors import Normal, Uniform

GOOD = np.linspace(0, 1, 2 * 8 * 8, dtype="float32").reshape(2, 8, 8, 1)
SHAPE = (8, 8, 1)


def test_good_images_pass_unchanged():
    assert check_images(GOOD, SHAPE) is GOOD


@pytest.mark.parametrize(
    "images, sentence",
    [
        ((GOOD * 255).astype("uint8"), "got uint8 with a maximum of 255: divide by 255"),
        (GOOD * 255, "got a maximum of 255: divide by 255"),
        (GOOD * 2 - 1, r"got a minimum of -1: if they lie in \[-1, 1\], use \(images \+ 1\) / 2"),
        (GOOD[:, :6], "must be 8×8 pixels, got 6×8: resize"),
        (np.repeat(GOOD, 3, -1), r"must have 1 channel\(s\), got 3: average"),
        (GOOD[0], r"add the batch axis with images\[None\]"),
        (GOOD[..., 0], r"must have 4 axes .* got shape \(2, 8, 8\)"),
        (np.where(GOOD > 0.99, np.nan, GOOD), "contain NaN or infinity in 1 of 2 images"),
        (GOOD[:0], "images is empty"),
    ],
    ids=["uint8", "above 1", "below 0", "size", "channels", "no batch axis", "no channel axis", "nan", "empty"],
)
def test_bad_images_are_told_what_to_do(images, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_images(images, SHAPE)


def test_grey_images_for_a_colour_generator_are_told_to_repeat_the_channel():
    with pytest.raises(ValueError, match=r"np.repeat\(images, 3, axis=-1\)"):
        check_images(GOOD, (8, 8, 3))


@pytest.mark.parametrize(
    "images",
    [
        GOOD.tolist(), GOOD.astype("float16"), GOOD.astype("float64"), tf.constant(GOOD), tf.cast(GOOD, "bfloat16"),
        np.ma.masked_array(GOOD, False),
    ],
    ids=["list", "float16", "float64", "tensor", "bfloat16", "masked array without a mask"],
)  # fmt: skip
def test_good_images_of_another_kind_become_float32(images):
    found = check_images(images, SHAPE)
    assert found.dtype == np.float32 and np.allclose(found, GOOD, atol=4e-3)


@pytest.mark.parametrize(
    ("images", "sentence"),
    [
        (None, "argument `images`. Expected an array of numbers. Received: NoneType$"),
        ("digits.png", "Received: str$"),
        (GOOD.astype(object), "Received: ndarray$"),
        ([GOOD[0], GOOD[0, :4]], "Received: list$"),
        (keras.KerasTensor((2, 8, 8, 1)), "Received: KerasTensor$"),
        (squares(), r"Received: ImageSet. Pass its \.images$"),
        (np.ma.masked_array(GOOD, GOOD > 0.5), r"mask would be lost: say what stands there, as in images\.filled"),
        (
            np.moveaxis(GOOD, -1, 1),
            r"channels last, .* got shape \(2, 1, 8, 8\): move them with np\.moveaxis\(images, 1",
        ),
        (np.zeros((2, 3, 9, 9)), r"channels last, .* got shape \(2, 3, 9, 9\): move them with np\.moveaxis\(images, 1"),
        (GOOD[..., 0], r"add the axis of channels with images\[\.\.\., None\]"),
        (GOOD > 0.5, r'got bool with a maximum of 1: convert them with images\.astype\("float32"\)$'),
        ((GOOD > 0.5).astype(int), r'got int64 with a maximum of 1: convert them with images\.astype\("float32"\)$'),
        ((GOOD * 65535).astype("uint16"), "with a maximum of 65535: divide by 65535"),
        (GOOD + np.float32(1.2e-7), r"got a maximum of 1\.0000001: if rounding .* np\.clip\(images, 0, 1\)"),
        (GOOD - np.float32(1e-7), r"got a minimum of -0\.0000001: if rounding .* np\.clip\(images, 0, 1\)"),
        (GOOD * 300, "got a maximum of 300: divide by the largest value"),
        (GOOD * np.float64(1e300), "contain NaN or infinity in 2 of 2 images"),
    ],
)
def test_images_of_another_kind_are_told_what_to_do(images, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_images(images, SHAPE)


def generator(outputs=lambda x: x, **options):
    z = keras.Input(**{"shape": (4,)} | options)
    return keras.Model(z, outputs(layers.Reshape((2, 2, 1))(z)))


class Subclassed(keras.Model):
    def call(self, z):
        return z


@pytest.mark.parametrize(
    ("model", "sentence"),
    [
        (None, "argument `generator`. Expected a Keras model. Received: None"),
        (lambda z: z, "Expected a Keras model"),
        (keras.Model, "Expected a Keras model"),
        (
            Subclassed(),
            r"is subclassed, .* Wrap it: z = keras\.Input\(shape\); generator = keras\.Model\(z, model\(z\)\)",
        ),
        (keras.Sequential([layers.Dense(4)]), "or sequential without an input. Wrap it"),
        (generator(lambda x: [x, x]), "must have one output, a tensor, got 2 in a list or dictionary"),
        (generator(lambda x: {"x": x}), "must have one output, a tensor, got 1 in a list or dictionary"),
        (generator(batch_size=16), "must take batches of any size, but its input says 16"),
    ],
    ids=["None", "function", "class", "subclassed", "sequential", "two outputs", "dictionary", "fixed batch"],
)
def test_a_model_of_another_form_is_told_what_to_do(model, sentence):
    with pytest.raises(ValueError, match=sentence):
        check_prior(Uniform(4), model)


@pytest.mark.parametrize("prior", [None, 4, "uniform", Uniform, Normal])
def test_what_is_no_prior_is_refused(prior):
    check_prior(Uniform(4), generator())
    check_prior(Uniform(4), keras.Sequential([keras.Input((4,)), layers.Reshape((2, 2, 1))]))
    with pytest.raises(ValueError, match="argument `prior`. Expected an object that draws z, such as Uniform"):
        check_prior(prior, generator())


def test_a_generator_must_make_images_of_a_known_size():
    check_image_model(generator())

    class OfAnySize(layers.Layer):
        def compute_output_shape(self, shape):
            return (*shape[:1], None, 2, 1)

        def call(self, z):
            return keras.ops.reshape(z, (-1, 2, 2, 1))

    for layer in (layers.Reshape((4,)), OfAnySize()):
        model = keras.Model(z := keras.Input((4,)), layer(z))
        with pytest.raises(ValueError, match="must make images .* Put a keras.layers.Reshape behind it"):
            check_image_model(model)


@pytest.mark.parametrize("z", [np.zeros((2, 3)), [[0, 1, 2], [3, 4, 5]], tf.ones((2, 3)), np.zeros((2, 3), "float16")])
def test_latents_of_every_kind_become_float32(z):
    found = check_latents(z, "z", (2, 3))
    assert found.dtype == np.float32 and np.array_equal(found, z)


def test_latents_that_are_none_are_refused():
    assert check_latents(np.zeros((6, 3)), "z", (2, 3, 3), (6, 3)).shape == (2, 3, 3)
    for z, sentence in [
        (np.zeros((3, 2)), r"z must have the shape \(2, 3\), got \(3, 2\)"),
        ([[0, 0, 0], [0, 1e300, 0]], "z must be finite and at most 1,000,000 in size, but is not in row 1: look"),
        ("abc", "argument `z`. Expected an array of numbers"),
        (np.ma.masked_array(np.zeros((2, 3)), True), "z is a masked array"),
    ]:
        with pytest.raises(ValueError, match=sentence):
            check_latents(z, "z", (2, 3))


def test_many_rows_are_counted():
    with pytest.raises(ValueError, match="in row 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 and 20 more: look"):
        check_latents(np.full((30, 2), np.nan), "z", (30, 2))


@pytest.mark.parametrize("seed", [0, 3.0, np.int64(7), np.uint8(7), 2**63 - 1])
def test_seeds(seed):
    assert check_seed(seed) == seed and type(check_seed(seed)) is int
    for other in (None, -1, 2**63, 0.5, "0", True):
        with pytest.raises(ValueError, match="argument `seed`. Expected a whole number from 0 to 9223372036854775807"):
            check_seed(other)


@pytest.mark.parametrize("functions", [None, print, [3], "ab", iter([print])])
def test_not_a_list_of_functions(functions):
    assert check_functions([print], "callbacks") == check_functions((print,), "callbacks") == (print,)
    with pytest.raises(ValueError, match="argument `callbacks`. Expected a list of functions. Received: "):
        check_functions(functions, "callbacks")


def test_unknown_name_proposes_the_nearest():
    assert check_name("mse", ["mse", "bce"], "loss") == "mse"
    with pytest.raises(ValueError, match=r"^Unknown loss 'psnr'\. Known: bce, mse\.$"):
        check_name("psnr", ("mse", "bce"), "loss")
    with pytest.raises(ValueError, match="Unknown loss 'msee'. Did you mean 'mse'?"):
        check_name("msee", ["mse", "bce"], "loss")


@pytest.mark.parametrize("name", [None, 3, ["mse"], np.zeros(2)])
def test_what_is_no_name_is_unknown(name):
    assert check_name(1, (1, "one"), "row") == 1
    with pytest.raises(ValueError, match=r"Unknown loss .* Known: 1, mse\."):
        check_name(name, ("mse", 1), "loss")


@pytest.mark.parametrize("value", [0, -1, 1.5, True, np.bool_(True), None, "3", [3], np.nan, np.inf])
def test_not_a_positive_integer(value):
    with pytest.raises(ValueError, match=r"argument `steps`\. Expected a whole number ≥ 1\. Received: "):
        check_positive_integer(value, "steps")


def test_whole_numbers_of_every_kind_become_an_int():
    for value in (3, 3.0, np.int64(3), np.float32(3)):
        assert check_positive_integer(value, "steps") == 3 and type(check_positive_integer(value, "steps")) is int
    assert check_positive_integer(0, "seed", least=0) == 0


@pytest.mark.parametrize("value", [-0.1, 1.1, np.nan, np.inf, None, "0.5", True, [0.5]])
def test_not_a_number_in_its_range(value):
    with pytest.raises(ValueError, match=r"argument `ema`\. Expected a finite number from 0 to 1\. Received: "):
        check_number(value, "ema", 0, 1)


def test_the_range_is_named_as_far_as_there_is_one():
    assert check_number(np.float32(0.5), "ema", 0, 1) == 0.5
    for bounds, words in {(): "number", (0,): "number ≥ 0", (-np.inf, 2): "number ≤ 2"}.items():
        with pytest.raises(ValueError, match=rf"Expected a finite {words}\. Received: None"):
            check_number(None, "x", *bounds)
