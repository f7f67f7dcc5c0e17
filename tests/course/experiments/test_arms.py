import json

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.course.experiments import arms
from ganinv_keras.zoo import recipes
from ganinv_keras.zoo.build import trainer

ONE_STEP = {"epochs": 1, "steps_per_epoch": 1, "learning_rate": 1e-3, "batch_size": 8}


@pytest.mark.parametrize(("page", "arm"), [(page, arm) for page, own in arms.ARMS.items() for arm in own])
def test_an_arm_is_a_recipe_but_for_its_size_and_what_it_is_about(page, arm):
    name, options = arms.ARMS[page][arm]
    recipe = recipes.find(name)
    changed = {key for key, value in (recipe | arms.changes(name, **options)).items() if value != recipe.get(key)}
    about = {"d": "prior"}
    allowed = {"generator", "discriminator", "encoder", "learning_rate", "epochs", "steps_per_epoch"}
    assert changed <= allowed | {about.get(key, key) for key in options}
    model = trainer(recipe | arms.changes(name, **options))
    assert model.prior.dim == options.get("d", recipe["prior"][1]["dim"])


def test_an_arm_with_two_seeds(tmp_path, monkeypatch):
    monkeypatch.setattr(arms, "LENGTH", ONE_STEP)
    monkeypatch.setattr(files, "output_dir", lambda: tmp_path)
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    monkeypatch.setitem(arms.ARMS, "05", {"scaled": arms.ARMS["05"]["scaled"]})
    (tmp_path / "results").mkdir()
    path = tmp_path / "results" / "05_arms.json"
    arms.main("05", (0, 1))
    written = path.read_text()
    found = json.loads(written)
    assert {arm: list(runs) for arm, runs in found.items()} == {"scaled": ["0", "1"]}
    one, other = found["scaled"].values()
    assert one["curves"][0]["fid"] != other["curves"][0]["fid"], "two seeds, two models"
    assert np.shape(one["known"]["share"]) == np.shape(one["s"]) == (128,)
    monkeypatch.delattr(arms, "run")
    arms.main("05", (0, 1))  # what is done is not done again
    assert path.read_text() == written


def test_a_summary_is_mean_and_standard_error(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    (tmp_path / "results").mkdir()
    runs = {str(i): {"curves": [{"fid": 99.0}, {"fid": fid}], "known": {"share": [0.5, fid]}}
            for i, fid in enumerate((1.0, 2.0, 3.0))}  # fmt: skip
    (tmp_path / "results" / "05_arms.json").write_text(json.dumps({"scaled": runs, "unscaled": {}}))
    found = arms.summary("05", ["scaled"], {"fid": "FID", "shares": "Σ r²"})
    assert found.loc["scaled"].to_dict() == {"FID": "2.00 ± 0.58", "Σ r²": "2.50 ± 0.58"}
