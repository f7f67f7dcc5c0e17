"""What `diagnose` says of the models that ship: nothing where nothing is wrong, and the fault that is planted."""

import keras
import numpy as np
import pytest
from keras import ops

from ganinv_keras import diagnose, load_images, pretrained

pytestmark = [pytest.mark.slow, pytest.mark.parametrize("seed", range(10))]
HEALTHY = ["mnist-normal", "mnist-conditional", "mnist-dlsgan", "mnist-direction", "avatars-aegan",
           "avatars-direction-64"]  # fmt: skip


def real(name, seed, size, n=16):
    """Return test images of a data set."""
    images = load_images(name, "test", verbose=False).at(size)
    return images[np.random.default_rng(seed).permutation(len(images))[:n]].images


def calls(model, call, d):
    """Return a generator that answers what a function of z says, which Keras does not look into."""

    class Function(keras.layers.Layer):
        def __init__(self):
            super().__init__()
            self.model = model

        def call(self, z):
            return call(model, z)

    z = keras.Input((d,))
    return keras.Model(z, Function()(z))


def with_rows(model, rows, values):
    """Change rows of the matrix that z is multiplied by."""
    first = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dense))
    kernel = first.kernel.numpy()
    kernel[rows] = values(kernel)
    first.kernel.assign(kernel)
    return model


@pytest.mark.parametrize("name", HEALTHY)
def test_healthy_ones(name, seed):
    made = pretrained.load(name)
    images = real(name.split("-")[0], seed, made.generator.output_shape[1])
    found = diagnose(made.generator, images, made.encoder, made.prior, seed)
    assert found.healthy, found.findings


@pytest.mark.parametrize("name", ["celeba-aegan", "food-uniform"])
def test_healthy_ones_on_what_they_draw(name, seed):
    made = pretrained.load(name)
    drawn = made.generator(made.prior.sample(16, seed + 100)).numpy().clip(0, 1)
    found = diagnose(made.generator, drawn, made.encoder, made.prior, seed)
    assert found.healthy and found.reasons == (None,) * 16, found


IMAGES = {
    "(images + 1) / 2": lambda x: 2 * x - 1,
    "divide by 255": lambda x: 255 * x,
    "negatives": lambda x: 1 - x,
    "turned upside down": lambda x: x[:, ::-1, ::-1],
    "turned by 90° clockwise": lambda x: np.rot90(x, -1, (1, 2)),
    "turned by 90° anticlockwise": lambda x: np.rot90(x, 1, (1, 2)),
    "mirrored, left for right": lambda x: x[:, :, ::-1],
    "mirrored, top for bottom": lambda x: x[:, ::-1],
    "in the order blue, green, red": lambda x: x[..., ::-1],
}


@pytest.mark.parametrize(
    "name, words",
    [
        *(("mnist-normal", words) for words in list(IMAGES)[:-1]),
        *(("avatars-aegan", words) for words in list(IMAGES)[2:4] + list(IMAGES)[-1:]),
    ],
)
def test_faults_of_images(name, words, seed):
    made = pretrained.load(name)
    images = IMAGES[words](real(name.split("-")[0], seed, made.generator.output_shape[1]))
    found = diagnose(made.generator, images, prior=made.prior, seed=seed)
    assert len(found.findings) == 1 and words in found.findings[0], found.findings
    assert found.findings[0].count(" or ") <= 1


def test_faces_for_digits(seed):
    made = pretrained.load("mnist-normal")
    faces = ops.convert_to_numpy(ops.image.resize(real("avatars", seed, 64).mean(axis=-1, keepdims=True), (28, 28)))
    found = diagnose(made.generator, faces, prior=made.prior, seed=seed)
    assert len(found.findings) == 1 and "are unlike all that the generator draws" in found.findings[0], found.findings


def of_few_modes(model, d, rng):
    """Return a generator that draws four images alone."""
    modes = rng.standard_normal((4, d)).astype("float32")
    return calls(model, lambda G, z: G(ops.softmax(1000 * z[:, :4]) @ modes), d)


GENERATORS = {
    "of a z that is alone than in a batch": lambda G, d, rng: calls(G, lambda G, z: G(z, training=True), d),
    "it draws the same few images": of_few_modes,
    "3 of 100 elements of z do nothing": lambda G, d, rng: with_rows(G, rng.permutation(d)[:3], lambda kernel: 0),
    "Around any z, 1 of 100 directions do nothing": lambda G, d, rng: with_rows(G, 0, lambda kernel: kernel[50]),
    "Weights of the generator are not finite": lambda G, d, rng: with_rows(G, rng.integers(d), lambda kernel: np.nan),
    "a layer Rescaling(0.5, 0.5)": lambda G, d, rng: calls(G, lambda G, z: 2 * G(z) - 1, d),
}


@pytest.mark.parametrize("words", GENERATORS)
def test_faults_of_generators(words, seed):
    made = pretrained.load("mnist-normal")
    broken = GENERATORS[words](made.generator, made.prior.dim, np.random.default_rng(seed))
    found = diagnose(broken, real("mnist", seed, 28), prior=made.prior, seed=seed)
    assert any(words in finding for finding in found.findings), found.findings


def test_encoders_of_others(seed):
    made, other = pretrained.load("avatars-aegan"), pretrained.load("celeba-aegan")
    (finding,) = diagnose(made.generator, real("avatars", seed, 64), other.encoder, made.prior, seed).findings
    assert "was trained for another generator" in finding
