import keras
import numpy as np
import pytest

from ganinv_keras.data import ImageSet
from ganinv_keras.measures import distortions, inputs, metrics, search

GOOD = np.linspace(0, 1, 2 * 12 * 12 * 3, dtype="float32").reshape(2, 12, 12, 3)
ROWS = np.arange(12, dtype="float32").reshape(4, 3)
NOTHING = ImageSet("x", "train", np.zeros((1, 8, 8, 1), "uint8"), None, None, {}, "a test")

OF_IMAGES = {
    "mae": lambda x: metrics.mae(x, GOOD), "psnr": lambda x: metrics.psnr(x, GOOD),
    "ssim": lambda x: metrics.ssim(x, GOOD), "dhash_similarity": lambda x: metrics.dhash_similarity(x, GOOD),
    "shuffled_ratio": lambda x: metrics.shuffled_ratio(x, GOOD),
    "report": lambda x: metrics.reconstruction_report(x, GOOD),
    "dhash": search.dhash, "phash": search.phash, "color_histogram": search.color_histogram,
    "small_pixels": search.small_pixels,
    "blur": lambda x: distortions.blur(x, 1), "shrink": lambda x: distortions.shrink(x, 2),
    "square_mask": lambda x: distortions.square_mask(x, 2, 3, 3), "recolor": distortions.recolor,
    "dark_glasses": lambda x: distortions.dark_glasses(x, 3, (2, 6), 2), "crop": distortions.crop,
    "noise": distortions.noise,
}  # fmt: skip
PAIRS = {"mae": metrics.mae, "psnr": metrics.psnr, "ssim": metrics.ssim, "dhash": metrics.dhash_similarity,
         "ratio": metrics.shuffled_ratio, "report": metrics.reconstruction_report}  # fmt: skip
OF_ROWS = {
    "z_error": (metrics.z_error, "z", "z_hat"),
    "fid": (metrics.fid, "features", "other_features"), "kid": (metrics.kid, "features", "other_features"),
    "nearest": (search.nearest, "gallery", "queries"),
    "ranks": (lambda gallery, queries: search.ranks(gallery, queries, [0] * 4), "gallery", "queries"),
}  # fmt: skip


@pytest.mark.parametrize("name", OF_IMAGES)
def test_pixels_up_to_255_and_single_images_are_refused_by_everything_that_takes_images(name):
    for images in ((GOOD * 255).astype("uint8"), GOOD * 255, 2 * GOOD - 1):
        with pytest.raises(ValueError, match=r"argument `images`\. Expected floats in \[0, 1\]\. Received: .* 255"):
            OF_IMAGES[name](images)
    with pytest.raises(ValueError, match=r"of at most 4 channels\. Received: float32 of shape \(12, 12, 3\)\. Add"):
        OF_IMAGES[name](GOOD[0])


@pytest.mark.parametrize("name", PAIRS)
def test_a_pair_has_one_shape_and_the_reconstructions_are_named(name):
    for images, reconstructions in ((GOOD, GOOD[:1]), (GOOD[:1], GOOD), (GOOD, GOOD[..., :1])):
        with pytest.raises(ValueError, match=r"`reconstructions`\. Expected shape \([12], .*\), as `images` has"):
            PAIRS[name](images, reconstructions)
    with pytest.raises(ValueError, match="argument `reconstructions`. Expected floats .* uint8"):
        PAIRS[name](GOOD, (GOOD * 255).astype("uint8"))


