"""A world with two known dimensions, and how many of eight a Dynamic Latent Scale GAN keeps there.

`python -m ganinv_keras.course.experiments.discs` trains small GANs of soft discs with both ways to take v, two
weights of the encoder's loss and three seeds, and writes `assets/results/05_discs.json`, which takes a quarter of an
hour on one core. A run that was stopped goes on.
"""

import itertools
import json

import keras
import numpy as np

from ganinv_keras import device, files
from ganinv_keras.data import ImageSet
from ganinv_keras.inversion.encoder import EncoderInverter, predict
from ganinv_keras.measures import metrics
from ganinv_keras.networks.priors import Normal
from ganinv_keras.networks.style import style_discriminator, style_generator
from ganinv_keras.training.dlsgan import V_FROM, DynamicLatentScaleGAN

SIZE, STEPS, WEIGHTS, SEEDS = 16, 2000, (0.1, 1.0), (0, 1, 2)
KEPT = 0.5  # share from which a dimension counts as kept


def images(n, seed=0, radii=(2.7, 2.7), rows=(4.5, 10.5)):
    """Draw soft discs at random places, an `ImageSet` of 16×16 grey pixels.

    Args:
        n: number of images.
        seed: seed of places and radii. Defaults to 0.
        radii: the smallest and the largest radius, in pixels. Defaults to 2.7 for all: two numbers make an image.
        rows: the smallest and the largest y of a centre, in pixels. Defaults to as far as x reaches.

    Returns:
        The images; their attributes are the centre `x`, `y` and the `radius`, in pixels.
    """
    draw = np.random.default_rng(seed)
    x, y = draw.uniform(4.5, 10.5, (n, 1, 1)), draw.uniform(*rows, (n, 1, 1))
    radius = draw.uniform(*radii, (n, 1, 1))
    row, column = np.mgrid[:SIZE, :SIZE]
    pixels = 255 / (1 + np.exp(2 * (np.hypot(row - y, column - x) - radius)))
    known = {"x": x.ravel(), "y": y.ravel(), "radius": radius.ravel()}
    return ImageSet("discs", "train", pixels.round().astype("uint8")[..., None], None, None, known, "drawn")


def gan(seed=0, **options):
    """Return a small GAN of such images with eight dimensions, compiled. The options are `DynamicLatentScaleGAN`'s."""
    keras.utils.set_random_seed(seed)
    shape = {"latent_dim": 8, "image_size": SIZE, "channels": 1, "width": 8, "max_channels": 64}
    networks = style_generator(**shape, brightness=0.1), style_discriminator(**shape)
    model = DynamicLatentScaleGAN(*networks, Normal(8), r1_weight=1.0, r1_every=4, ema=0.995, seed=seed, **options)
    model.compile(keras.optimizers.Adam(2e-3, 0.0, 0.99), keras.optimizers.Adam(2e-3, 0.0, 0.99))
    return model


class Watch(keras.callbacks.Callback):
    """Look at a GAN ten times in its training.

    Args:
        steps: steps of the whole training.
        n: generated images to look at. Defaults to 1,000.

    Attributes:
        records: a list of dictionaries: `step`, the scale `s`, the recovered `share` of each dimension, `images` of the
            same ten latents, and `mass`, mean and standard deviation of the sum of an image's pixels.
    """

    def __init__(self, steps, n=1000):
        super().__init__()
        self.every, self.n, self.records = max(1, steps // 10), n, []

    def on_train_batch_end(self, batch, logs=None):
        """Look, if it is time."""
        step = self.model.steps_taken
        if step % self.every:
            return
        z = np.asarray(self.model.prior.sample(self.n, seed=1))
        x = predict(self.model.sampler, z)
        mass, share = x.sum(axis=(1, 2, 3)), metrics.recovered_share(z, predict(self.model.encoder, x))
        record = {"step": step, "s": np.asarray(self.model.sampler.get_layer("latent_scale").scale), "share": share}
        self.records.append(record | {"images": x[:10], "mass": (float(mass.mean()), float(mass.std()))})


def run(v_from, weight, seed, steps=STEPS):
    """Train one GAN, and return what there is to know of it at the end."""
    model, watch = gan(seed, v_from=v_from, encoder_weight=weight), Watch(steps)
    model.fit_images(images(20_000), 1, steps, 32, callbacks=[watch], verbose=0)
    unseen, last = images(1000, seed=1).images, watch.records[-1]
    found = EncoderInverter(model.encoder, model.sampler).invert(unseen)
    return {"kept": int(np.sum(last["share"] > KEPT)), "share": last["share"].round(3).tolist(),
            "s": last["s"].round(3).tolist(), "mass": last["mass"],
            "psnr": float(metrics.psnr(unseen, found.images).mean())}  # fmt: skip


def main():
    """Run all, and write the results after each; what a run that was stopped has done is not done again."""
    path = files.output_dir() / "05_discs.json"
    results = json.loads(path.read_text()) if path.exists() else {"steps": STEPS, "device": device.device()}
    mass = images(1000).images.sum(axis=(1, 2, 3))
    results["mass of the data"] = float(mass.mean()), float(mass.std())
    for weight, seed, v_from in itertools.product(WEIGHTS, SEEDS, V_FROM):
        key = f"{v_from}, {weight:g}, seed {seed}"
        if key not in results:
            results[key] = run(v_from, weight, seed)
            text = json.dumps(results) + "\n"
            files.write_whole(path, lambda temporary, text=text: temporary.write_text(text))
            print(key, results[key]["kept"], flush=True)
    files.write_whole(files.ASSETS / "results" / path.name, lambda temporary: temporary.write_bytes(path.read_bytes()))


if __name__ == "__main__":
    main()
