import io
import struct
import warnings
import zlib

import numpy as np
import pytest
from PIL import Image

from ganinv_keras.invert import photographs
from ganinv_keras.invert.photographs import decode, files_of

RANDOM = np.random.default_rng(0).integers(0, 256, (8, 8, 3)).astype("uint8")


def encoded(image, form="PNG", **options):
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def test_the_middle_is_averaged():
    wide = np.zeros((4, 8, 3), "uint8")
    wide[:, 2:6] = np.kron(RANDOM[:2, :2], np.ones((2, 2, 1))).astype("uint8")
    assert np.array_equal(decode(encoded(Image.fromarray(wide)), (2, 2, 3)), RANDOM[:2, :2])
    checks = np.indices((4, 4)).sum(axis=0) % 2 * 200
    assert np.all(decode(encoded(Image.fromarray(checks.astype("uint8"))), (2, 2, 1)) == 100)


def test_a_small_one_is_enlarged():
    one = np.full((2, 2, 3), (10, 20, 30), "uint8")
    assert np.all(decode(encoded(Image.fromarray(one)), (8, 8, 3)) == (10, 20, 30))


@pytest.mark.parametrize("form", ["BMP", "GIF", "PPM", "TGA", "TIFF", "WEBP"])
def test_formats(form):
    found = decode(encoded(Image.fromarray(RANDOM), form, **({"lossless": True} if form == "WEBP" else {})), (8, 8, 3))
    assert np.array_equal(found, RANDOM)


def test_the_camera_knows_which_way_is_up():
    turned = Image.fromarray(np.rot90(RANDOM).copy())
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by 90° clockwise
    assert np.array_equal(decode(encoded(turned, exif=exif), (8, 8, 3)), RANDOM)


def test_transparency_is_white_and_grey_is_brightness():
    half = np.dstack([np.zeros((4, 4, 3)), np.repeat([[0, 255]], 4, 0).repeat(2, 1)]).astype("uint8")
    found = decode(encoded(Image.fromarray(half)), (4, 4, 3))
    assert np.all(found[:, :2] == 255) and not found[:, 2:].any()
    assert decode(encoded(Image.fromarray(RANDOM)), (8, 8, 1)).shape == (8, 8, 1)
    assert np.all(decode(encoded(Image.fromarray(RANDOM[..., 0])), (8, 8, 3)) == RANDOM[..., :1])


def test_sixteen_bits():
    values = np.array([[0, 257], [257 * 100, 65535]], "uint16")
    assert decode(encoded(Image.fromarray(values)), (2, 2, 1)).ravel().tolist() == [0, 1, 100, 255]


def test_the_face_of_an_aligned_photograph():
    image = np.zeros((218, 178, 3), "uint8")
    image[40:188, 15:163] = 9
    assert np.all(decode(encoded(Image.fromarray(image)), (64, 64, 3)) == 9)


def bomb(side):
    """A PNG of some hundred bytes that says it has side×side pixels."""
    content = encoded(Image.fromarray(RANDOM))
    header = content[12:16] + struct.pack(">II", side, side) + content[24:29]
    return content[:12] + header + struct.pack(">I", zlib.crc32(header)) + content[33:]


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "the file is empty"),
        (b"Dear diary", "no image, or in a format that Pillow does not know"),
        (encoded(Image.fromarray(RANDOM.repeat(20, 0).repeat(20, 1)), "JPEG")[:-200], "truncated"),
        (encoded(Image.fromarray(RANDOM))[:60], "."),
        (bomb(12_000), "12,000×12,000 pixels are more than 100,000,000"),
        (bomb(30_000), "exceeds limit"),
        (encoded(Image.fromarray(RANDOM[..., 0].astype("float32")), "TIFF"), "no whole number"),
        (encoded(Image.fromarray(RANDOM[..., 0].astype("int32") * 2**20), "TIFF"), "more than 16 bits"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", "does not know"),
    ],
)
def test_what_cannot_be_decoded(content, words):
    with warnings.catch_warnings(action="error"), pytest.raises(ValueError, match=words):
        decode(content, (8, 8, 3))


def test_files_by_path_without_hidden_ones_and_the_results(tmp_path):
    for name in ("b/2.png", "b/.hidden.png", ".git/x.png", "a.png", "out/sheet.png", "out2/c.png"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    found = [str(path)[len(str(tmp_path)) + 1 :] for path in files_of(tmp_path, tmp_path / "out")]
    assert found == ["a.png", "b/2.png", "out2/c.png"]
    assert len(files_of(tmp_path, tmp_path / "not there")) == 4
    assert "EPS" not in photographs.FORMATS and {"JPEG", "PNG", "WEBP"} <= set(photographs.FORMATS)
