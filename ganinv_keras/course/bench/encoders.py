"""Encoders of one frozen generator under equal conditions. For notebook 04.

`python -m ganinv_keras.course.bench.encoders` trains them for the generators of drawn faces and of photographs, and
writes `assets/results/04_encoders.json` after each; a run that was stopped goes on. All are trained as
`avatars-from-edges` is, but for what a study is about:

- the loss: that of z, that of the image, their sum; and a network of paper 4 in place of paper 3's;
- how much of the latent is folded, so that several z make one image;
- the damage through which the encoder must see, from which it learns to translate;
- how many pairs of real images it is shown beside generated ones, or alone.
"""

import itertools
import json

import keras
import numpy as np
import tensorflow as tf

from ganinv_keras import device, files
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.measures import metrics
from ganinv_keras.training.encoders import AEGAN
from ganinv_keras.zoo import build, pretrained
from ganinv_keras.zoo.damage import DAMAGES, LEVELS, VIEWS

MODELS, SEEDS, METHODS = ("avatars-gan", "celeba-gan"), (0, 1, 2), ("LatentRegressor", "AEGAN", "SummedErrors")
STEPS, SHORT = 1200, 500
FOLDS = (0, 25, 50, 100)  # how many of the hundred elements
PAIRS = (0, 10, 100, 1000)
OTHER_NETWORK = ["style_encoder", {"latent_dim": 100, "image_size": 64, "width": 16, "max_channels": 128}]


def studies():
    """List what is trained: `(name, settings)`, the settings as `learn` takes them."""
    found = []
    for seed in SEEDS:
        for model, methods in zip(MODELS, (METHODS, METHODS[:2]), strict=True):
            for method in methods:
                found.append((f"loss, {model}, {method}", {"model": model, "method": method, "seed": seed}))
        found.append((f"network, {MODELS[0]}", {"model": MODELS[0], "encoder": OTHER_NETWORK, "seed": seed}))
        for fold, method in itertools.product(FOLDS, METHODS[:2]):
            found.append((f"fold, {fold}, {method}", {"model": MODELS[0], "method": method, "steps": SHORT,
                                                      "fold": fold, "seed": seed}))  # fmt: skip
    for model, damages in zip(MODELS, (DAMAGES, ("edges", "coarse")), strict=True):
        found += [(f"damage, {model}, {damage}", {"model": model, "damage": damage}) for damage in damages]
    taught = {"model": MODELS[1], "damage": "edges", "steps": SHORT}
    found += [(f"pairs, {pairs}", taught | {"pairs": pairs}) for pairs in PAIRS]
    found += [(f"pairs alone, {pairs}", taught | {"pairs": pairs, "real": 1.0}) for pairs in PAIRS[2:]]
    return found


def folded(generator, k):
    """Fold the first k elements of z before a generator whose prior is uniform: `z_i → 2|z_i| - 1` has its prior, too.

    Args:
        generator: a Keras model from z in [-1, 1].
        k: how many elements.
    """
    z = keras.Input(generator.input_shape[1:])
    return keras.Model(z, generator(keras.ops.concatenate([2 * keras.ops.abs(z[:, :k]) - 1, z[:, k:]], axis=1)))


class WithPairs(AEGAN):
    """Train an encoder on generated images and on real ones, all of which the damage changes.

    Attributes:
        images: the real images, a tensor `(n, height, width, channels)`, or None.
        real: the share of a batch that they are.
    """

    images, real = None, 0.5

    def draw(self, n):
        """Return latents and images; no loss of this class looks at the latents."""
        z, x = super().draw(n)
        if self.images is None:
            return z, x
        count = round(n * self.real)
        rows = keras.random.randint((count,), 0, len(self.images), seed=self.seed_generator)
        return z, tf.concat([x[: n - count], tf.gather(self.images, rows)], axis=0)


def learn(model, method="AEGAN", steps=STEPS, seed=0, fold=0, damage=None, pairs=None, real=0.5, encoder=None,
          start=None, checkpoint=None):  # fmt: skip
    """Train an encoder for a frozen generator, and return it.

    Args:
        model: name of a model that ships, whose prior is uniform.
        method: `"LatentRegressor"`, `"AEGAN"` or `"SummedErrors"`. Defaults to `"AEGAN"`.
        steps: training steps, of 32 images each. Defaults to 1,200.
        seed: seed of its weights and of the latents. Defaults to 0.
        fold: how many elements of z are folded. Defaults to 0.
        damage: one of `DAMAGES`, or None.
        pairs: how many pairs of real training images it is shown, at the paper's learning rate; with 0 it only goes
            on. Defaults to None.
        real: the share of a batch that they are. Defaults to one half.
        encoder: its network, as of a recipe. Defaults to paper 3's.
        start: weights to start from. Defaults to None: new ones.
        checkpoint: path of a `.weights.h5` file, from which a training that was stopped goes on. Defaults to None.
    """
    made = pretrained.load(model)
    recipe = dict(pretrained.RECIPES["avatars-from-edges"], method=method, seed=seed, epochs=1, steps_per_epoch=steps)
    del recipe["damage"]
    settings = recipe | {"encoder": encoder or recipe["encoder"]} | ({"damage": damage} if damage else {})
    training = build.trainer(settings, (folded(made.generator, fold), made.prior))
    if pairs is not None:
        taught = WithPairs(made.generator, training.encoder, made.prior, training.damage, seed)
        if pairs:
            taught.images, taught.real = tf.constant(build.images_of(made.settings, "train")[:pairs].images), real
        rate = pretrained.RECIPES["avatars-aegan"]["learning_rate"]
        taught.compile(keras.optimizers.Adam(rate, recipe["beta_1"]), jit_compile=False)
        training = taught
    if start is not None:
        training.encoder.set_weights(start)
    training.fit_generated(1, steps, recipe["batch_size"], checkpoint=checkpoint, verbose=0)
    return training.encoder


