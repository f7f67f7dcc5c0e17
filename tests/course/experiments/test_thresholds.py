import json

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.course.experiments import thresholds
from ganinv_keras.networks.priors import Normal
from ganinv_keras.zoo import pretrained


@pytest.fixture(autouse=True)
def model(linear_generator, monkeypatch):
    linear_generator.set_weights([0.1 * weight if weight.ndim > 1 else weight for weight in
                                  linear_generator.get_weights()])  # fmt: skip
    found = pretrained.Pretrained(linear_generator, None, Normal(4), {})
    monkeypatch.setattr(pretrained, "load", lambda name: found)
    return found


def test_pixels_of_each_image_are_kept(model):
    _, z, label, x, kept = thresholds.plant("any", 6, 3)
    assert label is None and kept.indices.shape == (3, 6) and {len(set(row)) for row in kept.indices.tolist()} == {6}
    assert kept.indices[0].tolist() != kept.indices[1].tolist()
    assert np.allclose(kept(x)[1, :, 0, 0], x[1].ravel()[kept.indices[1]])
    assert np.allclose(x, model.generator(z), atol=1e-6)


def test_as_many_pixels_as_unknowns_determine_a_linear_latent():
    enough = thresholds.threshold("any", 6, n=5)
    assert (enough["n"], enough["found"], enough["whole image above 100 dB"]) == (5, 5, 5)
    with pytest.warns(UserWarning, match="3 values, fewer than the 4 elements"):
        assert thresholds.threshold("any", 3, n=5)["found"] == 0


def test_bars_of_a_linear_generator_hold():
    row = thresholds.coverage("any", 20, 0.01, n=100)
    for found in (row["starts: 1"], row[f"starts: {thresholds.RESTARTS}"]):
        assert found["covered"] == pytest.approx(0.9, abs=0.04)  # 400 elements: a standard error of .015
        assert found["missed"] == found["missed and not trusted"] == 0 and found["right and not trusted"] <= 4


def test_what_is_measured_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "ASSETS", tmp_path)
    monkeypatch.setattr(thresholds, "KEPT", {"any": (5,)})
    monkeypatch.setattr(thresholds, "N", 3)
    monkeypatch.setattr(thresholds, "MANY", {"many": ("any", 6)})
    monkeypatch.setattr(thresholds, "COVERED", {"any": (20,)})
    monkeypatch.setattr(thresholds, "NOISE", (0.01,))
    (tmp_path / "results").mkdir()
    thresholds.main()
    written = (tmp_path / "results" / "07_thresholds.json").read_text()
    found = json.loads(written)
    assert found["many"]["many"]["n"] == 100 and list(found["points"]) == ["any, 5"]
    assert list(found["coverage"]) == ["any, 20, 0.01"]
    monkeypatch.delattr(thresholds, "plant")
    thresholds.main()  # what is done is not done again
    assert (tmp_path / "results" / "07_thresholds.json").read_text() == written
