"""Kills at random moments, two processes at one file, a checkout that cannot be written to, a closed stderr."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

import numpy as np
import pytest

from ganinv_keras import files
from ganinv_keras.inversion import Inversion

ROOT = files.ASSETS.parent
TRAINING = textwrap.dedent("""
    import sys
    sys.path.insert(0, sys.argv[1])
    import keras, numpy as np, tensorflow as tf
    from samples import squares
    from ganinv_keras import files
    from ganinv_keras.networks.priors import Uniform
    from ganinv_keras.training import callbacks
    from ganinv_keras.training.gan import GAN
    tf.config.experimental.enable_op_determinism()
    init = callbacks.Checkpoint.__init__
    callbacks.Checkpoint.__init__ = lambda self, path: init(self, path, minutes=0)
    keras.utils.set_random_seed(0)
    z, x = keras.Input((4,)), keras.Input((8, 8, 1))
    generator = keras.Model(z, keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, "sigmoid")(z)))
    discriminator = keras.Model(x, keras.layers.Dense(1)(keras.layers.Flatten()(x)))
    gan = GAN(generator, discriminator, Uniform(4), ema=0.9)
    gan.compile(keras.optimizers.Adam(1e-3), keras.optimizers.Adam(2e-3))
    print("ready", flush=True)
    gan.fit_images(squares(), 2, int(sys.argv[3]), 8, checkpoint=sys.argv[2] + "/a.weights.h5", verbose=0)
    weights = [*gan.get_weights(), *[v.numpy() for v in gan.g_optimizer.variables]]
    files.write_whole(sys.argv[2] + "/end.npz", lambda path: np.savez(path, *weights))
""")


def start(folder, steps):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, "-c", TRAINING, str(ROOT / "tests"), str(folder), str(steps)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)


def end(folder):
    with np.load(folder / "end.npz") as file:
        return [file[key] for key in file.files]


def killed_until_it_ends(folder, kills, steps, seed):
    """Run a training, killing it at random moments, and return how often it was killed."""
    draw, count = random.Random(seed), 0
    while True:
        process = start(folder, steps)
        process.stdout.readline()
        if count < kills:
            time.sleep(draw.uniform(0, 1.2))
            process.send_signal(signal.SIGKILL)
            count += process.wait() == -signal.SIGKILL
        if process.wait() == 0:
            return count


def test_a_training_killed_at_random_moments_ends_with_the_same_weights(tmp_path):
    assert start(tmp_path / "whole", 12).wait() == 0
    assert killed_until_it_ends(tmp_path / "killed", 2, 12, seed=0) == 2
    assert all(np.array_equal(a, b) for a, b in zip(end(tmp_path / "whole"), end(tmp_path / "killed"), strict=True))
    assert {file.name for file in (tmp_path / "killed").iterdir()} == {"a.weights.h5", "end.npz"}


@pytest.mark.slow
def test_twenty_kills(tmp_path):
    assert start(tmp_path / "whole", 300).wait() == 0
    assert killed_until_it_ends(tmp_path / "killed", 20, 300, seed=1) == 20
    assert all(np.array_equal(a, b) for a, b in zip(end(tmp_path / "whole"), end(tmp_path / "killed"), strict=True))


def test_two_processes_at_one_checkpoint_leave_it_whole(tmp_path):
    assert start(tmp_path / "alone", 12).wait() == 0
    both = [start(tmp_path / "both", 12) for _ in range(2)]
    assert [process.wait() for process in both] == [0, 0]
    assert all(np.array_equal(a, b) for a, b in zip(end(tmp_path / "alone"), end(tmp_path / "both"), strict=True))


SAVING = textwrap.dedent("""
    import sys
    import numpy as np
    from ganinv_keras.inversion import Inversion
    n = int(sys.argv[2])
    half, history = np.float32(0.5), {"step": np.arange(3), "loss": np.zeros((3, n), "float32")}
    inversion = Inversion(np.full((n, 4), half), np.full((n, 28, 28, 1), half), np.zeros(n, "float32"), history,
                          np.ones(n, int), 1.0)
    print("ready", flush=True)
    while True:
        inversion.save(sys.argv[1])
""")


def test_an_inversion_whose_saving_is_killed_is_whole(tmp_path):
    path, draw = tmp_path / "a.npz", random.Random(2)
    for n in (2000, 3000):
        command = [sys.executable, "-c", SAVING, str(path), str(n)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        process.stdout.readline()
        while n == 2000 and not path.exists():
            time.sleep(0.01)
        time.sleep(draw.uniform(0, 0.3))
        process.send_signal(signal.SIGKILL)
        process.wait()
        found = Inversion.load(path)
        assert len(found.z) in (2000, n) and (found.images == 0.5).all()
    found.save(path)
    assert [file.name for file in tmp_path.iterdir()] == ["a.npz"]


ANOTHER_USER = textwrap.dedent("""
    import os
    from ganinv_keras import load_images, pretrained, files
    pretrained.load("mnist-plane")  # what is imported when it is first needed lies where this user may look
    os.setgid(65534)
    os.setuid(65534)
    print(pretrained.load("mnist-plane").generator.output_shape, len(load_images("mnist", verbose=False)))
    files.output_dir()
""")


@pytest.mark.skipif(os.name != "posix" or os.geteuid() != 0, reason="only root can become another user")
def test_another_user_reads_the_checkout_and_is_told_where_to_write():
    """As in a lecture hall, where the course lies on a drive that students cannot write to."""
    with tempfile.TemporaryDirectory() as folder:
        checkout = Path(folder)
        checkout.chmod(0o755)
        for name in ("weights/mnist-plane.npz", "weights/SHA256SUMS", "data/mnist.npz"):
            (checkout / "assets" / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(files.ASSETS / name, checkout / "assets" / name)
        shutil.copytree(ROOT / "ganinv_keras", checkout / "ganinv_keras", ignore=shutil.ignore_patterns("__pycache__"))
        environment = {**os.environ, "PYTHONPATH": folder, "GANINV_OUTPUT_DIR": "", "GANINV_DATA_DIR": "",
                       "TFDS_DATA_DIR": folder}  # fmt: skip
        run = subprocess.run([sys.executable, "-c", ANOTHER_USER], cwd=folder, env=environment, capture_output=True,
                             text=True)  # fmt: skip
    assert run.stdout == "(None, 28, 28, 1) 4500\n", run.stderr
    assert run.stderr.splitlines()[-1] == (
        f"PermissionError: Cannot write to {checkout / 'outputs'}: set GANINV_OUTPUT_DIR to a folder of yours."
    )


def test_a_closed_stderr_is_no_obstacle_and_no_file_takes_its_place():
    code = "import ganinv_keras; print(open('/dev/null').fileno() > 2)"
    run = subprocess.run(f'"{sys.executable}" -c "{code}" 2>&-', shell=True, stdout=subprocess.PIPE, text=True)
    assert run.stdout == "True\n"
