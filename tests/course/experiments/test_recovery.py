import json

import numpy as np
import pytest

from ganinv_keras.course.experiments import recovery
from ganinv_keras.inversion import LatentOptimizer
from ganinv_keras.inversion.constraints import HardCutoff
from ganinv_keras.measures import metrics
from ganinv_keras.networks import egan_generator
from ganinv_keras.networks.priors import Normal
from ganinv_keras.zoo.pretrained import Pretrained


def test_recovery_table_by_hand():
    errors = {"disabled": np.array([1.5, 0.5, 0.02, 2.0]), "a": np.array([5e-5, 0.4, 0.05, 2.1])}
    table = metrics.recovery_table(errors)
    assert table["disabled"] == {"recovered": [0, 0, 0, 25, 50], "wins": None, "significant_wins": None,
                                 "average": pytest.approx(1.005)}  # fmt: skip
    assert table["a"] == {"recovered": [25, 25, 25, 50, 75], "wins": 50, "significant_wins": 50,
                          "average": pytest.approx(0.6375125)}  # fmt: skip


def test_ks_distance():
    z = np.random.default_rng(0).normal(size=(200, 50))
    assert metrics.ks_distance(z, Normal(50)) < 0.015
    assert metrics.ks_distance(np.zeros((3, 4)), Normal(4)) == 0.5  # all mass at the median
    assert metrics.ks_distance(2 * z, Normal(50)) == pytest.approx(0.161, abs=0.02)  # sup |Φ(x) - Φ(x/2)|


def test_the_criteria_are_those_of_table_1():
    assert len(recovery.CRITERIA) == 18 and list(recovery.PRINTED) == list(recovery.CRITERIA)
    assert list(recovery.CRITERIA)[:5] == ["disabled", "hard(2.5)", "hard(3)", "hard(3.5)", "trunc_norm(2.5)"]
    assert {"trunc_norm(3.75)", "logistic(2, 2)", "logistic(4, 2.5)", "logistic(3, 3)"} <= set(recovery.CRITERIA)
    assert (recovery.CRITERIA["logistic(4, 2.5)"].a, recovery.CRITERIA["logistic(4, 2.5)"].b) == (4, 2.5)


@pytest.fixture
def model(linear_generator):
    return Pretrained(linear_generator, None, Normal(4), {})


def test_own_statistics_are_those_of_a_batch_of_one():
    generator = egan_generator(latent_dim=6, width=4)
    z = np.random.default_rng(0).normal(size=(3, 6)).astype("float32")
    weights = generator.trainable_variables, generator.non_trainable_variables
    one_by_one = np.concatenate([generator.stateless_call(*weights, row[None], training=True)[0] for row in z])
    assert np.allclose(recovery.with_own_statistics(generator, epsilon=1e-3)(z), one_by_one, atol=1e-6)


def test_own_statistics_hide_the_length_of_z():
    generator = egan_generator(latent_dim=6, width=4)
    for variable in generator.trainable_variables:
        variable.assign(50 * variable if "kernel" in variable.path else variable)  # features far above sqrt(ε)
    z = np.random.default_rng(0).normal(size=(3, 6)).astype("float32")
    own = recovery.with_own_statistics(generator)
    assert np.abs(own(2 * z) - own(z)).max() < 1e-3 < 0.1 < np.abs(generator(2 * z) - generator(z)).max()


def test_the_arms_start_alike_and_go_their_own_ways(model):
    z, x, starts = recovery.plant(model, 4)
    arms = {"disabled": None, "hard(3)": HardCutoff(3.0), "hard(0)": HardCutoff(0.0)}
    x = x.clip(0, 1)
    z_hat = recovery.compare(model, arms, x, starts, 30, batch_size=4)
    alone = LatentOptimizer(model.generator, model.prior, "mse").invert(x, 30, recovery.optimizer(), starts)
    assert np.allclose(z_hat["disabled"], alone.z, atol=1e-6)
    assert not np.allclose(z_hat["hard(0)"], alone.z, atol=1e-2)  # every element is redrawn at every step
    table = recovery.summary(z, z_hat, model.prior)
    assert set(table) == set(arms)
    assert table["disabled"]["ks"] == metrics.ks_distance(alone.z, model.prior)
    assert table["hard(0)"]["far"] == 100 * np.mean(np.abs(z_hat["hard(0)"]) > 2.5)


