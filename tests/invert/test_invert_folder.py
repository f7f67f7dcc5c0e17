import hashlib
import os
import signal
import subprocess
import sys
import time

import keras
import numpy as np
import pytest
from PIL import Image

from ganinv_keras import EncoderInverter, HybridInverter, LatentOptimizer, LevenbergMarquardt, files, invert_folder
from ganinv_keras.inversion.constraints import Clip, HardCutoff
from ganinv_keras.inversion.measurements import Blur
from ganinv_keras.invert.shards import described
from ganinv_keras.networks.priors import Normal, Uniform


def photographs(folder, generator, n, size=8, prior=None):
    """Write n images of a generator as files, and return their latents."""
    folder.mkdir(exist_ok=True)
    z = np.asarray((prior or Normal(4)).sample(n, 0))
    for i, x in enumerate(np.asarray(generator(z))):
        bytes_ = np.round(255 * x.clip(0, 1)).astype("uint8").squeeze()
        Image.fromarray(bytes_).resize((size, size), Image.Resampling.NEAREST).save(folder / f"{i:03d}.png")
    return z


@pytest.fixture
def generator(linear_generator):
    linear_generator.set_weights([0.1 * weight if weight.ndim > 1 else weight for weight in
                                  linear_generator.get_weights()])  # fmt: skip
    return linear_generator


@pytest.fixture
def inverter(generator):
    return LevenbergMarquardt(generator, Normal(4), tolerance=1e-6)


def only(folder):
    (found,) = folder.iterdir()
    return found


def test_every_image_is_inverted_and_the_rest_is_named(tmp_path, generator, inverter):
    z = photographs(tmp_path / "in", generator, 5, size=16)
    (tmp_path / "in" / "002.txt").write_text("Dear diary")
    (tmp_path / "in" / "more").mkdir()
    (tmp_path / "in" / "more" / "again.png").write_bytes((tmp_path / "in" / "003.png").read_bytes())
    table = invert_folder(inverter, tmp_path / "in", tmp_path / "in" / "out", shard_size=2)
    assert table.file.tolist() == ["000.png", "001.png", "002.png", "002.txt", "003.png", "004.png",
                                   os.path.join("more", "again.png")]  # fmt: skip
    assert np.flatnonzero(table.reason.notna()).tolist() == [3]
    assert table.reason[3] == "no image, or in a format that Pillow does not know"
    assert table.sha256[0] == hashlib.sha256((tmp_path / "in" / "000.png").read_bytes()).hexdigest()
    results = only(tmp_path / "in" / "out")
    found = np.load(results / "latents.npy")
    assert np.abs(found[[0, 1, 2, 4, 5, 6]] - z[[0, 1, 2, 3, 4, 3]]).max() < 0.1 and np.isnan(found[3]).all()
    assert table.psnr.drop(3).min() > 50 and table.loss.drop(3).max() < 1e-5
    assert len(list((results / "shards").iterdir())) == 3
    with np.load(results / "shards" / f"{table.shard[1]}.npz") as shard:
        assert np.abs(shard["images"][1] / 255 - np.asarray(generator(z[1:2]))[0]).max() < 0.01
        assert shard["sha256"].tolist() == table.sha256[:2].tolist()
    with Image.open(results / "pictures" / f"{table.shard[0]}.jpg") as picture:
        assert picture.size == (16, 16)
    sheet = (results / "sheet.html").read_text("utf-8")
    assert "6 images" in sheet and "002.txt: no image" in sheet and 'href="../../003.png"' in sheet
    assert sheet.count("background:url(pictures/") == 12


def test_what_is_there_is_not_done_again(tmp_path, generator, inverter, monkeypatch):
    photographs(tmp_path / "in", generator, 4)
    first = invert_folder(inverter, tmp_path / "in", tmp_path / "out", shard_size=2)
    (tmp_path / "in" / "000.png").rename(tmp_path / "in" / "100.png")
    with monkeypatch.context() as patched:
        patched.setattr(LevenbergMarquardt, "invert", None)
        again = invert_folder(inverter, tmp_path / "in", tmp_path / "out", shard_size=2)
    assert again.file.tolist() == ["001.png", "002.png", "003.png", "100.png"]
    assert again.loss.tolist() == first.loss[[1, 2, 3, 0]].tolist()
    invert_folder(inverter, tmp_path / "in", tmp_path / "out", shard_size=2, steps=2)
    assert len(list((tmp_path / "out").iterdir())) == 2  # other settings, other results


