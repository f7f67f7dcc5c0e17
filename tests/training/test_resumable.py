import io
import json
import subprocess
import sys
from functools import partialmethod

import h5py
import keras
import numpy as np
import pytest
from PIL import Image
from samples import squares

from ganinv_keras import files
from ganinv_keras.data.image_stream import ImageStream
from ganinv_keras.training.callbacks import Checkpoint, LossCurves, ProgressBar, SampleGrid
from ganinv_keras.training.encoders import LatentRegressor
from ganinv_keras.training.gan import GAN


def made(parts, prior, optimizer=None, **kwargs):
    gan = GAN(*parts, prior, **kwargs)
    gan.compile(optimizer or keras.optimizers.Adam(1e-3), keras.optimizers.Adam(1e-3), jit_compile=False)
    return gan


def fit(gan, epochs=2, **kwargs):
    options = {"steps_per_epoch": 2, "batch_size": 8, "verbose": 0} | kwargs
    return gan.fit_images(squares(), epochs, **options)


class Stop(keras.callbacks.Callback):
    """Raise KeyboardInterrupt after a number of steps, as a reader does."""

    def __init__(self, step):
        super().__init__()
        self.at = step

    def on_train_batch_end(self, batch, logs=None):
        if int(self.model.step) == self.at:
            raise KeyboardInterrupt


def weights(gan):
    return [weight.numpy() for weight in (*gan.weights, *gan.d_optimizer.variables, *gan.g_optimizer.variables)]


@pytest.fixture
def rebuilt(small_gan_parts, prior):
    """A function that makes the same new GAN every time."""
    start = [part.get_weights() for part in small_gan_parts]

    def make(**kwargs):
        copies = [keras.models.clone_model(part) for part in small_gan_parts]
        for copy, values in zip(copies, start, strict=True):
            copy.set_weights(values)
        return made(copies, prior, **kwargs)

    return make


@pytest.fixture
def kept_at_every_step(monkeypatch):
    monkeypatch.setattr(Checkpoint, "__init__", partialmethod(Checkpoint.__init__, minutes=0))


def test_a_run_stopped_within_an_epoch_goes_on_at_its_step(rebuilt, tmp_path, kept_at_every_step):
    whole = rebuilt(ema=0.9)
    fit(whole, epochs=3, steps_per_epoch=5)
    path, stopped = tmp_path / "a.weights.h5", rebuilt(ema=0.9)
    with pytest.raises(KeyboardInterrupt):
        fit(stopped, epochs=3, steps_per_epoch=5, checkpoint=path, callbacks=[Stop(8)])
    resumed = rebuilt(ema=0.9)
    history = fit(resumed, epochs=3, steps_per_epoch=5, checkpoint=path)
    assert history.epoch == [1, 2] and len(history.history["d_loss"]) == 2 and int(resumed.step) == 15
    assert all(np.array_equal(a, b) for a, b in zip(weights(whole), weights(resumed), strict=True))


def test_a_finished_run_does_nothing_but_clean_up(rebuilt, tmp_path):
    path, gan = tmp_path / "a.weights.h5", rebuilt()
    fit(gan, checkpoint=path)
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    (tmp_path / f".{files.MACHINE}-{process.pid}-1-a.weights.h5").touch()  # left by a run that was killed as it wrote
    again = rebuilt()
    assert fit(again, checkpoint=path).history == {} and int(again.step) == 4
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"ema": 0.5}, "ema was None, and is 0.5 now"),
        ({"r1_weight": 1.0}, "r1_weight was 0.0, and is 1.0 now"),
        ({"seed": 1}, "seed was 0, and is 1 now"),
        ({"optimizer": keras.optimizers.SGD(1e-3)}, "the optimiser of D was .*Adam.* and is .*SGD.* now"),
        ({"optimizer": keras.optimizers.Adam(2e-3)}, "the optimiser of D was .*0.001.* and is .*0.002.* now"),
        ({"soft_labels": ((0.7, 1.2), (0.0, 0.3))}, "soft_labels was None, and is .* now"),
        ({"adversarial": "wasserstein"}, "adversarial was non_saturating, and is wasserstein now"),
    ],
)
def test_a_checkpoint_of_another_training_is_refused(rebuilt, tmp_path, changes, words):
    path = tmp_path / "a.weights.h5"
    fit(rebuilt(), checkpoint=path)
    before = path.read_bytes()
    with pytest.raises(ValueError, match=f"is of another training: .*{words}.*Choose another file, or delete it"):
        fit(rebuilt(**changes), checkpoint=path)
    assert path.read_bytes() == before


