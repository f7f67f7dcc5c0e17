import base64
import io
import re
from html import unescape

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.animation import FuncAnimation
from matplotlib.colors import to_rgb

from ganinv_keras.course import figures

RAMP = np.arange(64).reshape(1, 8, 8, 1) / 63  # every pixel has a grey of its own
SEPARATOR = (255 * np.array(to_rgb(figures.SEPARATOR))).astype(int).tolist()


def decoded(output):
    """Return an output's `<img>` as uint8 (height, width, 3), its alternative text and its width in CSS pixels."""
    assert len(re.findall("<img", output.data)) == 1
    png = base64.b64decode(re.search(r'src="data:image/png;base64,([^"]+)"', output.data)[1])
    pixels = (255 * plt.imread(io.BytesIO(png))[..., :3]).round().astype(int)
    alt, width = re.search(r'alt="([^"]*)"', output.data)[1], re.search(r'width="(\d+)"', output.data)[1]
    return pixels, unescape(alt), int(width)


def line(width=4, height=2):
    figure, axes = plt.subplots(figsize=(width, height))
    axes.plot([0, 1])
    return figure


def test_a_figure_is_shown_sharp_on_white_and_closed(shown):
    figures.show(line(), "A line that rises from 0 to 1.")
    pixels, alt, width = decoded(shown[0])
    assert alt == "A line that rises from 0 to 1."
    assert pixels.shape[1] == pytest.approx(2 * width, abs=2) and width == pytest.approx(4 * 96, abs=15)
    assert pixels[0, 0].tolist() == [255, 255, 255]
    assert plt.get_fignums() == []


@pytest.mark.parametrize(("inches", "asked", "width"), [(4, 250, 250), (14, None, 1000), (4, 1200, 1000)])
def test_a_figure_has_the_width_asked_for_and_never_more_than_a_page(shown, inches, asked, width):
    figures.show(line(inches), "A rising line.", width=asked)
    pixels, _, css = decoded(shown[0])
    assert css == width and pixels.shape[1] == pytest.approx(2 * width, abs=2)


def test_alternative_text_is_escaped(shown):
    figures.show(line(), 'A "line" <b>\nthat & rises')
    assert decoded(shown[0])[1] == 'A "line" <b> that & rises'
    assert "<b>" not in shown[0].data


@pytest.mark.parametrize("alt", ["", "  ", "figure.png", None])
def test_alternative_text_must_be_a_sentence(alt):
    calls = [
        lambda: figures.show(line(), alt),
        lambda: figures.images([RAMP], alt=alt),
        lambda: figures.player([], alt),
    ]
    for call in calls:
        with pytest.raises(ValueError, match="`alt` must be a sentence"):
            call()
    plt.close("all")


def test_images_are_whole_pixels_between_separators(shown):
    figures.images([RAMP, np.concatenate([1 - RAMP, RAMP])], zoom=7, alt="A ramp above two ramps.")
    pixels, _, width = decoded(shown[0])
    side, gap = 2 * 7 * 8, 2 * 2
    assert pixels.shape == (2 * side + 3 * gap, 2 * side + 3 * gap, 3) and width == pixels.shape[1] // 2
    assert pixels[0, 0].tolist() == pixels[gap + side, 0].tolist() == SEPARATOR
    greys = (255 * RAMP[0]).round().astype(int)
    block = pixels[gap : gap + side, gap : gap + side]
    np.testing.assert_array_equal(block, np.broadcast_to(greys.repeat(14, 0).repeat(14, 1), block.shape))
    assert pixels[2 * gap + side, gap].tolist() == [255, 255, 255]  # the first pixel of 1 - ramp
    assert (pixels[: gap + side - 1, 2 * gap + side :] == 255).all()  # the first row has no second image


@pytest.mark.parametrize(("size", "n", "zoom"), [(28, 4, 4), (28, 10, 3), (28, 15, 2), (64, 5, 2), (64, 10, 1)])
def test_the_zoom_is_the_largest_that_fits(shown, size, n, zoom):
    figures.images(np.zeros((n, size, size)), alt="Black images.")
    pixels, _, width = decoded(shown[0])
    assert width == n * (zoom * size + 2) + 2 <= 1000
    assert pixels.shape[0] == 2 * (zoom * size + 4)


def test_colour_is_kept(shown):
    figures.images(np.full((1, 64, 64, 3), [1.0, 0.2, 0.0]), zoom=1, alt="A red square.")
    assert decoded(shown[0])[0][10, 10].tolist() == [255, 51, 0]


