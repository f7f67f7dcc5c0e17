"""Pictures of a page, each an `<img>` in an HTML output with alternative text, which no other kind of output keeps.

Importing this module sets the look of every figure: type that a projector shows, colours that all eyes tell apart.
"""

import base64
import io
import re
from html import escape

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display
from matplotlib.animation import Animation, FuncAnimation
from matplotlib.figure import Figure
from PIL import Image

from ganinv_keras.checks import check_positive_integer

PAGE, INCH = 1000, 96  # CSS pixels: the widest picture, and an inch, so that 11 points are 11 points on the page
SHARP = 2  # pixels of a PNG for each CSS pixel
SMALLEST, LARGEST, TALLEST = 56, 128, 640  # CSS pixels: an image's longer side, and rows whose zoom is free
GAP, SEPARATOR = 2, "#6ea3cc"  # CSS pixels between images; a colour that is neither ink nor paper
PLAYER_LIMIT = 8  # megabytes
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000")  # Okabe and Ito's
TOO_SHORT = "A film needs at least 2 frames, got {}: use `figures.show` for a still."
BUTTONS = {"minus": "−", "fast-backward": "⇤", "step-backward": "←", "play fa-flip-horizontal": "◀", "pause": "‖",
           "play": "▶", "step-forward": "→", "fast-forward": "⇥", "plus": "+"}  # fmt: skip

plt.rcParams.update({"font.size": 11, "axes.titlesize": 12, "axes.prop_cycle": plt.cycler(color=COLOURS),
                     "axes.spines.top": False, "axes.spines.right": False, "legend.frameon": False,
                     "figure.constrained_layout.use": True})  # fmt: skip


def show(figure, alt, width=None):
    """Show a figure, and close it.

    Args:
        figure: a matplotlib figure.
        alt: a sentence that says what there is to see.
        width: CSS pixels. Defaults to the figure's own size, 96 to an inch; never more than 1000.

    Raises:
        ValueError: if `alt` is not a sentence.
    """
    alt = _check_alt(alt)
    figure.draw_without_rendering()
    box = figure.get_tightbbox().padded(0.06)
    width = round(min(width or INCH * box.width, PAGE))
    _display(_palette(_png(figure, SHARP * width / box.width, box), 256), alt, width)
    plt.close(figure)


