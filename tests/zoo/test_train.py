import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest
from PIL import Image

from ganinv_keras.zoo import pretrained, train
from ganinv_keras.zoo.build import trainer
from ganinv_keras.zoo.recipes import PAPER, RECIPES

TINY = {"data": "alphabets", "generator": ["dcgan_generator", {"latent_dim": 100, "width": 4}],
        "discriminator": ["dcgan_discriminator", {"width": 4}], "epochs": 2, "steps_per_epoch": 2,
        "batch_size": 8}  # fmt: skip


def test_a_run_leaves_weights_losses_samples_and_a_checkpoint(tmp_path):
    path = train.run("omniglot-normal", seed=3, out=tmp_path, **TINY)
    assert path == tmp_path / "omniglot-normal.npz"
    own = tmp_path / "omniglot-normal"
    assert {file.name for file in own.iterdir()} == {"checkpoint.weights.h5", "losses.json", "samples"}
    losses = json.loads((own / "losses.json").read_text())
    assert [record["step"] for record in losses] == [2, 4] and {"d_loss", "g_loss", "d_accuracy"} < set(losses[0])
    with Image.open(own / "samples" / "step-00000004.png") as sheet:
        assert sheet.size == (280, 112), "forty images, ten a row"
    loaded = pretrained.load("omniglot-normal", tmp_path)
    assert loaded.settings["seed"] == 3 and loaded.settings["data"] == "alphabets"
    before = path.read_bytes()
    train.run("omniglot-normal", seed=3, out=tmp_path, **TINY)  # there is nothing left to do
    assert np.load(path).files and path.read_bytes() == before
    with pytest.raises(ValueError, match="is of another training: seed was 3, and is 4 now"):
        train.run("omniglot-normal", seed=4, out=tmp_path, **TINY)


def test_a_run_of_an_encoder_takes_the_generator_beside_it(tmp_path):
    shape = {"latent_dim": 100, "width": 4}
    gan = {"generator": ["dcgan_generator", shape | {"image_size": 64, "channels": 3}],
           "discriminator": ["luo_discriminator", {"width": 4}], "epochs": 1, "steps_per_epoch": 1,
           "batch_size": 4}  # fmt: skip
    with pytest.raises(FileNotFoundError, match=r"avatars-gan\.npz"):
        train.run("avatars-aegan", out=tmp_path)
    train.run("avatars-gan", out=tmp_path, **gan)
    learnt = {"encoder": ["luo_encoder", shape], "epochs": 1, "steps_per_epoch": 1, "batch_size": 4}
    train.run("avatars-aegan", out=tmp_path, **learnt)
    model = pretrained.load("avatars-aegan", tmp_path)
    assert model.generator.count_params() == pretrained.load("avatars-gan", tmp_path).generator.count_params()
    assert {file.name for file in (tmp_path / "avatars-aegan").iterdir()} == {"checkpoint.weights.h5", "losses.json"}


def test_a_grown_gan_begins_with_its_coarse_one(tmp_path):
    recipe = RECIPES["celeba-dlsgan-64"] | {"data": "avatars", "epochs": 1, "steps_per_epoch": 1, "batch_size": 4}
    parts = ("generator", "discriminator", "encoder")
    small = {"latent_dim": 6, "max_channels": 8}
    changes = {part: [recipe[part][0], recipe[part][1] | small | {"width": 4}] for part in parts}
    coarse = recipe["grown_from"] | {key: recipe[key] for key in ("data", "epochs", "steps_per_epoch", "batch_size")}
    coarse |= {part: [coarse[part][0], coarse[part][1] | small | {"width": 8}] for part in parts}
    coarse |= {"prior": ["Normal", {"dim": 6}]}
    recipe |= changes | {
        "grown_from": coarse,
        "prior": ["Normal", {"dim": 6}],
        "ema": None,
        "learning_rate": 1e-9,
        "seed": 3,
    }
    path = tmp_path / "own" / "checkpoint.weights.h5"
    path.parent.mkdir()
    model, _, _ = train.train_recipe("celeba-dlsgan-64", path, 0, **recipe)
    assert {file.name for file in path.parent.iterdir()} == {path.name, "coarse.weights.h5"}
    trained = trainer(coarse)
    trained.seed = 3  # that of the whole run
    trained.fed = {"batch_size": 4, "the images": "8,000 of avatars"}
    trained.load_checkpoint(path.with_name("coarse.weights.h5"))
    kernel, other = (gan.generator.get_layer("conv_8_a").get_weights()[0] for gan in (model, trained))
    assert np.allclose(kernel, other, atol=1e-6) and int(model.step) == 1
    path.with_name("coarse.weights.h5").unlink()
    train.train_recipe("celeba-dlsgan-64", path, 0, **recipe)  # what is done is not done again
    assert not path.with_name("coarse.weights.h5").exists()