@pytest.mark.parametrize("images, sentence", [
    (np.moveaxis(GOOD, -1, 1), r"float32 of shape \(2, 3, 12, 12\)\. .* move channels .* with np\.moveaxis"),
    (GOOD[..., 0], r"float32 of shape \(2, 12, 12\)\. Add an axis that is missing"),
    (np.zeros((2, 4, 4, 5)), r"float64 of shape \(2, 4, 4, 5\)"),
    (GOOD[:0], r"one or more, .* Received: float32 of shape \(0, 12, 12, 3\)"),
    (np.where(GOOD > 0.9, np.nan, GOOD), "NaN or infinity in 1 of 2. Look at what made them"),
    (np.where(GOOD > 0.4, -np.inf, GOOD), "NaN or infinity in 2 of 2. Look at what made them"),
    (GOOD - 0.5, "values from -0.5 to 0.5"), (1.5 * GOOD, "values from 0 to 1.5"),
    (GOOD > 0.5, "Received: bool of shape"), (None, r"Received: object of shape \(\)"), ("a", "Received: <U1"),
    ([[1.0], [2.0, 3.0]], "Expected an array. Received: list. Convert it with np.asarray"),
    (NOTHING, r"Expected an array\. Received: ImageSet\. Pass its \.images\."),
    (keras.Input((8, 8, 3)), "Expected an array. Received: KerasTensor"),
    (np.ma.masked_less(GOOD, 0.5), "a masked array, whose mask would be lost. Say what stands there by filled"),
])  # fmt: skip
def test_bad_images_are_told_what_to_do(images, sentence):
    with pytest.raises(ValueError, match=r"argument `x`\. .*" + sentence):
        inputs.check_batch(images, "x")


def test_good_images_pass_as_float32_also_those_that_a_linear_generator_drew():
    for images in (GOOD, 1.9 * GOOD - 0.45, GOOD.astype("float64"), GOOD.astype("float16"), np.zeros((1, 1, 1, 4))):
        assert inputs.check_batch(images).dtype == "float32" and np.allclose(inputs.check_batch(images), images)
    half = keras.ops.cast(GOOD, "bfloat16")
    assert np.array_equal(inputs.check_batch(half), half)
    assert metrics.mae(GOOD, GOOD + 0.25).tolist() == pytest.approx([0.25, 0.25], rel=1e-6)


def test_colours_are_asked_for_where_they_are_needed():
    for function in (search.color_histogram, distortions.recolor):
        with pytest.raises(ValueError, match=r"Expected 3 channels\. .* np\.repeat\(images, 3, axis=-1\)"):
            function(GOOD[..., :1])
    assert inputs.check_batch(GOOD, channels=3) is GOOD


@pytest.mark.parametrize("name", OF_ROWS)
def test_tables_that_are_none_are_refused_by_everything_that_takes_tables(name):
    function, first, second = OF_ROWS[name]

    def refused(rows, sentence):
        for argument, pair in ((first, (rows, ROWS)), (second, (ROWS, rows))):
            with pytest.raises(ValueError, match=f"Invalid value received for argument `{argument}`. {sentence}"):
                function(*pair)

    for rows in (ROWS[0], ROWS[None], ROWS[:0], None, [["a", "b", "c"]] * 4, [[1.0], [1.0, 2.0]], ROWS + 1j):
        refused(rows, "Expected ")
    for value in (np.nan, np.inf, -np.inf, 2e15, -2e15):
        broken = ROWS.copy()
        broken[[0, 2], 1], broken[1, 0] = value, inputs.LARGEST
        refused(broken, r"Expected finite numbers up to 1e\+15\. Received: others in 2 of 4 rows")
    with pytest.raises(ValueError, match=rf"`{second}`\. Expected .*shape \(.*2,?\), as `{first}` has"):
        function(ROWS[:, :2], ROWS)


def test_numbers_of_every_kind_become_floats_that_can_be_subtracted():
    assert inputs.check_rows(ROWS, "z") is ROWS
    for dtype in ("float16", "uint8", "int32", bool):
        rows = inputs.check_rows(ROWS.astype(dtype), "z")
        assert rows.dtype == np.float64 and np.array_equal(rows, ROWS.astype(dtype))
    largest = np.array([[inputs.LARGEST, -inputs.LARGEST]])
    assert inputs.check_rows(largest, "z") is largest
    assert metrics.z_error(np.uint8([[1, 2]]), np.uint8([[3, 2]])).tolist() == [2.0]


def test_a_table_may_hold_words_but_needs_enough_rows():
    words = np.array([["a", "b"]])
    assert inputs.check_table(words, "labels") is words
    with pytest.raises(ValueError, match=r"argument `labels`\. Expected a table \(n, k\) with n ≥ 2\. Received: <U1"):
        inputs.check_table(words, "labels", least=2)
