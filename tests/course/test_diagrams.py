import matplotlib.pyplot as plt
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch
from matplotlib.text import Text

from ganinv_keras.course import diagrams


def texts(figure):
    return [text.get_text() for text in figure.axes[0].texts]


def boxes(figure):
    """Return for each box its label, the word that marks it, its fill, and whether its edge is the thick blue one."""
    labels = {text.get_position(): text.get_text() for text in figure.axes[0].texts}
    patches = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)]
    answer = []
    for fill, edge in zip(patches[::2], patches[1::2], strict=True):
        x, y = edge.centre
        inside = [text for (at_x, at_y), text in labels.items() if at_x == x and abs(at_y - y) < 0.2]
        thick = to_hex(edge.get_edgecolor()) == diagrams.LIT and edge.get_linewidth() > 2
        answer.append((*inside, to_hex(fill.get_facecolor()), thick))
    return answer


def arrows(figure, colour):
    patches = [patch for patch in figure.axes[0].patches if isinstance(patch, FancyArrowPatch) and patch.patchA]
    labels = {patch: label for patch, label in zip(_edges(figure), _labels(figure), strict=True)}
    return [(labels[p.patchA], labels[p.patchB]) for p in patches if to_hex(p.get_edgecolor()) == colour]


def _edges(figure):
    return [patch for patch in figure.axes[0].patches if isinstance(patch, FancyBboxPatch)][1::2]


def _labels(figure):
    return [box[0] for box in boxes(figure)]


WHITE, YELLOW, GREY = diagrams.FILLS[None], diagrams.FILLS["trained"], diagrams.FILLS["frozen"]


def test_the_running_diagram_marks_its_boxes_by_word_fill_and_edge():
    figure = diagrams.running(lit="encoder", trained="encoder", frozen=["G"])
    found = boxes(figure)
    assert found.count(("$G$", "frozen", GREY, False)) == 2
    assert ("encoder", "trained", YELLOW, True) in found
    assert ("search", WHITE, False) in found and r"$\hat{z}$" in _labels(figure)
    assert "$D$" not in _labels(figure) and "gradient" not in texts(figure)


def test_gradients_run_back_through_the_lower_generator():
    figure = diagrams.running(lit="search", gradients="loss ~> x_hat ~> G ~> z_hat ~> search")
    x_hat, z_hat = r"$\hat{x}$", r"$\hat{z}$"
    assert arrows(figure, diagrams.GRADIENT) == [("loss", x_hat), (x_hat, "$G$"), ("$G$", z_hat), (z_hat, "search")]
    lower = next(p for p in figure.axes[0].patches if getattr(p, "patchA", None) and p.patchB.centre[1] < 1.5)
    assert lower.patchB.centre[1] < 1.5 and "gradient" in texts(figure)


def test_gradients_of_a_gan_run_through_the_upper_one():
    figure = diagrams.running(lit=("G", "D"), trained=("G", "D"), gradients="D ~> x ~> G")
    assert arrows(figure, diagrams.GRADIENT) == [("$D$", "$x$"), ("$x$", "$G$")]
    ends = [p.patchB.centre[1] for p in figure.axes[0].patches if getattr(p, "patchA", None)][-2:]
    assert ends[0] == ends[1]  # one row


def test_only_arrows_between_lit_boxes_are_in_ink():
    figure = diagrams.running(lit=("z", "G", "x"))
    assert arrows(figure, diagrams.INK) == [("$z$", "$G$"), ("$G$", "$x$")]
    assert len(arrows(figure, diagrams.FAINT)) == 9


def test_the_running_diagram_always_has_one_size():
    plain, full = diagrams.running(), diagrams.running(lit=("G", "D"))
    assert plain.get_figwidth() == full.get_figwidth() < 10.4
    assert plain.get_figheight() == full.get_figheight()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"lit": "Encoder"}, "Unknown box 'Encoder'. Did you mean 'encoder'?"),
        ({"gradients": "loss ~> xhat"}, "Unknown box 'xhat'. Did you mean 'x_hat'?"),
        ({"gradients": "loss"}, "Cannot read line 1, 'loss'"),
        ({"trained": "G", "frozen": ("G", "z")}, "The box 'G' is both trained and frozen"),
    ],
)
def test_the_running_diagram_says_what_it_does_not_know(options, message):
    with pytest.raises(ValueError, match=message):
        diagrams.running(**options)


def test_a_flow_is_read_line_by_line():
    figure = diagrams.flow("z -> G [trained] -> x_hat -> D [frozen]\n\n  x_real -> D -> $D(x)$\nD ~> G")
    assert boxes(figure) == [
        ("$z$", WHITE, False),
        ("$G$", "trained", YELLOW, False),
        (r"$\hat{x}$", WHITE, False),
        ("$D$", "frozen", GREY, False),
        (r"$x_{\mathrm{real}}$", WHITE, False),
        ("$D(x)$", WHITE, False),
    ]
    assert arrows(figure, diagrams.GRADIENT) == [("$D$", "$G$")]
    assert arrows(figure, diagrams.INK)[3:] == [(r"$x_{\mathrm{real}}$", "$D$"), ("$D$", "$D(x)$")]


def test_a_box_of_a_later_line_stands_beside_the_box_it_is_joined_to():
    first, _, joined, new, after = (edge.centre for edge in _edges(diagrams.flow("a -> b -> c\nd -> c -> e")))
    assert new[1] == after[1] < first[1] == joined[1]
    assert first[0] < new[0] < joined[0] < after[0]


def test_everything_drawn_is_inside_the_figure():
    figure = diagrams.flow("a -> b -> c -> d -> e -> f\na -> f\nf ~> a")
    figure.draw_without_rendering()
    box = figure.get_tightbbox()
    width, height = figure.get_size_inches()
    assert box.x0 >= 0 and box.y0 >= 0 and box.x1 <= width and box.y1 <= height
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("z -> G\nz -> -> x", "Cannot read line 2, 'z -> -> x'. Write boxes and arrows in turn"),
        ("z -> G [frozn]", "Cannot read line 1"),
        ("z", "Cannot read line 1"),
        ("z -> G ->", "Cannot read line 1"),
        ("z => G", "Cannot read line 1"),
        ("  \n", "There is no line to draw"),
        ("z -> G [trained] -> x\nG [frozen] -> y", "The box 'G' is both trained and frozen"),
        (" -> ".join("abcdefghij"), "inches wide, a page 10.4: break a line in two"),
    ],
)
def test_lines_that_cannot_be_drawn_say_why(text, message):
    with pytest.raises(ValueError, match=message):
        diagrams.flow(text)


@pytest.mark.parametrize(("lit", "times"), [(["G", "D"], 1), (["G", "search"], 2)])
def test_the_way_back_is_marked_only_where_the_page_is_about_it(lit, times):
    figure = diagrams.running(lit, trained="G")
    assert [text.get_text() for text in figure.findobj(Text)].count("trained") == times
