import numpy as np
import pytest

from ganinv_keras import data
from ganinv_keras.measures import features, metrics
from ganinv_keras.measures.quality import Judge
from ganinv_keras.zoo import pretrained


@pytest.fixture(scope="module")
def judge():
    train, test = (data.load_images("mnist", split, verbose=False).at(32) for split in ("train", "test"))
    return Judge(train, test, n=70)


def test_images_are_judged_by_their_features(judge):
    network = features.load("mnist")
    x = judge.test
    assert judge.images(x)["fid"] == pytest.approx(
        metrics.fid(network.predict(x, verbose=0), judge.real_features), 1e-4
    )
    assert judge.images(1 - x)["fid"] > 3 * judge.images(x)["fid"]


def test_an_encoder_is_judged_beside_chance(judge):
    model = pretrained.load("mnist-dlsgan")
    row = judge(model.generator, model.prior, model.encoder)
    again = np.asarray(model.generator(model.encoder(judge.test)))
    assert row["psnr_test"] == pytest.approx(metrics.psnr(judge.test, again).mean(), rel=1e-3)
    shuffled = metrics.psnr(judge.test, np.roll(again, 1, axis=0)).mean()
    assert row["psnr_test_shuffled"] == pytest.approx(shuffled, rel=1e-3) and shuffled < row["psnr_test"] - 4
    assert row["ssim_generated"] > row["ssim_generated_shuffled"] + 0.3 and 0 < row["encoder_loss"] < 1


def test_a_generator_alone_and_one_of_angles(judge):
    model = pretrained.load("mnist-direction")
    alone, row = judge(model.generator, model.prior), judge(model.generator, model.prior, model.encoder)
    assert set(alone) == {"fid", "kid"} and alone["fid"] == row["fid"]
    assert 5 < row["angle"] < 45 and "encoder_loss" not in row
