import keras
import numpy as np
import pytest
import tensorflow as tf

from ganinv_keras import Normal, losses
from ganinv_keras.data import ImageSet
from ganinv_keras.data.image_stream import ImageStream
from ganinv_keras.networks.creswell import creswell_discriminator, creswell_generator
from ganinv_keras.training.conditional import ConditionalGAN
from ganinv_keras.training.gan import GAN, refresh_batch_norm


def parts(seed=0):
    keras.utils.set_random_seed(seed)
    return creswell_generator(5, 4, classes=3), creswell_discriminator(4, classes=3), Normal(5)


def batch():
    label = np.eye(3, dtype="float32")[[0, 1, 2, 1]]
    return tf.constant(np.random.default_rng(0).random((4, 28, 28, 1), "float32")), tf.constant(label)


def test_both_networks_see_the_class_of_each_image():
    generator, discriminator, prior = parts()
    gan = ConditionalGAN(generator, discriminator, prior, seed=3)
    x, label = batch()
    found = gan.compute_losses((x, label))
    z = prior.sample(4, keras.random.SeedGenerator(3))
    x_fake = generator([z, label], training=True)
    real, fake = (discriminator([images, label], training=True) for images in (x, x_fake))
    d_loss, g_loss = losses.non_saturating(real, fake)
    assert np.allclose([found.discriminator, found.generator], [d_loss, g_loss], rtol=1e-5)
    other = discriminator([x, tf.roll(label, 1, axis=1)], training=True)
    assert not np.allclose(real, other, rtol=1e-3)


def test_r1_is_that_of_the_images_at_their_class():
    generator, discriminator, prior = parts()
    x, label = batch()
    plain, with_r1 = (
        ConditionalGAN(generator, discriminator, prior, r1_weight=weight).compute_losses((x, label)).discriminator
        for weight in (0.0, 2.0)
    )
    expected = losses.r1(lambda x: discriminator([x, label], training=True), x)
    assert float(with_r1 - plain) == pytest.approx(2.0 * float(expected), rel=1e-3)


def test_the_projection_is_a_vector_of_each_class():
    _, discriminator, _ = parts()
    x, label = batch()
    h = np.asarray(keras.Model(discriminator.inputs, discriminator.get_layer("projection").input[0])([x, label]))
    kernels = {layer.kernel.shape: layer.kernel.numpy() for layer in discriminator.layers if "dense" in layer.name}
    shared, own = kernels[64, 1], kernels[3, 64]
    expected = h @ shared + np.sum(h * (label.numpy() @ own), axis=1, keepdims=True)
    assert np.allclose(discriminator([x, label]), expected, atol=1e-5)  # the bias is 0 at first


def test_it_learns_which_class_is_which():
    labels = np.arange(96) % 2
    pixels = (255 * labels).astype("uint8")[:, None, None, None] * np.ones((1, 28, 28, 1), "uint8")
    images = ImageSet("flat", "train", pixels, labels, None, {}, "a test")
    keras.utils.set_random_seed(1)
    model = ConditionalGAN(creswell_generator(5, 4, 2), creswell_discriminator(4, 2), Normal(5), ema=0.5)
    model.compile(keras.optimizers.Adam(5e-3, 0.5), keras.optimizers.Adam(5e-3, 0.5))
    model.fit_images(images, 6, 20, 16, verbose=0)
    refresh_batch_norm(model.sampler, model.prior)
    z = np.asarray(model.prior.sample(20, 0))
    dark, light = (np.mean(model([z, np.tile(row, (20, 1))])) for row in np.eye(2, dtype="float32"))
    assert dark < 0.3 < 0.7 < light
    with pytest.raises(ValueError, match=r"Labels must be from 0 to 1, but flat/train has some from 1 to 2\."):
        model.fit_images(ImageSet("flat", "train", pixels, labels + 1, None, {}, "a test"), 7, 20, 16)
    with pytest.raises(ValueError, match=r"Labels must be from 0 to 1, but flat/train has none\."):
        model.fit_images(ImageSet("flat", "train", pixels, None, None, {}, "a test"), 7, 20, 16)


def test_what_does_not_fit_is_refused():
    generator, discriminator, prior = parts()
    with pytest.raises(ValueError, match="must have one input, got 2: z, label"):
        GAN(generator, discriminator, prior)
    with pytest.raises(ValueError, match="Expected a functional Keras model with inputs: 2"):
        ConditionalGAN(generator, creswell_discriminator(4), prior)
    with pytest.raises(ValueError, match="as their second input, got 0 and 3 classes"):
        ConditionalGAN(creswell_generator(5, 4), discriminator, prior)
    with pytest.raises(ValueError, match="as their second input, got 3 and 2 classes"):
        ConditionalGAN(generator, creswell_discriminator(4, classes=2), prior)
    with pytest.raises(ValueError, match="argument `classes`"):
        creswell_generator(5, 4, classes=-1)
    flat = keras.Model(generator.inputs, keras.layers.UpSampling2D(28)(keras.layers.Reshape((1, 1, 3))(
        generator.inputs[1]))[..., :1] + 0.0 * generator.output)  # fmt: skip
    with pytest.raises(ValueError, match="the generator draws the same image for every z"):
        ConditionalGAN(flat, discriminator, prior).check_sound()
    stream = ImageStream("files", "train", "a test", 28, [b""])
    with pytest.raises(ValueError, match="The images need labels, which this ImageStream has not"):
        ConditionalGAN(generator, discriminator, prior).batches_of(stream)
