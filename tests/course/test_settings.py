import json
import re

import keras
import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras import device, files
from ganinv_keras.course import settings


def test_scale_comes_from_the_argument_then_the_environment(monkeypatch):
    assert settings.scale() == "smoke"
    assert settings.scale("paper") == "paper"
    monkeypatch.delenv("GANINV_SCALE")
    assert settings.scale() == "laptop"
    with pytest.raises(ValueError, match="Unknown scale 'labtop'. Did you mean 'laptop'?"):
        settings.scale("labtop")


def test_settings_picks_one_column_and_shows_all(shown):
    chosen = settings.settings("laptop", steps=(1, 20_000, 300), rate=(1e-1, 1e-4, 1e-3), kind=("a", None, True))
    assert vars(chosen) == {"scale": "laptop", "steps": 20_000, "rate": 1e-4, "kind": None}
    html = shown[0].data
    for text in ("smoke", "laptop", "paper", "20,000", "300", "0.0001", "None", "True", "This run: laptop scale."):
        assert f">{text}<" in html
    assert re.findall("<b>(.*?)</b>", html) == ["20,000", "0.0001", "None"]


def test_settings_need_a_value_for_each_scale():
    with pytest.raises(ValueError, match="Setting 'steps' needs a value for each of smoke, laptop, paper"):
        settings.settings("laptop", steps=(1, 2))
    with pytest.raises(ValueError, match="Unknown scale 'big'"):
        settings.settings("big", steps=(1, 2, 3))


def test_results_go_to_the_output_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("GANINV_RESULTS_DIR", raising=False)
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    path = settings.write_results("99", {"mae": np.float32(0.5)}, "laptop")
    assert path == files.output_dir() / "99-laptop.json" and path.parent == tmp_path
    assert json.loads(path.read_text()) == {
        "scale": "laptop",
        "device": device.device(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "mae": 0.5,
    }


def test_committed_results_go_where_contributing_says(monkeypatch, tmp_path):
    monkeypatch.setenv("GANINV_RESULTS_DIR", str(tmp_path))
    path = settings.write_results("99", {"mae": 1}, "laptop")
    assert path == tmp_path / "99.json" and json.loads(path.read_text())["mae"] == 1
    monkeypatch.setenv("GANINV_RESULTS_DIR", str(tmp_path / "missing"))
    with pytest.raises(PermissionError, match="its folder is missing"):
        settings.write_results("99", {"mae": 1}, "laptop")
