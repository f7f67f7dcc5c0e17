import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras.networks.priors import Uniform
from ganinv_keras.zoo import build, table
from ganinv_keras.zoo.recipes import PAPER, RECIPES, find

OWN = {
    "mnist-plane",
    "mnist-conditional",
    "mnist-bigan",
    "avatars-dlsgan-64",
    "celeba-dlsgan-64",
    "avatars-direction-64",
    "celeba-direction-64",
}
PLACES = (
    "Section",
    "Table",
    "Algorithm",
    "Appendix",
    "paper 4, Section",
    "the author's code",
    "the example",
    "the course",
)


def test_every_model_has_a_paper_form_but_the_courses_own():
    assert set(RECIPES) - set(PAPER) == OWN and set(PAPER) < set(RECIPES)
    for recipe in PAPER.values():
        assert set(recipe) - {"origin"} == set(recipe["origin"])
        assert all(origin.startswith(PLACES) for origin in recipe["origin"].values())
        assert set(recipe) - {"origin"} <= set(table.ORDER)
    with pytest.raises(ValueError, match=r"Unknown scale 'papers'\. Did you mean 'paper'"):
        find("mnist-uniform", "papers")


# as printed, typed from the papers once more
PRINTED = {
    "mnist-uniform": {"batch_size": 128, "learning_rate": 0.002, "steps": 500, "image_size": 28},
    "mnist-normal": {"batch_size": 128, "learning_rate": 0.002, "steps": 500},
    "omniglot-uniform": {"batch_size": 128, "learning_rate": 0.002, "steps": 2000},
    "omniglot-normal": {"batch_size": 128, "learning_rate": 0.002, "steps": 2000},
    "food-dcgan": {"batch_size": 64, "learning_rate": 2e-4, "epochs": 50, "image_size": 64},
    "food-pixelshuffle": {"batch_size": 64, "learning_rate": 2e-4, "epochs": 50},
    "food-softlabels": {"batch_size": 64, "epochs": 20, "soft_labels": [[0.7, 1.2], [0, 0.3]]},
    "celeba-gan": {"batch_size": 64, "learning_rate": 2e-4, "beta_1": 0.5, "image_size": 64},
    "celeba-aegan": {"batch_size": 64, "learning_rate": 2e-4, "beta_1": 0.5},
    "celeba-direct": {"batch_size": 64, "learning_rate": 2e-4, "beta_1": 0.5},
    "celeba-bigan": {"batch_size": 64, "learning_rate": 2e-4, "beta_1": 0.5},
    "celeba-dlsgan": {"batch_size": 32, "image_size": 128, "encoder_weight": 1, "past_batches": 512, "scale_from": 0},
    "celeba-direction": {"image_size": 128, "embedding_weight": {"boundaries": [127150], "values": [1, 10]}},
}
LAST = {
    "mnist": "width=64",
    "omniglot": "width=64",
    "food": "width=64",
    "celeba-gan": "width=64",
    "celeba-dlsgan": "latent_dim=512, image_size=128",
    "celeba-direction": "latent_dim=511, image_size=128",
}


@pytest.mark.parametrize("name", PRINTED)
def test_the_numbers_of_the_papers(name):
    recipe = PAPER[name] | {"steps": PAPER[name]["epochs"] * PAPER[name]["steps_per_epoch"]}
    assert {key: recipe[key] for key in PRINTED[name]} == PRINTED[name]
    for start, words in LAST.items():
        if name.startswith(start):
            assert words in table.text(recipe["generator"])


def test_the_table_is_of_these_recipes():
    assert table.PATH.read_text(encoding="utf-8") == table.write()
    assert table.text({"boundaries": [5], "values": [1.0, 10.0]}) == "1 → 10 at step 5"
    assert table.text(["Normal", {"dim": 3}]) == "`Normal(dim=3)`" and table.text(None) == "–"
    assert table.text(PAPER["celeba-dlsgan"]["learning_rate"]) == "0.001, × 0.98 every 5,086 steps"


def test_a_step_of_a_paper_recipe_is_the_same_under_xla(monkeypatch):
    monkeypatch.setenv("GANINV_PRECISION", "float32")
    z = Uniform(100).sample(128, seed=0)  # XLA draws other numbers from the same seed
    monkeypatch.setattr(Uniform, "sample", lambda self, n, seed: z)
    x = tf.constant(np.random.default_rng(0).random((128, 28, 28, 1), "float32"))
    losses = []
    for jit_compile in (False, True):
        model = build.trainer(PAPER["mnist-uniform"])
        step = tf.function(model.train_step, autograph=False, jit_compile=jit_compile)
        losses.append([float(loss) for _ in range(2) for loss in step(x).values()])
    assert np.allclose(*losses, rtol=1e-3) and losses[0][:3] != losses[0][3:]


TWO_STEPS = """
import resource, sys
import numpy as np
from ganinv_keras.data import ImageSet
from ganinv_keras.zoo import build, pretrained, train
from ganinv_keras.zoo.recipes import PAPER

name, folder = sys.argv[1:]
recipe, checkpoint = PAPER[name], f"{folder}/{name}.weights.h5"
if "of" in recipe:
    pretrained.save(recipe["of"], build.trainer(PAPER[recipe["of"]]), PAPER[recipe["of"]], folder)

def drawn(settings):
    size, channels = settings["image_size"], 1 if settings["data"] in ("mnist", "omniglot") else 3
    pixels = np.random.default_rng(0).integers(0, 256, (2 * settings["batch_size"], size, size, channels), "uint8")
    return ImageSet(settings["data"], "train", pixels, None, None, {}, "drawn")

build.training_images = drawn
for epochs in (1, 2):  # the second goes on from the first
    model, history, _ = train.train_recipe(name, checkpoint, 0, folder, scale="paper", epochs=epochs, steps_per_epoch=1)
    assert int(model.step) == epochs and all(len(values) == 1 for values in history.values()), history
    assert all(np.isfinite(value) for values in history.values() for value in values), history
print(1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def step_of(recipe):
    """Return what the training step of a recipe is compiled from: all but numbers, the prior, and which images."""
    parts = ("method", "generator", "discriminator", "encoder", "batch_size", "image_size")
    return repr([recipe.get(part) for part in parts] + ["soft_labels" in recipe])


STEPS = {step_of(recipe): name for name, recipe in reversed(PAPER.items())}


@pytest.mark.slow
@pytest.mark.parametrize("name", list(reversed(STEPS.values())))
def test_two_steps_at_full_size_one_of_them_resumed(name, tmp_path):
    run = subprocess.run([sys.executable, "-c", TWO_STEPS, name, tmp_path], capture_output=True, text=True)
    assert run.returncode == 0, run.stderr
    assert float(run.stdout.split()[-1]) < 12e9
