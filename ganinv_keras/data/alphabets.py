"""Characters of fifteen scripts, drawn from the fonts that come with matplotlib: an Omniglot that needs no file."""

import unicodedata
from pathlib import Path

import matplotlib
import numpy as np
from matplotlib.ft2font import FT2Font
from PIL import Image, ImageDraw, ImageFont
from scipy import ndimage

# The test scripts are in neither these training scripts nor Omniglot's background alphabets.
TRAIN_SCRIPTS = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "HEBREW", "ARABIC", "NKO", "GEORGIAN", "CANADIAN",
                 "TIFINAGH", "LISU")  # fmt: skip
TEST_SCRIPTS = ("LAO", "OGHAM", "OLD ITALIC", "COPTIC")
CHARACTERS = 48  # at most, of each script
DRAWERS = 20  # drawings of each character, as in Omniglot
FONT = Path(matplotlib.get_data_path()) / "fonts/ttf/DejaVuSans.ttf"
CANVAS = 96  # pixels of the glyph before it is warped


def characters(script):
    """List the letters of a script that the font has and that are no accented form of another: at most 48."""
    letters = (chr(code) for code in sorted(FT2Font(str(FONT)).get_charmap()))
    return [c for c in letters if unicodedata.category(c).startswith("L") and not unicodedata.decomposition(c)
            and unicodedata.name(c, "").startswith(script + " ")][:CHARACTERS]  # fmt: skip


def _glyph(character, font):
    """Draw one character in the middle of the canvas and nearly as large, as softened ink in [0, 1]."""
    canvas = Image.new("L", (CANVAS, CANVAS))
    left, top, right, bottom = font.getbbox(character)
    font = font.font_variant(size=min(font.size * 66 / max(right - left, bottom - top), 1.5 * font.size))
    left, top, right, bottom = font.getbbox(character)
    ImageDraw.Draw(canvas).text(
        ((CANVAS - left - right) / 2, (CANVAS - top - bottom) / 2), character, fill=255, font=font
    )
    return ndimage.gaussian_filter(np.asarray(canvas, "float32") / 255, 1.5)


def _warps(n, size, generator):
    """Draw `n` smooth maps from a `size`×`size` grid to the canvas: turn, slant, stretch, shift and two waves."""
    y, x = np.meshgrid(*[np.linspace(-1, 1, size)] * 2, indexing="ij")
    turn, slant = generator.normal(0, 0.12, (2, n, 1, 1))
    stretch_y, stretch_x = generator.uniform(0.85, 1.2, (2, n, 1, 1))
    shift_y, shift_x = generator.normal(0, 0.06, (2, n, 1, 1))
    wave_y, wave_x = generator.normal(0, 0.05, (2, n, 1, 1))
    phase_y, phase_x = generator.uniform(0, 2 * np.pi, (2, n, 1, 1))
    warped_y = np.cos(turn) * y * stretch_y + np.sin(turn) * x + shift_y + wave_y * np.sin(4 * x + phase_y)
    warped_x = np.cos(turn) * x * stretch_x - np.sin(turn) * y + slant * y + shift_x + wave_x * np.sin(4 * y + phase_x)
    return (np.stack([warped_y, warped_x]) + 1) * (CANVAS - 1) / 2


def draw(seed=0):
    """Draw every character of every script `DRAWERS` times, bright on black, each time a little differently.

    Args:
        seed: seed of the jitter in shape and stroke. Defaults to 0.

    Returns:
        A dictionary of arrays with the keys of an `omniglot.npz`: `images` uint8 `(n, 28, 28, 1)`, `split` (0 train,
        1 test), `alphabet`, `alphabet_names`, `character` (counted through all scripts) and `drawer`.
    """
    generator = np.random.default_rng(seed)
    font = ImageFont.truetype(str(FONT), 62)
    scripts = TRAIN_SCRIPTS + TEST_SCRIPTS
    images, alphabet = [], []
    for index, script in enumerate(scripts):
        for character in characters(script):
            glyph = _glyph(character, font)
            field = ndimage.map_coordinates(glyph, _warps(DRAWERS, 56, generator), order=1)
            threshold = generator.uniform(0.35, 0.7, (DRAWERS, 1, 1))
            ink = np.clip((field - threshold) * 4 + 0.5, 0, 1)
            images.append(ink.reshape(DRAWERS, 28, 2, 28, 2).mean((2, 4)))
            alphabet.append(index)
    alphabet = np.repeat(np.array(alphabet, "uint8"), DRAWERS)
    return {
        "images": (np.concatenate(images)[..., None] * 255).round().astype("uint8"),
        "split": (alphabet >= len(TRAIN_SCRIPTS)).astype("uint8"),
        "alphabet": alphabet,
        "alphabet_names": np.array([script.title() for script in scripts]),
        "character": np.repeat(np.arange(len(images), dtype="uint16"), DRAWERS),
        "drawer": np.tile(np.arange(1, DRAWERS + 1, dtype="uint8"), len(images)),
    }
