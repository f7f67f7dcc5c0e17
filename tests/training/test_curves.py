import json

import keras
import numpy as np
import pytest

from ganinv_keras import data
from ganinv_keras.measures import features, metrics
from ganinv_keras.networks import paths
from ganinv_keras.networks.priors import Angular, Normal
from ganinv_keras.networks.spherical import SphericalToCartesian
from ganinv_keras.networks.style import style_discriminator, style_embedder, style_generator
from ganinv_keras.training import curves
from ganinv_keras.training.direction_embedding import DirectionEmbeddingGAN
from ganinv_keras.training.dlsgan import DynamicLatentScaleGAN

SHAPE = {"latent_dim": 6, "image_size": 32, "channels": 1, "width": 4, "max_channels": 8}


def small():
    gan = DynamicLatentScaleGAN(style_generator(**SHAPE), style_discriminator(**SHAPE), Normal(6), ema=0.5)
    gan.compile(*(keras.optimizers.Adam(1e-3, 0.0, 0.99) for _ in range(2)))
    return gan


def test_a_training_that_goes_on_continues_its_curves(tmp_path):
    train, test = (data.load_images("mnist", split, verbose=False).at(32) for split in ("train", "test"))
    path, length = tmp_path / "curves" / "x.json", {"steps_per_epoch": 2, "batch_size": 4, "verbose": 0}
    for epochs in (1, 2):
        measured = curves.EncoderCurves(train, test, path, n=80)
        gan = small()
        gan.fit_images(train, epochs, checkpoint=tmp_path / "x.weights.h5", callbacks=[measured], **length)
    records = json.loads(path.read_text())
    assert [record["step"] for record in records] == [2, 4] and records == measured.records
    kinds = ("generated", "test", "generated_shuffled", "test_shuffled")
    measures = {f"{name}_{images}" for name in ("psnr", "ssim") for images in kinds} | {"fid", "kid"}
    assert set(records[0]) == measures | {"step", "encoder_loss", "s"}
    s = gan.sampler.get_layer("latent_scale").scale
    assert np.allclose(records[-1]["s"], s, atol=1e-4)
    z = gan.prior.sample(80, seed=1)
    error = np.square(z - gan.encoder(gan.sampler(z)))
    assert records[-1]["encoder_loss"] == pytest.approx(np.mean(error * s**2), rel=1e-3)
    x = test.images[:80]
    again = gan.sampler(gan.encoder(x)).numpy()
    assert records[-1]["ssim_test"] == pytest.approx(metrics.ssim(x, again).mean(), rel=1e-2)
    assert records[-1]["psnr_test"] == pytest.approx(metrics.psnr(x, again).mean(), rel=1e-3)
    made = features.load("mnist")(gan.sampler(z)).numpy()
    assert records[-1]["fid"] == pytest.approx(metrics.fid(made, measured.judge.real_features), rel=1e-3)


def test_committed_curves_are_of_equal_trainings():
    dynamic, twin = (json.loads(curves.path_of(f"mnist-{kind}").read_text()) for kind in ("dlsgan", "unscaled"))
    assert [record["step"] for record in dynamic] == [record["step"] for record in twin]
    assert all(np.allclose(record["s"], 1) for record in twin)
    assert all(np.mean(np.square(record["s"])) == pytest.approx(1, rel=1e-3) for record in dynamic)


def test_curves_of_angles(tmp_path):
    train, test = (data.load_images("mnist", split, verbose=False).at(32) for split in ("train", "test"))
    shape = SHAPE | {"latent_dim": 7}
    gan = DirectionEmbeddingGAN(style_generator(**shape, angular=True), style_embedder(**shape), Angular(7))
    gan.compile(*(keras.optimizers.Adam(1e-3) for _ in range(2)))
    measured = curves.EncoderCurves(train, test, tmp_path / "x.json", n=70)
    gan.fit_images(train, 1, callbacks=[measured], steps_per_epoch=1, batch_size=4, verbose=0)
    (record,) = measured.records
    z = gan.prior.sample(70, seed=1)
    z_hat = gan.encoder(gan.generator(z))
    angles = paths.angle(*(SphericalToCartesian()(latents) for latents in (z, z_hat)))
    assert record["angle"] == pytest.approx(np.degrees(np.median(angles)), rel=1e-3) and "s" not in record


def test_committed_curves_of_angles():
    names = ("mnist-direction", "mnist-gentle", "mnist-gentler", "mnist-undirected")
    last = [json.loads(curves.path_of(name).read_text())[-1] for name in names]
    assert len({record["step"] for record in last}) == 1
    assert all(0 < record["angle"] < 90 and "s" not in record for record in last)