def test_the_command_line(capsys):
    train.main(["--list"])
    listed = capsys.readouterr().out.splitlines()
    assert len(listed) == 1 + len(RECIPES)
    assert next(line for line in listed if line.startswith("mnist-plane")).split() == [
        "mnist-plane", "mnist", "4,000", "steps", "–"]  # fmt: skip
    assert "254,300 steps" in next(line for line in listed if line.startswith("celeba-dlsgan "))
    assert "20,000 steps" in next(line for line in listed if line.startswith("celeba-dlsgan-64 ")), "both sizes"
    train.main(["mnist-uniform", "--scale", "paper", "--dry-run", "--rate", "1e12"])
    printed = capsys.readouterr().out
    assert "weights: generator 6,760,769, discriminator 6,631,745" in printed and "steps: 500" in printed
    assert "a step: 128 images, 42.8 GFLOP" in printed and "hours: 0.01 at 1 TFLOP/s" in printed
    assert "Conv2DTranspose" in printed


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["mnist"], r"Unknown pretrained model 'mnist'\. Did you mean"),
        (["mnist-plane", "--scale", "paper"], "mnist-plane is an experiment of the course at its own size"),
        (["mnist-uniform", "--out", "/proc/nowhere"], r"Cannot write to /proc/nowhere .* choose another --out"),
        (["mnist-uniform", "--seed", "-1"], r"argument `seed`\. Expected a whole number ≥ 0"),
    ],
)
def test_bad_commands_end_in_a_sentence(arguments, sentence):
    with pytest.raises(SystemExit, match=sentence):
        train.main(arguments)


def test_logs_for_tensorboard_are_written_or_asked_for(tmp_path, monkeypatch):
    if train.find_spec("tensorboard"):
        train.run("omniglot-normal", out=tmp_path, tensorboard=True, **TINY)
        assert list((tmp_path / "omniglot-normal" / "tensorboard").rglob("events*"))
    monkeypatch.setattr(train, "find_spec", lambda name: None)
    with pytest.raises(ModuleNotFoundError, match="pip install tensorboard"):
        train.run("omniglot-normal", out=tmp_path / "other", tensorboard=True, **TINY)
    assert not (tmp_path / "other").exists()


RUN = """
import sys
from ganinv_keras.training import callbacks
from ganinv_keras.zoo import train
init = callbacks.Checkpoint.__init__
callbacks.Checkpoint.__init__ = lambda self, path: init(self, path, minutes=0)
train.run("omniglot-normal", "paper", 0, sys.argv[1], **eval(sys.argv[2]))
"""


@pytest.mark.slow
def test_a_run_that_is_killed_goes_on_to_the_same_bits(tmp_path):
    settings = repr(TINY | {"steps_per_epoch": 15})
    environment = {"TQDM_DISABLE": "1", "TF_DETERMINISTIC_OPS": "1"}

    def start(out):
        command = [sys.executable, "-c", RUN, str(out), settings]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | environment)

    assert start(tmp_path / "whole").wait() == 0
    checkpoint = tmp_path / "killed" / "omniglot-normal" / "checkpoint.weights.h5"
    killed = start(tmp_path / "killed")
    written = set()
    while len(written) < 20:  # of 30 and one at the start: within the second epoch
        written |= {checkpoint.stat().st_mtime_ns} if checkpoint.exists() else set()
        time.sleep(0.002)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    assert not (tmp_path / "killed" / "omniglot-normal.npz").exists()
    assert start(tmp_path / "killed").wait() == 0
    for name in ("omniglot-normal.npz", "omniglot-normal/samples/step-00000030.png"):
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "killed" / name).read_bytes()


def test_paper_scale_never_falls_back(tmp_path, monkeypatch):
    monkeypatch.setenv("GANINV_OUTPUT_DIR", str(tmp_path))
    with pytest.raises(FileNotFoundError) as missing:
        pretrained.load("mnist-uniform", scale="paper")
    assert "python -m ganinv_keras.zoo.train mnist-uniform --scale paper: 500 steps of 43 GFLOP" in str(missing.value)
    folder = tmp_path / "weights" / "paper"
    train.run("omniglot-normal", out=folder, **TINY)
    with pytest.raises(ValueError, match=r"omniglot-normal\.npz holds other networks than the paper's"):
        pretrained.load("omniglot-normal", scale="paper")
    settings = PAPER["omniglot-normal"] | {"epochs": 1, "steps_per_epoch": 1, "batch_size": 4, "data": "alphabets"}
    monkeypatch.setitem(PAPER, "omniglot-normal", settings)
    (folder / "omniglot-normal" / "checkpoint.weights.h5").unlink()
    assert train.run("omniglot-normal", "paper") == folder / "omniglot-normal.npz"
    loaded = pretrained.load("omniglot-normal", scale="paper")
    assert loaded.settings["epochs"] == 1 and loaded.generator.count_params() > 8e5
    assert pretrained.load("omniglot-normal", scale="smoke").settings == RECIPES["omniglot-normal"]
