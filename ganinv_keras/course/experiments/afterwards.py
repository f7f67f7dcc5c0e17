"""Is a discriminator that learnt to read worth more than an encoder that is trained afterwards? For notebook 06.

`python -m ganinv_keras.course.experiments.afterwards` trains encoders for the frozen generator of `mnist-gentle`, by
both losses of paper 3 and with three seeds, and writes `assets/results/06_afterwards.json`: about an hour on one core.
They are the networks that its discriminator is, with its optimiser and its schedule, and see as many generated images.
A run that was stopped goes on.
"""

import itertools
import json

from ganinv_keras import device, files
from ganinv_keras.measures.quality import Judge
from ganinv_keras.zoo import build, pretrained

NAME, METHODS, SEEDS = "mnist-gentle", ("AEGAN", "LatentRegressor"), (0, 1, 2)


def learn(method, seed, checkpoint=None, **changes):
    """Train an encoder for the frozen generator, and return it.

    Args:
        method: `"AEGAN"` or `"LatentRegressor"`.
        seed: seed of its weights and of the latents.
        checkpoint: path of a `.weights.h5` file, from which a training that was stopped goes on. Defaults to None.
        **changes: settings that differ from the GAN's recipe.
    """
    model = pretrained.load(NAME)
    settings = model.settings | changes | {"method": method, "seed": seed}
    training = build.trainer(settings, (model.generator, model.prior))
    length = {key: settings[key] for key in ("epochs", "steps_per_epoch", "batch_size")}
    training.fit_generated(**length, checkpoint=checkpoint, verbose=0)
    return training.encoder


def main():
    """Judge the discriminator's encoder and all that are trained after it, and write the results after each."""
    path = files.ASSETS / "results" / "06_afterwards.json"
    results = json.loads(path.read_text()) if path.exists() else {"device": device.device(), "model": NAME}
    model = pretrained.load(NAME)
    judge = Judge(*(build.images_of(model.settings, split) for split in ("train", "test")))
    for method, seed in [("discriminator", None), *itertools.product(METHODS, SEEDS)]:
        key = method if seed is None else f"{method}, seed {seed}"
        if key not in results:
            encoder = model.encoder if seed is None else learn(method, seed, files.output_dir() / f"{key}.weights.h5")
            results[key] = judge(model.generator, model.prior, encoder)
            text = json.dumps(results, indent=1) + "\n"
            files.write_whole(path, lambda temporary, text=text: temporary.write_text(text))
            print(key, flush=True)


if __name__ == "__main__":
    main()
