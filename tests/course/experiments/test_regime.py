import json

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.course.experiments import recovery, regime
from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import HardCutoff
from ganinv_keras.networks.priors import Normal
from ganinv_keras.zoo.pretrained import Pretrained


@pytest.fixture
def model(linear_generator):
    linear_generator.set_weights([0.1 * weight if weight.ndim > 1 else weight for weight in
                                  linear_generator.get_weights()])  # fmt: skip
    return Pretrained(linear_generator, None, Normal(4), {})


def test_direction_and_length_apart():
    z, z_hat = np.array([[3.0, 4.0], [1.0, 0.0]]), np.array([[6.0, 8.0], [0.0, 2.0]])
    found = regime.described(z, z_hat)
    assert found["E"] == [12.5, 2.5] and found["length"] == [10, 2]
    assert found["cosine"] == pytest.approx([1, 0])


def test_a_cell_recovers_by_each_criterion(model, monkeypatch):
    monkeypatch.setattr(recovery, "STRICTEST", {"disabled": None, "hard(0)": HardCutoff(0.0)})
    z, x, starts = recovery.plant(model, 3)
    alone = LatentOptimizer(model.generator, model.prior, "mse").invert(x, 40, recovery.optimizer(), starts)
    cells = {draw: regime.cell(model.generator, model.prior, z, starts, draw, "never", 40) for draw in regime.DRAWS}
    for found in cells.values():
        assert found["disabled"]["E"] == pytest.approx(regime.described(z, alone.z)["E"], rel=1e-4)
        assert found["disabled"]["steps"] == [40, 40, 40]
    own, shared = (cells[draw]["hard(0)"]["cosine"] for draw in regime.DRAWS)
    # One number for all four elements: a latent on the diagonal.
    z_unit = np.abs(z.sum(1)) / 2 / np.linalg.norm(z, axis=1)
    assert np.abs(shared) == pytest.approx(z_unit, rel=1e-3) and own != pytest.approx(shared, rel=1e-2)


def test_descent_ends_where_the_error_no_longer_changes(model):
    z, _, starts = recovery.plant(model, 3)
    long = regime.cell(model.generator, model.prior, z, starts, "shared", "at |ΔMSE| < 1e-10", 4000)
    assert max(long["disabled"]["steps"]) < 4000 and max(long["disabled"]["E"]) < 1e-3


def test_a_run_that_was_stopped_goes_on(model, tmp_path, monkeypatch):
    done = []
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    monkeypatch.setattr(regime.pretrained, "load", lambda name: model)
    monkeypatch.setattr(recovery, "with_own_statistics", lambda generator: generator)
    monkeypatch.setattr(regime, "cell", lambda *way: done.append(way[4:6]) or {"steps": way[6]})
    (tmp_path / "results").mkdir()
    regime.main("any", 2, 7)
    written = json.loads((tmp_path / "results" / "03_regime.json").read_text())
    assert len(done) == 8 and written["own, shared, never"] == {"steps": 7} and written["about"]["n"] == 2
    part = {key: value for key, value in written.items() if "stored" not in key}
    (tmp_path / "03_regime.json").write_text(json.dumps(part))
    regime.main("any", 2, 7)
    assert len(done) == 12
    regime.main("any", 2, 8)
    assert len(done) == 20, "other settings are other runs"
