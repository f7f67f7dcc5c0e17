import numpy as np
import pytest

from ganinv_keras.checks import check_images, check_name, check_positive_integer

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


@pytest.mark.parametrize("value", [0, -1, 1.5, True])
def test_not_a_positive_integer(value):
    with pytest.raises(ValueError, match="argument `steps`. Expected a whole number ≥ 1"):
        check_positive_integer(value, "steps")
