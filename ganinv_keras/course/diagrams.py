"""Diagrams of data and gradients: the course's one running diagram, and a page's own from a few lines of text.

A solid arrow is data, a dashed orange one a gradient. A box that is trained is filled with yellow, a frozen one is
hatched, and each says so in a word; a box that a page is about has a thick blue edge.
"""

import math
import re
from itertools import chain, pairwise

from matplotlib.figure import Figure
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from ganinv_keras.checks import check_name

FILLS = {"trained": "#fbdc8e", "frozen": "#e6ebf0", None: "#ffffff"}
INK, FAINT, LIT, GRADIENT, HATCH = "#222222", "#767676", "#0072b2", "#d55e00", "#c3ced8"
HEIGHT, ROOM, ROW, MARGIN, WIDEST = 0.56, 0.62, 1.0, 0.2, 10.4  # inches; ROOM is for an arrow between two boxes
BOX_WIDTH = 1.05
ARROW = {"arrowstyle": "-|>", "mutation_scale": 14, "linewidth": 1.6, "shrinkA": 2, "shrinkB": 2}
DASHED = {"color": GRADIENT, "linestyle": (0, (4, 2))}

PLACES = {
    "prior": (0, 0), "z": (1, 0), "G": (2, 0), "x": (3, 0), "D": (4, 0),
    "encoder": (1.5, 0.95), "search": (2.5, 1.55), "loss": (4, 1.25),
    "z_hat": (1, 2.5), "G again": (2, 2.5), "x_hat": (3, 2.5),
}  # fmt: skip
ARROWS = [
    ("prior", "z"), ("z", "G"), ("G", "x"), ("x", "D"), ("x", "encoder"), ("x", "search"), ("encoder", "z_hat"),
    ("search", "z_hat"), ("z_hat", "G again"), ("G again", "x_hat"), ("x", "loss"), ("x_hat", "loss"),
]  # fmt: skip
NAMES = [name for name in PLACES if name != "G again"]
BOTH = "The box {!r} is both trained and frozen: say one of the two."
EXAMPLE = "Write boxes and arrows in turn, as in 'z -> G [trained] -> x_hat', 'x -> D [frozen]' or 'loss ~> G'."


def running(lit=(), trained=(), frozen=(), gradients=""):
    """Return the course's running diagram: a prior draws z, G makes x of it, and an encoder or a search goes back.

    Its boxes are `prior`, `z`, `G`, `x`, `encoder`, `search`, `z_hat`, `x_hat`, `loss`, and `D`, which is there only if
    it is named. G stands there twice; the second time, on the way back, it is marked only if a box there is lit.

    Args:
        lit: a box, or several, that the page is about. The others are grey.
        trained: boxes that the page trains. Defaults to none.
        frozen: boxes that it keeps as they are. Defaults to none.
        gradients: the way that gradients take, as in `"loss ~> x_hat ~> G ~> z_hat ~> encoder"`; a line for each way.
            Defaults to none.

    Returns:
        A matplotlib figure, 8.1 inches wide, for `figures.show`.

    Raises:
        ValueError: if a box is unknown, or both trained and frozen, or `gradients` cannot be read.
    """
    lit, trained, frozen = ([names] if isinstance(names, str) else list(names) for names in (lit, trained, frozen))
    ways = [way for _, boxes, _ in _read(gradients) for way in pairwise(boxes)]
    named = [*lit, *trained, *frozen, *chain(*ways)]
    for name in named:
        check_name(name, NAMES, "box")
    if both := set(trained) & set(frozen):
        raise ValueError(BOTH.format(*both))
    below = {"z_hat", "x_hat"}
    if {"encoder", "search", "loss", *below} & set(lit):
        lit, trained, frozen = map(_twice, (lit, trained, frozen))
    marks = dict.fromkeys(trained, "trained") | dict.fromkeys(frozen, "frozen")
    ways = [tuple("G again" if name == "G" and below & {a, b} else name for name in (a, b)) for a, b in ways]
    places = {name: place for name, place in PLACES.items() if name != "D" or "D" in named}
    arrows = [(a, b) for a, b in ARROWS if b in places]
    return _draw(places, arrows, ways, marks, lit, BOX_WIDTH)


def flow(text):
    """Return a diagram of the networks of a page, drawn from lines of text.

    A line is boxes and the arrows between them: `->` for data, `~>` for a gradient. `[trained]` or `[frozen]` after a
    box marks it. `z`, `x_hat` or `x_real` are set as mathematics, and so is what stands between dollars. Each
    line is a row, from left to right; a box named again is the one already there, and its neighbours stand beside it.

        z -> G [trained] -> x_hat -> D [frozen] -> loss
        loss ~> G

    Args:
        text: the lines. Empty ones are skipped.

    Returns:
        A matplotlib figure for `figures.show`.

    Raises:
        ValueError: if there is no line or one that cannot be read, a box is marked in two ways, or the diagram is
            wider than 10.4 inches.
    """
    places, marks, arrows, ways, row = {}, {}, [], [], 0
    for signs, boxes, line_marks in _read(text):
        known = [i for i, name in enumerate(boxes) if name in places]
        column = max(places[boxes[known[0]]][0] - known[0], 0) if known else 0
        for name in boxes:
            places.setdefault(name, (column, row))
            column = max(column, places[name][0] + 1)
            mark = line_marks.get(name) or marks.get(name)
            if marks.setdefault(name, mark) not in (None, mark):
                raise ValueError(BOTH.format(name))
            marks[name] = mark
        for sign, way in zip(signs, pairwise(boxes), strict=True):
            (arrows if sign == "->" else ways).append(way)
        row += len(known) < len(set(boxes))
    if not places:
        raise ValueError(f"There is no line to draw. {EXAMPLE}")
    width = max(BOX_WIDTH, *(0.3 + 0.09 * len(re.sub(r"\\[a-z]+|[${}^]|_hat", "", name)) for name in places))
    return _draw(places, arrows, ways, marks, None, width)


