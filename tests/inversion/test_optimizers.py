import keras
import numpy as np
import pytest
from packaging.version import Version

from ganinv_keras.inversion import LatentOptimizer, default_optimizer
from ganinv_keras.inversion.optimizers import configuration, make

optimizers = keras.optimizers


def copy(optimizer):
    return make(*configuration(optimizer))


@pytest.mark.parametrize(
    "optimizer",
    [
        "adam", optimizers.SGD(0.1, momentum=0.9, nesterov=True), optimizers.RMSprop(0.1), optimizers.AdamW(0.1),
        optimizers.Adagrad(0.1), optimizers.Adadelta(0.1), optimizers.Nadam(0.1), optimizers.Adamax(0.1),
        optimizers.Ftrl(0.1), optimizers.Lion(0.1), optimizers.SGD(0.1, clipvalue=1.0), default_optimizer(9),
    ],
)  # fmt: skip
def test_what_treats_every_element_for_itself_is_copied(optimizer):
    made = copy(optimizer)
    assert made is not optimizer and not made.built
    assert made.get_config() | {"name": None} == configuration(optimizer)[1]


@pytest.mark.parametrize(
    "optimizer",
    [
        optimizers.Lamb(0.1), optimizers.Adafactor(0.1), optimizers.Adam(0.1, clipnorm=1.0),
        optimizers.SGD(0.1, global_clipnorm=1.0),
        pytest.param(optimizers.Muon(0.1), marks=pytest.mark.skipif(
            Version(keras.__version__) < Version("3.15"), reason="it cannot update a variable of TensorFlow's own")),
    ],
)  # fmt: skip
def test_what_mixes_the_rows_of_z_is_refused(optimizer):
    with pytest.raises(ValueError, match=f"^{type(optimizer).__name__} mixes the rows of z .* `clipvalue` in place"):
        copy(optimizer)


def test_what_expects_a_scaled_loss_is_refused():
    for optimizer in (optimizers.LossScaleOptimizer(optimizers.Adam()), optimizers.SGD(0.1, loss_scale_factor=8.0)):
        with pytest.raises(ValueError, match="expects a scaled loss"):
            copy(optimizer)


def falling_rate():
    return 0.1


class Halving(optimizers.schedules.LearningRateSchedule):
    def __call__(self, step):
        return 0.5**step


@pytest.mark.parametrize(
    "optimizer",
    [optimizers.SGD(falling_rate), optimizers.SGD(Halving()), optimizers.Adam, "adamm", 0.1, object()],
    ids=["function", "schedule without a configuration", "class", "unknown name", "number", "object"],
)
def test_what_cannot_be_copied_is_refused(linear_generator, prior, optimizer):
    with pytest.raises(ValueError, match="argument `optimizer`. Expected a Keras optimiser .* Received: "):
        LatentOptimizer(linear_generator, prior).invert(np.full((1, 8, 8, 1), 0.5, "float32"), 1, optimizer)


def test_the_default_falls_over_the_steps_it_is_made_for():
    rate = default_optimizer(50)._learning_rate
    assert np.allclose([rate(0), rate(25), rate(50)], [0.3, 0.3 * (0.95 * 0.5 + 0.05), 0.3 * 0.05])
    with pytest.raises(ValueError, match="argument `steps`"):
        default_optimizer("fifty")
