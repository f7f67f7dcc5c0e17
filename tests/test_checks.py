import numpy as np
import pytest

from ganinv_keras.checks import check_images, check_name, check_number, check_positive_integer

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
