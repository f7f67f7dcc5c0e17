"""The house keeps its order: what may import what, how large a room and a file may be, and what stands at the door."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FILES = [*(ROOT / "ganinv_keras").rglob("*.py"), *(ROOT / "tests").rglob("*.py")]
PUBLIC = ("LatentOptimizer, LevenbergMarquardt, EncoderInverter, HybridInverter, Inversion, Uniform, Normal, Angular, "
          "load_images, pretrained")  # fmt: skip


def python(code):
    return subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)


def test_imports_only_point_up_the_list_of_rooms():
    answer = subprocess.run([Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True)
    assert answer.returncode == 0, answer.stdout


def test_no_room_has_more_than_ten_files_and_no_file_more_than_250_lines():
    rooms = Counter(path.parent for path in FILES if "tests" not in path.parts and path.name != "__init__.py")
    assert not {room: count for room, count in rooms.items() if count > 10}
    assert not [path for path in FILES if len(path.read_text().splitlines()) > 250]


def test_every_room_of_the_module_has_its_tests():
    rooms = {
        path.parent.relative_to(ROOT / "ganinv_keras") for path in FILES if path.is_relative_to(ROOT / "ganinv_keras")
    }
    assert all(list((ROOT / "tests" / room).glob("test_*.py")) for room in rooms if room.parts[:1] != ("course",))


def test_the_public_names_stand_at_the_door():
    answer = python(f"from ganinv_keras import {PUBLIC}; print(LatentOptimizer.__module__, pretrained.load.__module__)")
    assert answer.stdout.split() == ["ganinv_keras.inversion.latent_optimizer", "ganinv_keras.zoo.pretrained"]
    assert answer.stderr == ""


def test_nothing_is_imported_before_it_is_used():
    answer = python(
        "import sys, ganinv_keras; print([name for name in sys.modules if name.startswith('ganinv_keras.')])"
    )
    assert answer.stdout.strip() == "[]"


def test_a_name_that_is_not_there_is_an_attribute_error():
    import ganinv_keras

    assert "LatentOptimizer" in dir(ganinv_keras)
    with pytest.raises(AttributeError, match="module 'ganinv_keras' has no attribute 'LatentOptimiser'"):
        _ = ganinv_keras.LatentOptimiser
