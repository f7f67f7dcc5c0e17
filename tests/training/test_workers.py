"""Two processes, as two machines, take the steps of one; one is killed, both start again and end as if undisturbed."""

import json
import os
import signal
import socket
import subprocess
import sys
import time

import numpy as np
import pytest

RUN = """
import sys

import tensorflow as tf

strategy = tf.distribute.MultiWorkerMirroredStrategy()  # before anything else of TensorFlow's

import keras
import numpy as np

from ganinv_keras import Normal, load_images, networks
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN

shape = {"latent_dim": 4, "image_size": 32, "channels": 1, "width": 2, "max_channels": 8}
images = load_images("mnist", "train", verbose=False).at(32)[:200]
with strategy.scope():
    keras.utils.set_random_seed(0)
    parts = networks.style_generator(**shape), networks.style_discriminator(**shape)
    model = DynamicLatentScaleGAN(*parts, Normal(4), r1_weight=1.0, r1_every=2, scale_from=3)
    model.compile(keras.optimizers.Adam(0.002), keras.optimizers.Adam(0.002))
    history = model.fit_images(images, 4, 5, 8, checkpoint=sys.argv[1], verbose=0).history
np.savez(sys.argv[2], *model.get_weights(), losses=np.ravel(history["d_loss"]))
"""


def start(folder, ports):
    """Start a worker for each port, or one process without any."""
    processes = []
    for i in range(max(1, len(ports))):
        cluster = {"worker": [f"localhost:{port}" for port in ports]}
        config = (
            {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": "worker", "index": i}})} if ports else {}
        )
        command = [sys.executable, "-c", RUN, folder / "training.weights.h5", folder / f"{i}.npz"]
        processes.append(subprocess.Popen(command, env=os.environ | config, stderr=subprocess.PIPE))
    return processes


def free_ports():
    sockets = [socket.create_server(("localhost", 0)) for _ in range(2)]
    ports = [server.getsockname()[1] for server in sockets]
    for server in sockets:
        server.close()
    return ports


def ended(processes):
    return [(process.communicate(timeout=240)[1][-500:], process.returncode)[1] for process in processes]


@pytest.mark.slow
def test_a_killed_worker_comes_back_and_nothing_is_lost(tmp_path):
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    alone.mkdir(), killed.mkdir()
    assert ended(start(alone, [])) == [0]
    workers = start(killed, free_ports())
    checkpoint, first = killed / "training.weights.h5", None
    while first is None or checkpoint.stat().st_mtime_ns == first:  # until the first epoch is on disk
        time.sleep(0.05)
        assert workers[1].poll() is None
        if checkpoint.exists():
            first = first or checkpoint.stat().st_mtime_ns
    workers[1].send_signal(signal.SIGKILL)
    assert ended(workers)[0] != 0, "the other cannot go on alone"
    assert ended(start(killed, free_ports())) == [0, 0]
    expected = np.load(alone / "0.npz")
    for i in (0, 1):
        found = np.load(killed / f"{i}.npz")
        assert len(found["losses"]) < 4 == len(expected["losses"])
        for name in set(expected.files) - {"losses"}:
            assert np.allclose(expected[name], found[name], atol=1e-5)
    assert sorted(path.name for path in killed.iterdir()) == ["0.npz", "1.npz", "training.weights.h5"]
