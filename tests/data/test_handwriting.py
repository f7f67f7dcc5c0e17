import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

from ganinv_keras import load_images
from ganinv_keras.data.handwriting import read_digit


@pytest.fixture(scope="module")
def digits():
    test = load_images("mnist", "test", verbose=False)
    return test[np.unique(test.labels, return_index=True)[1][::2]].images  # a 0, a 2, a 4, a 6 and an 8


def photograph(digit, bright=False, turned=False, path=None):
    """Save a picture of a digit on paper, or of chalk on a board, in light from one side and with a shadow."""
    drawing = np.asarray(Image.fromarray((digit[..., 0] * 255).astype("uint8")).resize((300, 300)), float) / 255
    y, x = np.mgrid[:450, :600] / 600
    ink = np.zeros((450, 600))
    ink[60:360, 220:520] = drawing
    light = 1 - 0.5 * x - 0.2 * y - 0.25 * np.exp(-((x - 0.8) ** 2 + (y - 0.2) ** 2) / 0.05)
    scene = light * (0.15 + 0.7 * ink if bright else 0.9 - 0.65 * ink)
    scene += np.random.default_rng(0).normal(0, 0.02, scene.shape)
    photo, exif = Image.fromarray((scene.clip(0, 1) * 255).astype("uint8")), Image.Exif()
    if turned:
        exif[0x0112] = 6  # the camera was held upright: turn clockwise by a quarter to look at it
        photo = photo.rotate(90, expand=True)
    photo.save(path, exif=exif)
    return path


def likeness(image, digit):
    """Return the largest cosine between two images when one is shifted by at most a pixel and a half."""
    shifts = [(y, x) for y in np.arange(-1.5, 2, 0.5) for x in np.arange(-1.5, 2, 0.5)]
    moved = [ndimage.shift(image[..., 0], shift, order=1) for shift in shifts]
    return max(np.sum(m * digit[..., 0]) / np.linalg.norm(m) / np.linalg.norm(digit) for m in moved)


@pytest.mark.parametrize("bright", [False, True], ids=["pen", "chalk"])
@pytest.mark.parametrize("turned", [False, True])
def test_a_photographed_digit_comes_back(digits, tmp_path, bright, turned):
    for i, digit in enumerate(digits):
        image, remarks = read_digit(photograph(digit, bright, turned, tmp_path / "photo.jpg"))
        assert image.shape == (28, 28, 1) and image.dtype == np.float32 and 0 <= image.min() <= image.max() <= 1
        others = [likeness(image, other) for other in np.delete(digits, i, axis=0)]
        assert likeness(image, digit) > max(0.9, *others) and remarks == ()
        assert np.allclose(ndimage.center_of_mass(image[..., 0]), 13.5, atol=0.1)
        assert np.mean(image == 0) > 0.5, "the paper is black, whatever light falls on it"


def test_a_transparent_drawing_lies_on_white(digits, tmp_path):
    ink = Image.fromarray((digits[0][..., 0] * 255).astype("uint8")).resize((300, 300))
    drawing = Image.new("RGBA", (400, 400), (0, 0, 0, 0))
    drawing.paste((0, 0, 90, 255), (50, 50), ink)
    drawing.save(tmp_path / "drawing.png")
    assert likeness(read_digit(tmp_path / "drawing.png")[0], digits[0]) > 0.9


def drawn(tmp_path, *boxes):
    paper = np.full((300, 300), 255, "uint8")
    for top, left, bottom, right in boxes:
        paper[top:bottom, left:right] = 0
    Image.fromarray(paper).save(tmp_path / "drawn.png")
    return read_digit(tmp_path / "drawn.png")


@pytest.mark.parametrize(
    "boxes, sentence",
    [
        ([(0, 125, 200, 175)], "The ink touches the edge"),
        ([(100, x, 200, x + 15) for x in (50, 100, 150, 200)], "more than three separate strokes"),
        ([(50, 149, 250, 152)], "The strokes are very thin"),
        ([(70, 80, 230, 220)], "The strokes are very thick"),
    ],
)
def test_what_looks_wrong_is_said(tmp_path, boxes, sentence):
    _, remarks = drawn(tmp_path, *boxes)
    assert len(remarks) == 1 and sentence in remarks[0]


def test_the_edge_of_the_sheet_does_not_belong_to_the_digit(tmp_path):
    alone, _ = drawn(tmp_path, (60, 130, 240, 160))
    beside, remarks = drawn(tmp_path, (60, 130, 240, 160), (0, 0, 300, 12))
    assert np.allclose(alone, beside, atol=0.05) and remarks == ()


def test_a_file_that_is_no_picture_gets_a_sentence(tmp_path):
    (tmp_path / "three.png").touch()
    with pytest.raises(
        FileNotFoundError, match=r"There is no file .*two.png. Put your picture into .*now: three.png\."
    ):
        read_digit(tmp_path / "two.png")
    with pytest.raises(
        ValueError, match="three.png cannot be read as an image .*: save it as PNG or JPEG and try again"
    ):
        read_digit(tmp_path / "three.png")
    Image.effect_noise((640, 480), 60).save(tmp_path / "four.jpg")
    (tmp_path / "four.jpg").write_bytes((tmp_path / "four.jpg").read_bytes()[:5000])
    with pytest.raises(ValueError, match="four.jpg cannot be read as an image"):
        read_digit(tmp_path / "four.jpg")
    Image.new("L", (100, 100), 200).save(tmp_path / "blank.png")
    with pytest.raises(ValueError, match="blank.png shows no ink"):
        read_digit(tmp_path / "blank.png")