def test_settings_that_change_a_result_change_its_folder(generator):
    def of(**changes):
        return described(LatentOptimizer(**{"generator": generator, "prior": Normal(4)} | changes))

    others = [of(), of(prior=Uniform(4)), of(loss="mse"), of(constraint=HardCutoff(2.5)), of(constraint=HardCutoff(2)),
              of(prior=Uniform(4), constraint=Clip(Uniform(4))), of(measurement=Blur(1)), of(restarts=2),
              described(LevenbergMarquardt(generator, Normal(4))), described(keras.optimizers.Adam(0.1)),
              described(keras.optimizers.Adam(0.2)), described(np.zeros(3)), described(np.zeros((3, 1)))]  # fmt: skip
    generator.set_weights([weight + 1e-3 for weight in generator.get_weights()])
    others.append(of())
    assert all(a != b for i, a in enumerate(others) for b in others[:i]) and of() == of()


def test_an_encoder_and_a_hybrid(tmp_path, generator):
    x = keras.Input((8, 8, 1))
    encoder = keras.Model(x, keras.layers.Dense(4)(keras.layers.Flatten()(x)))
    A, half = generator.get_weights()
    encoder.layers[-1].set_weights([np.linalg.pinv(A), -np.linalg.pinv(A).T @ half])
    z = photographs(tmp_path / "in", generator, 3)
    descent = LatentOptimizer(generator, Normal(4), "mse")
    for inverter, kwargs in (
        (EncoderInverter(encoder, generator), {}),
        (HybridInverter(encoder, descent), {"steps": 2}),
    ):
        table = invert_folder(inverter, tmp_path / "in", tmp_path / "out", **kwargs)
        assert table.psnr.min() > 40
    assert len(list((tmp_path / "out").iterdir())) == 2
    for results in (tmp_path / "out").iterdir():
        assert np.allclose(np.load(results / "latents.npy"), z, atol=0.05)


def test_bad_places(tmp_path, inverter, generator):
    with pytest.raises(FileNotFoundError, match="There is no folder .*nowhere: pass one that holds your images"):
        invert_folder(inverter, tmp_path / "nowhere", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    with pytest.raises(FileNotFoundError, match="There is no file in .*empty: put images into it"):
        invert_folder(inverter, tmp_path / "empty", tmp_path / "out")
    photographs(tmp_path / "in", generator, 1)
    for size in (0, 8188):
        with pytest.raises(ValueError, match="shard_size.* from 1 to 8187"):
            invert_folder(inverter, tmp_path / "in", tmp_path / "out", shard_size=size)
    (tmp_path / "file").touch()
    with pytest.raises(PermissionError, match="Cannot make the folder"):
        invert_folder(inverter, tmp_path / "in", tmp_path / "file")
    table = invert_folder(inverter, tmp_path / "in", tmp_path / "out")
    (shard,) = (tmp_path / "out").glob("*/shards/*.npz")
    shard.write_bytes(shard.read_bytes()[:50])
    with pytest.raises(ValueError, match=rf"{table.shard[0]}.npz was altered .*: delete it, and its images are"):
        invert_folder(inverter, tmp_path / "in", tmp_path / "out")


def test_no_image_at_all(tmp_path, inverter):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "notes.txt").write_text("nothing")
    table = invert_folder(inverter, tmp_path / "in", tmp_path / "out")
    assert table.reason.notna().all() and "0 images" in (only(tmp_path / "out") / "sheet.html").read_text("utf-8")