def test_other_batches_and_other_networks_are_refused_and_other_epochs_are_not(rebuilt, tmp_path, prior):
    path = tmp_path / "a.weights.h5"
    fit(rebuilt(), checkpoint=path)
    with pytest.raises(ValueError, match="batch_size was 8, and is 4 now"):
        fit(rebuilt(), checkpoint=path, batch_size=4)
    z, x = keras.Input((4,)), keras.Input((8, 8, 1))
    others = (keras.Model(z, keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64)(z))),
              keras.Model(x, keras.layers.Dense(1)(keras.layers.Flatten()(x))))  # fmt: skip
    with pytest.raises(ValueError, match="the number of weights was"):
        fit(made(others, prior), checkpoint=path)
    longer = rebuilt()
    assert fit(longer, epochs=2, steps_per_epoch=3, checkpoint=path).epoch == [1] and int(longer.step) == 6


@pytest.mark.parametrize("damage", [lambda b: b[: len(b) // 2], lambda b: b"", lambda b: b"no checkpoint"])
def test_a_damaged_checkpoint_is_named(rebuilt, tmp_path, damage):
    path = tmp_path / "a.weights.h5"
    fit(rebuilt(), checkpoint=path)
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(ValueError, match=rf"{path} is truncated, or no checkpoint of a training"):
        fit(rebuilt(), checkpoint=path)


def test_a_checkpoint_without_some_weights_is_named(rebuilt, tmp_path):
    path = tmp_path / "a.weights.h5"
    fit(rebuilt(), checkpoint=path)
    with h5py.File(path, "a") as file:
        name = next(key for key in file if "generator" in key or "functional" in key)
        del file[name]
    with pytest.raises(ValueError, match=rf"{path} does not fit this training"):
        fit(rebuilt(), checkpoint=path)


def test_bad_places_are_found_before_the_first_step(rebuilt, tmp_path):
    gan = rebuilt()
    with pytest.raises(ValueError, match=r"path whose name ends in \.weights\.h5"):
        fit(gan, checkpoint=tmp_path / "a.h5")
    with pytest.raises(PermissionError, match="Cannot write"):
        fit(gan, checkpoint=tmp_path / "missing" / "a.weights.h5")
    for name in ("epochs", "steps_per_epoch", "batch_size"):
        with pytest.raises(ValueError, match=f"argument `{name}`"):
            fit(gan, **{name: 0})
    assert int(gan.step) == 0


def test_a_full_disk_keeps_the_last_checkpoint(rebuilt, tmp_path, monkeypatch):
    path, gan = tmp_path / "a.weights.h5", rebuilt()
    fit(gan, epochs=1, checkpoint=path)
    before = path.read_bytes()

    def full(file):
        file.write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(gan, "save_weights", full)
    with pytest.raises(PermissionError, match="No space left on device"):
        fit(gan, epochs=2, checkpoint=path)
    assert path.read_bytes() == before and [file.name for file in tmp_path.iterdir()] == ["a.weights.h5"]


def test_a_training_that_explodes_stops_and_keeps_the_last_good_checkpoint(rebuilt, tmp_path):
    path, gan = tmp_path / "a.weights.h5", rebuilt()
    fit(gan, epochs=1, checkpoint=path)
    good = path.read_bytes()
    gan.generator.layers[1].kernel.assign(np.full(gan.generator.layers[1].kernel.shape, np.nan))
    with pytest.raises(ValueError, match=r"failed by step 4: the weights of the \S+ are no longer finite"):
        fit(gan, epochs=2)
    assert path.read_bytes() == good


def test_a_generator_that_draws_one_image_stops_the_run(rebuilt):
    gan = rebuilt()
    last = gan.generator.layers[-1]
    last.kernel.assign(np.zeros(last.kernel.shape))
    last.bias.assign([-20.0])
    with pytest.raises(ValueError, match="failed by step 2: the generator draws the same image for every z"):
        fit(gan)


def test_looking_whether_a_training_is_sound_changes_nothing(rebuilt):
    gan = rebuilt()
    before = weights(gan)
    gan.check_sound()
    assert all(np.array_equal(a, b) for a, b in zip(before, weights(gan), strict=True))


def test_losses_and_samples_are_kept_as_files(rebuilt, tmp_path, prior):
    path, sheet = tmp_path / "losses.json", tmp_path / "samples"
    path.write_text(json.dumps([{"step": 0, "d_loss": 9.0}, {"step": 2, "d_loss": 8.0}]))
    gan = rebuilt()
    fit(gan, callbacks=[LossCurves(path), SampleGrid(prior.sample(12, 0), folder=sheet), ProgressBar(4)])
    records = json.loads(path.read_text())
    assert [record["step"] for record in records] == [0, 2, 4] and 8.0 not in records[1].values()
    with keras.utils.load_img(sheet / "step-00000004.png", color_mode="grayscale") as image:
        pixels = np.asarray(image) / 255
    assert pixels.shape == (16, 80) and np.allclose(pixels[8:, 8:16], gan(prior.sample(12, 0))[11, ..., 0], atol=3e-3)
    assert not pixels[8:, 16:].any() and len(list(sheet.iterdir())) == 2


def test_an_encoder_goes_on_within_an_epoch(small_gan_parts, prior, tmp_path, kept_at_every_step):
    def trainer():
        keras.utils.set_random_seed(1)
        x = keras.Input((8, 8, 1))
        encoder = keras.Model(x, keras.layers.Dense(4)(keras.layers.Flatten()(x)))
        training = LatentRegressor(small_gan_parts[0], encoder, prior)
        training.compile(keras.optimizers.Adam(1e-2))
        return training

    whole, stopped, resumed = trainer(), trainer(), trainer()
    whole.fit_generated(2, 4, 8, verbose=0)
    path = tmp_path / "e.weights.h5"
    with pytest.raises(KeyboardInterrupt):
        stopped.fit_generated(2, 4, 8, path, verbose=0, callbacks=[Stop(6)])
    resumed.fit_generated(2, 4, 8, path, verbose=0)
    assert all(np.array_equal(a, b) for a, b in zip(whole.get_weights(), resumed.get_weights(), strict=True))


def test_an_image_that_cannot_be_decoded_is_named(rebuilt, prior, tmp_path):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (8, 8, 3), "uint8")).save(file, "PNG")
    broken = tmp_path / "broken.png"
    broken.write_bytes(file.getvalue()[:-60])
    stream = ImageStream("faces", "train", "a test", 8, [str(broken)] * 9)
    with pytest.raises(ValueError, match=r"are for images of shape \(8, 8, 1\), but those of faces have \(8, 8, 3\)"):
        rebuilt().fit_images(stream, 1, 1, 8, verbose=0)
    z, x = keras.Input((4,)), keras.Input((8, 8, 3))
    colour = (keras.Model(z, keras.layers.Reshape((8, 8, 3))(keras.layers.Dense(192)(z))),
              keras.Model(x, keras.layers.Dense(1)(keras.layers.Flatten()(x))))  # fmt: skip
    with pytest.raises(ValueError, match=rf"^{broken} cannot be decoded \(.*\): replace or remove it\.$"):
        made(colour, prior).fit_images(stream, 1, 1, 8, verbose=0)


def test_what_cannot_be_trained_says_so(rebuilt, small_gan_parts, prior):
    with pytest.raises(ValueError, match=r"^The GAN has no optimiser: call its compile\(…\) before you train it\.$"):
        fit(GAN(*small_gan_parts, prior))
    with pytest.raises(TypeError, match="images must be what load_images returns. Received: ndarray"):
        rebuilt().fit_images(squares().images, 1, 1)
    encoder = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(4)])
    with pytest.raises(ValueError, match="The LatentRegressor has no optimiser"):
        LatentRegressor(small_gan_parts[0], encoder, prior).fit_generated(1, 1)
