import json

import numpy as np
import pytest

from ganinv_keras import Inversion, Uniform, files, load_images, pretrained
from ganinv_keras.course.bench import compare


def test_a_summary_by_hand():
    x = np.zeros((2, 16, 16, 1), "float32")
    x_hat = np.stack([np.full((16, 16, 1), 0.1), np.full((16, 16, 1), 0.01)]).astype("float32")
    z = np.array([[0.5, -0.5], [0.0, 0.0]])
    z_hat = np.array([[0.5, 0.5], [0.2, 0.0]], "float32")
    history = {"step": np.array([0, 10]), "loss": np.array([[1.0, 1.0], [0.01, 0.0001]])}
    inversion = Inversion(z_hat, x_hat, np.array([0.01, 0.0001]), history, np.array([10, 10]), 4.0)
    row = compare.summary(inversion, x, Uniform(2), z)
    assert row["psnr"] == pytest.approx(30, abs=1e-3) and row["psnr_sem"] == pytest.approx(10, abs=1e-3)
    assert row["E"] == pytest.approx(0.26, abs=1e-6)
    assert row["knows"] == pytest.approx(1)
    curve = compare.curve(inversion)
    assert curve["seconds"] == [0.0, 2.0]
    assert curve["psnr"] == pytest.approx([0.0, -10 * np.log10(0.00505)], abs=1e-3)
    known = compare.summary(inversion, x, Uniform(2), label_errors=np.array([0.1, 0.3]))
    assert known["label_error"] == pytest.approx(0.2) and known["knows"] == pytest.approx(-1) and "E" not in known


def test_labels_are_read_from_the_image():
    train, test = load_images("avatars", "train", verbose=False)[:400], load_images("avatars", "test", verbose=False)
    judge = compare.LabelJudge(train)
    own, other = judge.errors(test.images, test), judge.errors(np.roll(test.images, 1, axis=0), test)
    assert "fatness" in judge.names and own.shape == (len(test),) and own.mean() < 0.9 * other.mean()


def test_everything_is_compared_once_and_goes_on(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    for name, value in {"N": 8, "STEPS": 4, "ITERATIONS": 1, "SEEDS": (0, 1)}.items():
        monkeypatch.setattr(compare, name, value)
    every = compare.inverters(4, 1)
    assert len(every) == 3 + 1 + 2 * 3 + 3 * 2
    chosen = {name: every[name] for name in ("descent, clipped", "AEGAN", "AEGAN, least squares")}
    monkeypatch.setattr(compare, "inverters", lambda steps, iterations: chosen)
    (tmp_path / "results").mkdir()
    compare.main()
    path = tmp_path / "results" / "08_compare.json"
    found = json.loads(path.read_text())
    parts = {name: list(found[name])[2:] for name in chosen}
    assert parts == {"descent, clipped": ["0", "1", "curve"]} | dict.fromkeys(list(chosen)[1:], ["0", "curve"])
    assert found["descent, clipped"]["evaluations"] == 8
    assert found["AEGAN, least squares"]["evaluations"] == 1 * 104 + 1
    one_pass, refined = (found[name]["0"]["generated"]["psnr"] for name in ("AEGAN", "AEGAN, least squares"))
    assert refined > one_pass + 1
    one_pass, refined = (found[name]["curve"]["generated"]["psnr"][-1] for name in ("AEGAN", "AEGAN, least squares"))
    assert refined > one_pass + 1
    assert found["labels"]["the image itself"] < found["labels"]["another image"]
    before = path.read_text()
    monkeypatch.setattr(compare.json, "dumps", lambda *args, **kwargs: pytest.fail("nothing is left to do"))
    compare.main()
    assert path.read_text() == before
    assert pretrained.load("avatars-aegan").prior.dim == 100