def _read(text):
    """Return, for each line that is not empty, its arrows, its boxes, and a dict from box to mark."""
    lines = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        parts = [part.strip() for part in re.split(r"(->|~>)", line)]
        boxes = [re.fullmatch(r"([^\[\]<>]+?)\s*(?:\[(trained|frozen)\])?", part) for part in parts[::2]]
        if len(boxes) < 2 or None in boxes:
            raise ValueError(f"Cannot read line {number}, {line.strip()!r}. {EXAMPLE}")
        lines.append((parts[1::2], [box[1] for box in boxes], {box[1]: box[2] for box in boxes if box[2]}))
    return lines


def _draw(places, arrows, ways, marks, lit, width):
    """Draw boxes at `places` (column, row down), data `arrows` and gradient `ways`; `lit` None lights all alike."""
    columns, rows = (max(place[axis] for place in places.values()) for axis in (0, 1))
    step = width + ROOM
    peaks = {(a, b): _peak(places[a], places[b]) for a, b in arrows + ways}
    head = max((peaks[a, b] for a, b in arrows if places[a][1] == 0), default=0)
    size = (columns * step + width + 2 * MARGIN, head + rows * ROW + HEIGHT + 2 * MARGIN + (0.55 if ways else 0))
    if size[0] > WIDEST:
        raise ValueError(f"The diagram is {size[0]:.1f} inches wide, a page {WIDEST}: break a line in two, the second "
                         "beginning with the last box of the first, or shorten names.")  # fmt: skip
    figure = Figure(size, layout="none")
    axes = figure.add_axes((0, 0, 1, 1), xlim=(0, size[0]), ylim=(0, size[1]))
    axes.set_axis_off()

    patches = {}
    for name, (column, row) in places.items():
        x, y = MARGIN + width / 2 + column * step, size[1] - head - MARGIN - HEIGHT / 2 - row * ROW
        shape = dict(
            xy=(x - width / 2, y - HEIGHT / 2), width=width, height=HEIGHT, boxstyle="round,pad=0,rounding_size=0.1"
        )
        mark, is_lit = marks.get(name), lit is not None and name in lit
        ink = INK if lit is None or is_lit or mark or name in chain(*ways) else FAINT
        axes.add_patch(FancyBboxPatch(**shape, facecolor=FILLS[mark], edgecolor=HATCH, linewidth=0, zorder=2,
                                      hatch="///" if mark == "frozen" else None))  # fmt: skip
        edge = {"edgecolor": LIT, "linewidth": 3} if is_lit else {"edgecolor": ink, "linewidth": 1.2}
        patches[name] = axes.add_patch(FancyBboxPatch(**shape, facecolor="none", zorder=3, **edge))
        patches[name].centre = x, y
        axes.text(x, y + (0.1 if mark else 0), _label(name), ha="center", va="center", size=13, color=ink, zorder=4)
        if mark:
            axes.text(x, y - 0.14, mark, ha="center", va="center", size=10, color=ink, zorder=4)
    named = None if lit is None else {*lit, *chain(*ways)}
    for a, b in arrows:
        colour = INK if named is None or {a, b} <= named else FAINT
        _arrow(axes, patches[a], patches[b], peaks[a, b], color=colour)
    for a, b in ways:
        _arrow(axes, patches[a], patches[b], peaks[a, b] or 0.33, **DASHED)
    if ways:
        axes.add_patch(FancyArrowPatch((MARGIN, 0.16), (MARGIN + 0.6, 0.16), **ARROW, **DASHED))
        axes.text(MARGIN + 0.7, 0.16, "gradient", va="center", size=10, color=INK)
    return figure


def _peak(a, b):
    """Return the height, in inches, of the arc from place `a` to place `b`: 0 unless it leaps over a box of its row."""
    columns = abs(a[0] - b[0])
    return 0.35 + 0.08 * columns if a[1] == b[1] and columns > 1 else 0


def _arrow(axes, a, b, peak, **style):
    """Draw an arrow from box to box, an arc that bends to its left by `peak` inches."""
    length = math.dist(a.centre, b.centre)
    bend = f"arc3,rad={-2 * peak / length}"
    axes.add_patch(FancyArrowPatch(a.centre, b.centre, patchA=a, patchB=b, connectionstyle=bend, **ARROW, **style))


def _twice(names):
    """Return names with the lower G after the upper one."""
    return [*names, "G again"] if "G" in names else names


def _label(name):
    name = name.removesuffix(" again")
    if short := re.fullmatch(r"([A-Za-z])(_hat)?(?:_(\w+))?", name):
        letter = rf"\hat{{{short[1]}}}" if short[2] else short[1]
        return f"${letter}$" if not short[3] else rf"${letter}_{{\mathrm{{{short[3]}}}}}$"
    return name