def test_labels_stand_left_of_the_separator_and_captions_above(shown):
    rows = [np.zeros((3, 28, 28, 1))] * 2
    figures.images(rows, labels=["digits $x$", "made"], columns=["0", "1", "2"], zoom=2, alt="Black digits.")
    pixels, _, _ = decoded(shown[0])
    first = np.argwhere((pixels == SEPARATOR).all(-1)).min(0)
    assert pixels.shape[1] - first[1] == 2 * (3 * 58 + 2) and pixels.shape[0] - first[0] == 2 * (2 * 58 + 2)
    labels, captions = pixels[:, : first[1]], pixels[: first[0], first[1] :]
    assert labels.min() < 60 and captions.min() < 60  # there is ink
    for edge in (labels[:, 0], labels[:, -1], captions[0], captions[-1]):
        assert (edge == 255).all()  # and none is cut off


@pytest.mark.parametrize(
    ("rows", "options", "message"),
    [
        (np.zeros((3, 28, 28)), {"zoom": 1}, "zoom=1 shows images of 28 pixels, too small for a projector: use 2"),
        (np.zeros((3, 28, 28)), {"zoom": 0}, "argument `zoom`. Expected a whole number"),
        (np.zeros((20, 28, 28)), {}, "1162 pixels wide, a page 1000: at zoom=2 at most 17 images fit in a row"),
        (np.zeros((3, 28, 28)), {"labels": ["a", "b"]}, "`labels` must have 1 entries, got 2"),
        (np.zeros((3, 28, 28)), {"columns": ["a"]}, "`columns` must have 3 entries, got 1"),
        (np.zeros((1, 28, 28)), {"columns": ["a caption too long for it"], "zoom": 2}, "pixels wide, its image 56"),
        (np.full((3, 28, 28), 1.5), {}, r"must lie in \[0, 1\]"),
        (np.full((3, 28, 28), np.nan), {}, r"must lie in \[0, 1\]"),
        (np.zeros((0, 28, 28)), {}, "Each row must be a batch"),
        (np.zeros((2, 28, 28, 2)), {}, "Each row must be a batch"),
        ([], {}, "Each row must be a batch"),
        ([np.zeros((2, 28, 28)), np.zeros((2, 32, 32))], {}, "must have one size"),
    ],
)
def test_rows_that_cannot_be_shown_say_why(rows, options, message):
    with pytest.raises(ValueError, match=message):
        figures.images(rows, alt="Some images.", **options)


def moving():
    figure, axes = plt.subplots(figsize=(3, 2))
    (curve,) = axes.plot([0, 1])
    return FuncAnimation(figure, lambda i: curve.set_ydata([0, i]), frames=3)


def plots():
    return [line(3, 2) for _ in range(3)]


def pictures():
    return [figures.mosaic([RAMP * level], zoom=7) for level in (0, 0.5, 1)]


@pytest.mark.parametrize("film", [moving, plots, pictures])
def test_a_film_has_every_frame_and_asks_no_host(shown, film):
    figures.player(film(), 'A "film" of three.')
    assert plt.get_fignums() == []
    html = shown[0].data
    assert len(re.findall(r"frames\[\d+\] =", html)) == 3
    assert re.findall(r"https?:|<link|src=\"(?!data:)|@import|fa-", html) == []
    assert (
        html.count('aria-label="A &quot;film&quot; of three."') == html.count('alt="A &quot;film&quot; of three."') == 1
    )
    assert all(symbol in html for symbol in figures.BUTTONS.values())


def test_a_film_of_pictures_keeps_their_pixels_and_shows_the_first_without_scripts(shown):
    film = pictures()[::-1]
    figures.player(film, "A ramp that goes out.")
    pixels, _, width = decoded(shown[0])
    np.testing.assert_array_equal(pixels, film[0])
    assert width == film[0].shape[1] // 2


def test_two_films_on_a_page_share_no_name(shown):
    for _ in range(2):
        figures.player(pictures(), "A ramp that lights up.")
    first, second = (set(re.findall(r'(?:id|name)="(_anim[^"]+)"', output.data)) for output in shown)
    assert len(first) == len(second) == 6 and not first & second


def test_what_is_no_film_says_why(monkeypatch):
    picture = figures.mosaic([RAMP])
    with pytest.raises(ValueError, match="needs at least 2 frames, got 1"):
        figures.player([picture], "A still picture.")
    with pytest.raises(ValueError, match="Frames must have one size"):
        figures.player([picture, picture[:-2]], "Two sizes.")
    with pytest.raises(ValueError, match="1056 pixels wide, a page 1000: make its figure at most 10.4 inches wide"):
        figures.player([line(11, 1), line(11, 1)], "Two wide frames.")
    monkeypatch.setattr(figures, "PLAYER_LIMIT", 0.001)
    with pytest.raises(ValueError, match="use fewer frames"):
        figures.player([picture, picture], "Two frames.")
