import subprocess
import sys
from pathlib import Path

import pytest
import tensorflow as tf

from ganinv_keras.zoo import cost
from ganinv_keras.zoo.recipes import RECIPES, find

N = 128


def test_the_operations_of_creswells_step_by_hand():
    # multiplications of each layer for one image: G's two dense and two transposed convolutions, D's two and two
    g = [100 * 1024, 1024 * 6272, 7 * 7 * 25 * 128 * 64, 14 * 14 * 25 * 64]
    d = [14 * 14 * 25 * 64, 7 * 7 * 25 * 64 * 128, 6272 * 1024, 1024]
    forward = sum(g) + 2 * sum(d)  # D sees a real and a generated image
    of_d = 2 * (2 * sum(d) - d[0])  # each layer's weights and input; nobody asks for the image's gradient
    of_g = sum(d) + 2 * sum(g) - g[0]  # through D to the image, then G's weights and inputs
    counted = cost.count("mnist-uniform", "paper")
    assert counted.flops == pytest.approx(2 * N * (forward + of_d + of_g), rel=0.01)
    assert counted.steps == 500
    assert counted.networks["generator"].count_params() == sum(g[:2]) + 25 * 128 * 64 + 25 * 64 + 1 + 4 * (
        1024 + 6272 + 64
    )
    assert counted.hours(rate=1e12) == pytest.approx(500 * counted.flops / 1e12 / 3600)


def graph_of(function, *shapes):
    return tf.function(function).get_concrete_function(*[tf.TensorSpec(shape) for shape in shapes]).graph


def test_only_what_the_result_depends_on_is_counted():
    def step(a, b):
        tf.matmul(a, 2.0 * b)  # nobody needs it
        return tf.matmul(a, b)

    assert cost.operations(graph_of(step, (2, 3), (3, 5))) == 2 * 2 * 3 * 5
    assert cost.operations(graph_of(lambda a, b: tf.matmul(a, b, transpose_a=True), (3, 2), (3, 5))) == 2 * 2 * 3 * 5


def test_the_operations_of_a_strided_convolution_and_its_gradients():
    kernel = tf.Variable(tf.zeros((5, 5, 3, 8)))

    def step(x):
        with tf.GradientTape() as tape:
            tape.watch(x)
            y = tf.nn.conv2d(x, kernel, 2, "SAME")
        return tape.gradient(y, [x, kernel])

    once = 2 * 4 * 8 * 8 * 25 * 3 * 8  # 4 images, 8×8 places, a kernel of 5×5, 3 to 8 channels
    assert cost.operations(graph_of(step, (4, 16, 16, 3))) == 2 * once  # the forward pass itself is not needed


def test_memory_is_what_is_in_use_at_once():
    def chain(x):
        for _ in range(10):
            x = tf.reshape(tf.math.sin(x), (10, 100))  # a view needs no memory of its own
        return x

    def together(x):
        kept = [tf.math.sin(x + float(i)) for i in range(10)]
        return tf.add_n([tf.math.cos(part) for part in reversed(kept)])

    kilobytes = 4 * 1000 / 1e3
    assert cost.peak(graph_of(chain, (10, 100))) / 1e3 == pytest.approx(2 * kilobytes, rel=0.1)
    assert 10 * kilobytes <= cost.peak(graph_of(together, (10, 100))) / 1e3 <= 14 * kilobytes


def test_lazy_r1_costs_its_share():
    shape = {"latent_dim": 31, "image_size": 32, "channels": 1, "width": 4, "max_channels": 8}
    small = {"generator": ["style_generator", shape | {"angular": True}], "discriminator": ["style_embedder", shape],
             "encoder": ["style_angle_encoder", shape], "batch_size": 2}  # fmt: skip
    every, fourth, never = (
        cost.count("mnist-direction", **small, **r1).flops
        for r1 in ({"r1_every": 1}, {"r1_every": 4}, {"r1_every": 1, "r1_weight": 0.0})
    )
    assert fourth == pytest.approx(never + (every - never) / 4) and every > 1.2 * never


def test_a_gan_that_grew_costs_what_the_smaller_one_cost_too():
    shape = {"latent_dim": 7, "image_size": 8, "channels": 1, "width": 2}
    small = {"generator": ["style_generator", shape | {"angular": True}], "discriminator": ["style_embedder", shape],
             "prior": ["Angular", {"dim": 7}], "encoder": None, "epochs": 1, "steps_per_epoch": 3}  # fmt: skip
    alone = cost.count("mnist-direction", **small)
    grown = cost.count("mnist-direction", **small, grown_from=RECIPES["mnist-direction"] | small)
    assert alone.total == 3 * alone.flops and grown.total == pytest.approx(6 * alone.flops)
    assert (grown.steps, grown.flops) == (alone.steps, alone.flops)


def test_an_encoder_is_counted_with_its_frozen_generator():
    counted = cost.count("avatars-aegan")
    assert set(counted.networks) == {"generator", "encoder"}
    assert counted.steps == RECIPES["avatars-aegan"]["epochs"] * 100
    assert counted.flops > cost.count("avatars-direct").flops  # which does not go back through the generator
    assert set(cost.count("celeba-bigan").networks) == {"generator", "discriminator", "encoder"}


MEASURED = """
from pathlib import Path
import numpy as np, psutil, tensorflow as tf
from ganinv_keras.zoo import build
from ganinv_keras.zoo.recipes import find
model = build.trainer(find("food-dcgan", "paper"))
before = psutil.Process().memory_info().rss
step = tf.function(model.train_step, autograph=False)
for _ in range(2):
    step(tf.constant(np.random.default_rng(0).random((64, 64, 64, 3), "float32")))
status = Path("/proc/self/status").read_text()  # getrusage's maximum includes that of the process which starts this one
print(1024 * int(status.split("VmHWM:")[1].split()[0]) - before)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="Linux alone tells a process's highest memory there")
def test_the_memory_of_a_step_is_about_what_is_counted():
    run = subprocess.run([sys.executable, "-c", MEASURED], check=True, capture_output=True, text=True)
    model, graph = cost._step(find("food-dcgan", "paper"), "paper")
    assert 0.5 < float(run.stdout.split()[-1]) / cost.peak(graph) < 4