RUN = """
import sys
import keras, numpy as np
from ganinv_keras import LatentOptimizer, invert_folder
from ganinv_keras.networks.priors import Normal
z = keras.Input((4,))
h = keras.layers.Dense(64, "sigmoid", kernel_initializer=keras.initializers.RandomNormal(0.5, seed=1))(z)
generator = keras.Model(z, keras.layers.Reshape((8, 8, 1))(h))
invert_folder(LatentOptimizer(generator, Normal(4), "mse"), sys.argv[1], sys.argv[2], shard_size=5, steps=150)
"""


def test_a_killed_run_ends_as_one_that_was_not(tmp_path, generator):
    photographs(tmp_path / "in", generator, 100)

    def started(out):
        return subprocess.Popen(
            [sys.executable, "-c", RUN, tmp_path / "in", out], env=os.environ | {"TQDM_DISABLE": "1"}
        )

    runs = [started(tmp_path / name) for name in ("killed", "whole")]
    while len(list((tmp_path / "killed").glob("*/shards/*.npz"))) < 5:
        assert runs[0].poll() is None
        time.sleep(0.01)
    runs[0].send_signal(signal.SIGKILL)
    runs[0].wait()
    assert 5 <= len(list((tmp_path / "killed").glob("*/shards/*.npz"))) < 20
    shards = only(tmp_path / "killed") / "shards"
    left = f".{files.MACHINE}-{runs[0].pid}-1-{'0' * 16}.npz"  # what a kill leaves of a shard, at worst
    (shards / left).write_bytes(b"")
    assert [run.wait() for run in (started(tmp_path / "killed"), runs[1])] == [0, 0]
    whole, killed = only(tmp_path / "whole"), only(tmp_path / "killed")
    assert whole.name == killed.name and len(list((whole / "shards").iterdir())) == 20
    for name in ("table.csv", "latents.npy", "sheet.html", "settings.json"):
        assert (whole / name).read_bytes() == (killed / name).read_bytes()
    for path in (whole / "shards").iterdir():
        with np.load(path) as a, np.load(killed / "shards" / path.name) as b:
            assert a.files == b.files and all(np.array_equal(a[name], b[name]) for name in a.files)
    assert [path.name[-20:] for path in killed.rglob(".*")] == ["0" * 16 + ".npz"]  # of no shard that was done again


def test_workers_share_a_folder_and_one_may_die(tmp_path, generator, inverter):
    photographs(tmp_path / "in", generator, 20)
    (tmp_path / "in" / "again.png").write_bytes((tmp_path / "in" / "003.png").read_bytes())
    asked, real = [], inverter.invert

    class Counting:
        generator = inverter.generator

        def invert(self, images, **kwargs):
            asked.extend(images)
            if self.dies and len(asked) > 2:
                raise KeyboardInterrupt
            return real(images, **kwargs)

    worker = Counting()
    worker.dies = False
    part = invert_folder(worker, tmp_path / "in", tmp_path / "out", shard_size=2, worker=(0, 3))
    mine = {digest for digest in part.sha256 if int(digest, 16) % 3 == 0}
    assert 0 < len(mine) == len(asked) and set(part.sha256[part.shard.notna()]) == mine
    assert not (only(tmp_path / "out") / "table.csv").exists()
    worker.dies, asked[:] = True, []
    with pytest.raises(KeyboardInterrupt):
        invert_folder(worker, tmp_path / "in", tmp_path / "out", shard_size=2, worker=(1, 3))
    worker.dies, asked[:] = False, []
    table = invert_folder(worker, tmp_path / "in", tmp_path / "out", shard_size=2)
    assert table.psnr.min() > 50 and len(np.load(only(tmp_path / "out") / "latents.npy")) == 21
    done = sum(len(np.load(path)["sha256"]) for path in (only(tmp_path / "out") / "shards").glob("*.npz"))
    assert done == 20 == table.sha256.nunique(), "each image once"


@pytest.mark.parametrize("worker", [(3, 3), (0, 0), 1, (0,), ("0", "2"), (0.5, 2)])
def test_a_worker_that_is_none_is_refused(tmp_path, generator, inverter, worker):
    photographs(tmp_path / "in", generator, 1)
    with pytest.raises(ValueError, match="worker"):
        invert_folder(inverter, tmp_path / "in", tmp_path / "out", worker=worker)