def images(rows, labels=None, columns=None, zoom=None, *, alt):
    """Show rows of images as one PNG of whole pixels.

    Args:
        rows: a list of arrays in [0, 1], each of shape `(n, height, width)`, `(n, height, width, 1)` or
            `(n, height, width, 3)`; rows may differ in n. One array is one row.
        labels: a label for each row, at its left; `$…$` is set as mathematics. Defaults to none.
        columns: a caption above each image of the longest row. Defaults to none.
        zoom: screen pixels for each pixel of an image. Defaults to the largest whole number that the page has room for.
        alt: a sentence that says what there is to see.

    Raises:
        ValueError: if `alt` is not a sentence, the arrays are not images in [0, 1] of one size, labels or captions are
            too many, too few or too long, `zoom` is not a whole number that makes images of at least 56 pixels, or
            the rows are wider than 1000 pixels.
    """
    alt = _check_alt(alt)
    picture = mosaic(rows, labels, columns, zoom)
    buffer = io.BytesIO()
    plt.imsave(buffer, picture, format="png", metadata={"Software": None})
    _display(base64.b64encode(buffer.getvalue()).decode(), alt, picture.shape[1] // SHARP)


def mosaic(rows, labels=None, columns=None, zoom=None):
    """Return the picture that `images` shows, for `player`: uint8 of shape `(height, width, 3)`, two pixels for one.

    Arguments and errors are those of `images`.
    """
    rows = _check_rows(rows)
    count, (height, width) = max(map(len, rows)), rows[0].shape[1:3]
    labels, columns = ([] if texts is None else [str(text) for text in texts] for texts in (labels, columns))
    for texts, wanted, what in ((labels, len(rows), "labels"), (columns, count, "columns")):
        if texts and len(texts) != wanted:
            raise ValueError(f"`{what}` must have {wanted} entries, got {len(texts)}: {texts}.")
    ruler = Figure(dpi=INCH, layout="none")
    left = max((_size(ruler, text)[0] + 12 for text in labels), default=0)
    top = max((_size(ruler, text)[1] + 8 for text in columns), default=0)
    zoom = _zoom(zoom, (height, width), (len(rows), count), (top, left))
    for text in columns:
        if (wide := _size(ruler, text)[0]) > zoom * width:
            raise ValueError(f"The caption {text!r} is {wide} pixels wide, its image {zoom * width}: "
                             "break it with a line feed, shorten it or raise `zoom`.")  # fmt: skip

    step_y, step_x = zoom * height + GAP, zoom * width + GAP
    paper = np.full((SHARP * (top + len(rows) * step_y + GAP), SHARP * (left + count * step_x + GAP), 3), 255, "uint8")
    for i, row in enumerate(rows):
        y, x = SHARP * (top + i * step_y), SHARP * left
        frame = SHARP * np.array([step_y + GAP, len(row) * step_x + GAP])
        paper[y : y + frame[0], x : x + frame[1]] = np.array(plt.matplotlib.colors.to_rgb(SEPARATOR)) * 255
        for j, image in enumerate(row):
            block = image.repeat(SHARP * zoom, 0).repeat(SHARP * zoom, 1)
            at_y, at_x = y + SHARP * GAP, x + SHARP * (j * step_x + GAP)
            paper[at_y : at_y + block.shape[0], at_x : at_x + block.shape[1]] = block

    figure, _ = _canvas(paper)
    for i, text in enumerate(labels):
        y = SHARP * (top + i * step_y + GAP + zoom * height / 2)
        figure.text((left - 8) * SHARP / paper.shape[1], 1 - y / paper.shape[0], text, ha="right", va="center")
    for j, text in enumerate(columns):
        x = SHARP * (left + j * step_x + GAP + zoom * width / 2)
        figure.text(x / paper.shape[1], 1 - SHARP * (top - 4) / paper.shape[0], text, ha="center", va="bottom")
    return _pixels(figure, SHARP * INCH)


def player(frames, alt, interval=100, dpi=INCH):
    """Show a film with a slider: every frame is in the page, so it needs no kernel and asks no host for anything.

    Its size is the number of frames times a frame's, 10 to 50 kB. A drawing's frames have 64 colours.

    Args:
        frames: a matplotlib animation; or a list, of figures of one size, or of pictures made by `mosaic`.
        alt: a sentence that says what there is to see.
        interval: milliseconds from frame to frame. Defaults to 100.
        dpi: dots per inch of figures, which are shown at 96. Defaults to 96.

    Raises:
        ValueError: if `alt` is not a sentence, there are fewer than 2 frames, frames differ in size, or the film is
            wider than 1000 pixels or larger than 8 MB.
    """
    alt, drawing = escape(_check_alt(alt)), isinstance(frames, Animation)
    if not drawing:
        frames, dpi = _animation(frames, dpi)
    figure = frames._fig
    width = round(INCH * figure.get_figwidth())
    plt.close(figure)
    with plt.rc_context({"savefig.dpi": dpi, "animation.embed_limit": 10 * PLAYER_LIMIT}):
        html = frames.to_jshtml(fps=1000 / interval, default_mode="once")
    few = 64 if drawing else 256
    html = re.sub(r"(?<=base64,)[^\"]+", lambda png: _palette(base64.b64decode(png[0]), few, drawing), html)
    stills = re.findall(r'frames\[\d+\] = "([^"]+)"', html)
    if len(stills) < 2:
        raise ValueError(TOO_SHORT.format(len(stills)))
    if width > PAGE:
        raise ValueError(f"The film is {width} pixels wide, a page {PAGE}: make its figure at most "
                         f"{PAGE / INCH:.1f} inches wide.")  # fmt: skip
    if len(html) > PLAYER_LIMIT * 1e6:
        raise ValueError(f"The film has {len(html) / 1e6:.1f} MB, at most {PLAYER_LIMIT} fit on a page: "
                         "use fewer frames, a smaller figure or a smaller `dpi`.")  # fmt: skip
    html = re.sub(r"<link[^>]*>", "", html)  # the button's icons, from a host that a reader may not reach
    html = re.sub(r'<i class="fa fa-([^"]+)"></i>', lambda icon: BUTTONS[icon[1]], html)
    first = re.sub(r"\\?\n", "", stills[0])  # without scripts, as in a notebook not yet trusted, the film is a still
    html = re.sub(r'<img (id="[^"]+")>', lambda tag: f'<img {tag[1]} src="{first}" alt="{alt}" width="{width}" '
                  'style="background: white; max-width: 100%">', html)  # fmt: skip
    display(HTML(f'<div role="group" aria-label="{alt}">{html}</div>'))


def _check_alt(alt):
    if not isinstance(alt, str) or len(alt.split()) < 2:
        raise ValueError(f"`alt` must be a sentence that says what there is to see, got {alt!r}.")
    return " ".join(alt.split())


def _check_rows(rows):
    rows = [rows] if getattr(rows, "ndim", None) in (3, 4) else list(rows)
    rows = [np.asarray(row) for row in rows]
    rows = [row[..., None] if row.ndim == 3 else row for row in rows]
    shapes = [row.shape for row in rows]
    if not rows or any(len(shape) != 4 or shape[-1] not in (1, 3) or 0 in shape for shape in shapes):
        raise ValueError(f"Each row must be a batch (n, height, width, 1 or 3) of images, got shapes {shapes}.")
    if len({shape[1:3] for shape in shapes}) > 1:
        raise ValueError(f"Images of all rows must have one size, got shapes {shapes}.")
    if not all(np.isfinite(row).all() and row.min() >= 0 and row.max() <= 1 for row in rows):
        raise ValueError("Images must lie in [0, 1]: clip them with np.clip(images, 0, 1), or rescale differences.")
    return [np.broadcast_to((255 * row.astype("float64")).round(), (*row.shape[:3], 3)).astype("uint8") for row in rows]


def _zoom(zoom, size, counts, margins):
    """Return a whole zoom for images of `size` in `counts` (down, across), or say why there is none."""

    def extent(factor, axis):
        return margins[axis] + counts[axis] * (factor * size[axis] + GAP) + GAP

    least = -(-SMALLEST // max(size))
    if zoom is None:
        fits = [factor for factor in range(least, LARGEST // max(size) + 1)
                if extent(factor, 1) <= PAGE and extent(factor, 0) <= TALLEST]  # fmt: skip
        zoom = max(fits, default=least)
    if check_positive_integer(zoom, "zoom") < least:
        raise ValueError(f"zoom={zoom} shows images of {zoom * max(size)} pixels, too small for a projector: "
                         f"use {least} or more.")  # fmt: skip
    if extent(zoom, 1) > PAGE:
        most = (PAGE - margins[1] - GAP) // (zoom * size[1] + GAP)
        raise ValueError(f"The rows are {extent(zoom, 1)} pixels wide, a page {PAGE}: at zoom={zoom} at most "
                         f"{most} images fit in a row. Show fewer or break the rows.")  # fmt: skip
    return int(zoom)


def _size(ruler, text):
    """Return the CSS pixels of `text`, width and height, rounded up."""
    label = ruler.text(0, 0, text)
    return int(np.ceil(label.get_window_extent().width)), int(np.ceil(label.get_window_extent().height))


def _canvas(picture, dpi=SHARP * INCH):
    """Return a figure that shows an array's pixels as they are, when drawn at `dpi` dots per inch, and its image."""
    figure = Figure((picture.shape[1] / dpi, picture.shape[0] / dpi), dpi, layout="none")
    return figure, figure.figimage(picture)


def _pixels(figure, dpi):
    return (255 * plt.imread(io.BytesIO(_png(figure, dpi)))[..., :3]).round().astype("uint8")


def _png(figure, dpi, box=None):
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi, bbox_inches=box, facecolor="white", metadata={"Software": None})
    return buffer.getvalue()


def _palette(png, colours, drawing=True):
    """Return a PNG in base64 with few colours, a third of the bytes; pictures with a thousand colours keep them."""
    image, buffer = Image.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    if drawing or image.getcolors(1000):
        image.quantize(colours, dither=Image.Dither.NONE).save(buffer, "png")
    return base64.b64encode(buffer.getvalue() or png).decode()


def _animation(frames, dpi):
    """Return figures or pictures as an animation, and the dots per inch that show their pixels as they are."""
    frames = list(frames)
    if all(isinstance(frame, Figure) for frame in frames):
        pictures = [_pixels(frame, dpi) for frame in frames]
        for frame in frames:
            plt.close(frame)
    else:
        pictures, dpi = frames, SHARP * INCH
    if len(pictures) < 2:
        raise ValueError(TOO_SHORT.format(len(pictures)))
    if len(shapes := {picture.shape for picture in pictures}) > 1:
        raise ValueError(f"Frames must have one size, got {sorted(shapes)}.")
    figure, image = _canvas(pictures[0], dpi)
    return FuncAnimation(figure, lambda i: image.set_data(pictures[i]), frames=len(pictures)), dpi


def _display(source, alt, width):
    display(HTML(f'<img alt="{escape(alt)}" width="{width}" style="background: white; max-width: 100%; height: auto" '
                 f'src="data:image/png;base64,{source}">'))  # fmt: skip