def test_a_run_that_was_stopped_goes_on(model, tmp_path, monkeypatch):
    _, x, starts = recovery.plant(model, 4)
    arms = {"disabled": None, "hard(1)": HardCutoff(1.0)}
    whole = recovery.compare(model, arms, x.clip(0, 1), starts, 5, batch_size=2, folder=tmp_path)
    assert len(list(tmp_path.iterdir())) == 2
    next(iter(tmp_path.iterdir())).unlink()
    calls = []
    invert = LatentOptimizer.invert
    monkeypatch.setattr(LatentOptimizer, "invert", lambda *a, **k: calls.append(1) or invert(*a, **k))
    again = recovery.compare(model, arms, x.clip(0, 1), starts, 5, batch_size=2, folder=tmp_path)
    assert len(calls) == 1 and all(np.array_equal(whole[name], again[name]) for name in arms)
    recovery.compare(model, arms, x.clip(0, 1), starts, 6, batch_size=2, folder=tmp_path)
    assert len(calls) == 3, "another run finds nothing to go on with"
    _, x, starts = recovery.plant(model, 6)
    recovery.compare(model, arms, x[:4].clip(0, 1), starts[:4], 5, batch_size=2, folder=tmp_path)
    before = len(calls)
    recovery.compare(model, arms, x.clip(0, 1), starts, 5, batch_size=2, folder=tmp_path)
    assert len(calls) == before + 1, "the first four of six latents are not computed again"


def test_comparisons_are_written_beside_those_that_the_file_has(model, tmp_path, monkeypatch):
    asked = []

    def compare(model, arms, x, starts, steps, folder):
        asked.append((len(x), steps, list(arms)))
        return {name: starts for name in arms}

    monkeypatch.setattr(recovery.pretrained, "load", lambda name: model)
    monkeypatch.setattr(recovery, "compare", compare)
    monkeypatch.setattr(recovery.files, "ASSETS", tmp_path)
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    (tmp_path / "results").mkdir()
    recovery.main(3, 20, ["food-uniform", "food-softlabels, the text's"])
    recovery.main(2, names=["food-softlabels, the text's"])
    assert asked == [(3, 20, list(recovery.LIPTON)), (3, 20, ["disabled", "trunc_norm(3.5)"]),
                     (2, 5000, ["disabled", "trunc_norm(3.5)"])]  # fmt: skip
    with pytest.raises(ValueError, match="food-dcgan"):
        recovery.main(3, 20, ["food-dcgan"])
    written = json.loads((tmp_path / "results" / "03_recovery.json").read_text())
    z, _, starts = recovery.plant(model, 3)
    error = metrics.z_error(z, starts)
    assert [(row["n"], row["steps"], row["arms"]["disabled"]["average"]) for row in written.values()] == [
        (3, 20, pytest.approx(error.mean())), (2, 5000, pytest.approx(error[:2].mean()))]  # fmt: skip


def test_the_printed_table_is_that_of_the_papers_analysis():
    criteria = list(recovery.PRINTED)[1:]
    wins, significant, average = (lambda name, column=column: recovery.PRINTED[name][column] for column in (5, 6, 7))
    assert max(criteria, key=wins) == min(criteria, key=average) == "logistic(2, 2)"
    assert max(criteria, key=significant) == "trunc_norm(2.75)"
    reliable = max(criteria, key=lambda name: recovery.PRINTED[name][4:2:-1])
    assert reliable == "logistic(4, 2)"
    shares = np.array([row[:5] for row in recovery.PRINTED.values()])
    assert (np.diff(shares, axis=1) >= 0).all(), "each level holds the one below"
