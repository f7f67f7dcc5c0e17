import json

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.course.experiments import discs


def test_two_numbers_make_an_image():
    world = discs.images(50)
    x = world.images[..., 0].astype("float64")
    mass = x.sum(axis=(1, 2))
    row, column = np.mgrid[: discs.SIZE, : discs.SIZE]
    assert np.sum(x * column, axis=(1, 2)) / mass == pytest.approx(world.attributes["x"], abs=0.05)
    assert np.sum(x * row, axis=(1, 2)) / mass == pytest.approx(world.attributes["y"], abs=0.05)
    assert mass.std() / mass.mean() < 0.01, "the discs differ in nothing else"


def test_a_third_number_makes_discs_larger():
    world = discs.images(200, radii=(2.0, 3.4))
    radius, mass = world.attributes["radius"], world.images.sum(axis=(1, 2, 3))
    assert 2.0 <= radius.min() < 2.1 and 3.3 < radius.max() <= 3.4
    assert np.corrcoef(radius, mass)[0, 1] > 0.99


def test_the_watch_looks_ten_times():
    gan, watch = discs.gan(), discs.Watch(20, n=50)
    gan.fit_images(discs.images(200), 1, 20, 8, callbacks=[watch], verbose=0)
    assert [record["step"] for record in watch.records] == list(range(2, 21, 2))
    last = watch.records[-1]
    assert last["s"].shape == last["share"].shape == (8,) and last["images"].shape == (10, 16, 16, 1)
    assert np.sum(last["s"] ** 2) == pytest.approx(8, rel=1e-5)


def test_the_experiment_goes_on_where_it_was_stopped(tmp_path, monkeypatch):
    for name, value in {"STEPS": 2, "WEIGHTS": (1.0,), "SEEDS": (0,)}.items():
        monkeypatch.setattr(discs, name, value)
    monkeypatch.setattr(files, "output_dir", lambda: tmp_path)
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    (tmp_path / "results").mkdir()
    trained = []

    def run(v_from, weight, seed):
        if len(trained) == 1:
            raise KeyboardInterrupt
        trained.append(v_from)
        return {"kept": 3}

    monkeypatch.setattr(discs, "run", run)
    with pytest.raises(KeyboardInterrupt):
        discs.main()
    monkeypatch.setattr(discs, "run", lambda v_from, weight, seed: trained.append(v_from) or {"kept": 4})
    discs.main()
    found = json.loads((tmp_path / "results" / "05_discs.json").read_text())
    assert trained == ["moment", "correlation"]
    assert found["moment, 1, seed 0"] == {"kept": 3} and found["correlation, 1, seed 0"] == {"kept": 4}


def test_a_run_says_what_is_kept():
    found = discs.run("correlation", 1.0, 0, steps=10)
    assert found["kept"] == sum(share > discs.KEPT for share in found["share"]) and 0 < found["psnr"] < 40
