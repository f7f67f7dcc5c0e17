import numpy as np
import pytest

from ganinv_keras.course.experiments import line


def test_one_number_makes_an_image():
    world = line.images(50)
    x = world.images[..., 0].astype("float64")
    column = np.sum(x * np.arange(16), axis=(1, 2)) / x.sum(axis=(1, 2))
    assert column == pytest.approx(world.attributes["x"], abs=0.05)
    assert set(world.attributes["y"]) == {7.5}


def test_the_watch_keeps_what_the_discriminator_answers():
    gan, world = line.gan(), line.images(40)
    watch = line.Watch(world.images[:6], (2, 3))
    gan.fit_images(world, 1, 3, 8, callbacks=[watch], verbose=0)
    early, last = watch.records
    assert (early["step"], last["step"]) == (2, 3)
    assert np.degrees(watch.z[:, 0]) == pytest.approx([7.5, 22.5, 37.5, 52.5, 67.5, 82.5])
    assert last["real"] == pytest.approx(gan.discriminator.predict(world.images[:6], verbose=0), rel=1e-5)
    generated = gan.discriminator.predict(gan.sampler.predict(watch.z, verbose=0), verbose=0)
    assert last["generated"] == pytest.approx(generated, rel=1e-5)
    back = gan.sampler.predict(gan.encoder.predict(world.images[:6], verbose=0), verbose=0)
    assert last["images"] == pytest.approx(back, abs=1e-5)
    assert not np.allclose(early["real"], last["real"], rtol=1e-3)
    assert last["real"].shape == (6, 2) and np.min(last["real"]) > 0