def measured(model, encoder, fold=0, damage=None, n=1000):
    """Measure what one pass of an encoder brings back, of generated images and of test images.

    Args:
        model: name of the model whose generator it inverts.
        encoder: the encoder.
        fold: how many elements of z are folded. Defaults to 0.
        damage: what the images go through before it sees them, one of `VIEWS`, or None.
        n: images of each kind, at most. Defaults to 1,000; a training with seed 1 meets the first 32 that are
            generated, once.

    Returns:
        A dictionary of floats: means of `psnr`, `ssim` and `dhash`, such as `psnr_test`, with standard errors
        `psnr_test_sem`; the same of another image's answer, `psnr_test_shuffled`; of the damaged image itself,
        `psnr_test_seen`; and `z_error`, the mean squared error of z.
    """
    made = pretrained.load(model)
    generator, z = folded(made.generator, fold), np.asarray(made.prior.sample(n, seed=1))
    kinds = {"generated": predict(generator, z), "test": build.images_of(made.settings, "test")[:n].images}
    row = {}
    for kind, x in kinds.items():
        seen = x if damage is None else damaged(x, damage)
        z_hat = predict(encoder, seen)
        x_hat = predict(generator, z_hat)
        answers = {"": x_hat, "_shuffled": np.roll(x_hat, 1, axis=0)} | ({} if damage is None else {"_seen": seen})
        for (suffix, answer), measure in itertools.product(answers.items(), (metrics.psnr, metrics.ssim,
                                                                             metrics.dhash_similarity)):  # fmt: skip
            values, key = measure(x, answer), f"{measure.__name__.split('_')[0]}_{kind}{suffix}"
            row |= {key: float(values.mean()), f"{key}_sem": float(values.std(ddof=1) / len(values) ** 0.5)}
        if kind == "generated":
            row["z_error"] = float(metrics.z_error(z, z_hat).mean())
    return row


def damaged(x, damage, seed=99):
    """Return images as a damage leaves them, always the same way, 100 at a time."""
    layer = VIEWS[damage](seed=seed)
    parts = [np.asarray(layer(x[i : i + 100], training=True)) for i in range(0, len(x), 100)]
    return np.clip(np.concatenate(parts), 0, 1)  # a blur of ones is a rounding more than 1


def _judged(encoder, settings, plain):
    """Measure an encoder as it was trained; one that sees through a damage beside one that never met any."""
    model, damage = settings["model"], settings.get("damage")
    if damage is None:
        return measured(model, encoder, settings.get("fold", 0))
    return {view: {"trained": measured(model, encoder, damage=view), "plain": measured(model, plain, damage=view)}
            for view in (LEVELS if damage == "coarse" else [damage])}  # fmt: skip


def main():
    """Run all studies, and write the results after each."""
    path, folder = files.ASSETS / "results" / "04_encoders.json", files.make_folder(files.output_dir() / "encoders")

    def kept(name):
        encoder = build.network(pretrained.RECIPES["avatars-from-edges"]["encoder"])
        encoder.load_weights(folder / f"{name}, seed 0.weights.h5")
        return encoder

    results = json.loads(path.read_text()) if path.exists() else {}
    for name, settings in studies():
        seed = str(settings.get("seed", 0))
        if seed in results.setdefault(name, {}):
            continue
        model, damage = settings["model"], settings.get("damage")
        start = None
        if "pairs" in settings and "real" not in settings:
            start = kept(f"damage, {model}, {damage}").get_weights()
        encoder = learn(**settings, start=start, checkpoint=folder / "training.weights.h5")
        files.write_whole(folder / f"{name}, seed {seed}.weights.h5", encoder.save_weights)
        (folder / "training.weights.h5").unlink()
        plain = kept(f"loss, {model}, AEGAN") if damage else None
        results[name][seed] = {"device": device.device(), **_judged(encoder, settings, plain)}
        text = json.dumps(results, indent=1) + "\n"
        files.write_whole(path, lambda temporary, text=text: temporary.write_text(text))
        print(name, seed, flush=True)


if __name__ == "__main__":
    main()
