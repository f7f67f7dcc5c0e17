"""Every inverter of the course on the same images: how near, how fast, and does it know. For notebook 08.

`python -m ganinv_keras.course.bench.compare` inverts 200 drawn test faces and 200 images of each generator by each
inverter, and then the first eight of each by the clock, the fastest of four runs, for which the machine must be quiet.
It writes `assets/results/08_compare.json` after each; a run that was stopped goes on. Descent, least squares, the two
encoders of paper 3 and every pair of a start and an optimiser share one generator, that of `avatars-gan`; the encoders
of papers 4 and 5 and BiGAN's have their own.
"""

import json

import keras
import numpy as np
from scipy import stats
from sklearn.ensemble import ExtraTreesRegressor

from ganinv_keras import EncoderInverter, HybridInverter, LatentOptimizer, LevenbergMarquardt, Normal, device, files
from ganinv_keras.inversion.constraints import Clip, StochasticClip
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.measures import metrics, search
from ganinv_keras.zoo import build, pretrained

GENERATOR, N, SEEDS = "avatars-gan", 200, (0, 1, 2)
STEPS, ITERATIONS = 400, 40
STARTS = {"direct": "avatars-direct", "AEGAN": "avatars-aegan"}
OWN = {"BiGAN": "avatars-bigan", "latent scale": "avatars-dlsgan-64", "direction embedding": "avatars-direction-64"}


class LabelJudge:
    """Read the numbers that drawn faces were drawn from, such as how fat a face is, from 16×16 pixels.

    Trees answer within what they have learnt from. A linear reader is better on faces that were drawn, 0.43 standard
    deviations off in place of 0.57, and says of a blurred answer that its nose is 27 off.

    Args:
        images: an `ImageSet` with attributes that are numbers, to learn from.
    """

    def __init__(self, images):
        self.names = [name for name, values in images.attributes.items() if values.dtype.kind == "f"]
        self.deviation = self._truth(images).std(axis=0)
        trees = ExtraTreesRegressor(50, max_features=0.1, random_state=0)
        self.reader = trees.fit(search.small_pixels(images.images), self._truth(images) / self.deviation)

    def _truth(self, images):
        return np.stack([images.attributes[name] for name in self.names], axis=1)

    def errors(self, x, images):
        """Return by how many standard deviations the labels read from x miss those of `images`, `(n,)`."""
        found = self.reader.predict(search.small_pixels(x))
        return np.abs(found - self._truth(images) / self.deviation).mean(axis=1)


def inverters(steps=STEPS, iterations=ITERATIONS):
    """List what is compared: name → (model, a function of a seed that returns `invert(x)`, evaluations of G an image).

    An evaluation is one image drawn, forwards or backwards: a step of descent is two, an iteration of least squares
    d + 4, a pass of an encoder one, for the image that it answers with.

    Args:
        steps: steps of descent; a quarter of them after an encoder that has a generator of its own. Defaults to 400.
        iterations: iterations of least squares. Defaults to 40.
    """
    made = pretrained.load(GENERATOR)
    G, prior = made.generator, made.prior
    encoders = {name: pretrained.load(model).encoder for name, model in STARTS.items()}
    newton = LevenbergMarquardt(G, prior)
    gentle = keras.optimizers.Adam(prior.std / 10, 0.7, 0.9)
    found = {}
    for name, constraint in (("free", None), ("clipped", Clip(prior)), ("redrawn", StochasticClip(prior))):
        descent = LatentOptimizer(G, prior, "mse", constraint, precision="float32")
        found[f"descent, {name}"] = GENERATOR, _seeded(descent, steps=steps), 2 * steps
    found["least squares"] = GENERATOR, _seeded(newton, steps=iterations, restarts=1), iterations * (prior.dim + 4)
    descent = LatentOptimizer(G, prior, "mse", Clip(prior), precision="float32")
    for name, encoder in encoders.items():
        found[name] = GENERATOR, _unseeded(EncoderInverter(encoder, G)), 1
        both = HybridInverter(encoder, descent)
        found[f"{name}, descent"] = GENERATOR, _unseeded(both, steps=steps, optimizer=gentle), 2 * steps + 1
        both = HybridInverter(encoder, newton)
        settings = {"steps": iterations, "restarts": 1}
        found[f"{name}, least squares"] = GENERATOR, _unseeded(both, **settings), iterations * (prior.dim + 4) + 1
    for name, model in OWN.items():
        other = pretrained.load(model)
        found[name] = model, _unseeded(EncoderInverter(other.encoder, other.generator)), 1
        inside = None if isinstance(other.prior, Normal) else StochasticClip(other.prior)
        descent = LatentOptimizer(other.generator, other.prior, "mse", inside, precision="float32")
        own = {"steps": steps // 4, "optimizer": keras.optimizers.Adam(other.prior.std / 10, 0.7, 0.9)}
        both = HybridInverter(other.encoder, descent)
        found[f"{name}, descent"] = model, _unseeded(both, **own), steps // 2 + 1
    return found


def _seeded(inverter, **settings):
    return lambda seed: lambda x: inverter.invert(x, seed=seed, **settings)


def _unseeded(inverter, **settings):
    return lambda seed: None if seed else lambda x: inverter.invert(x, **settings)


def curve(inversion, begins=0.0):
    """Return seconds for an image, and the PSNR of the mean loss, at the steps of an inversion's history.

    Args:
        inversion: an `Inversion`.
        begins: seconds for an image that pass before the first step: an encoder's. Defaults to 0.
    """
    steps, loss = (np.asarray(inversion.history[key], "float64") for key in ("step", "loss"))
    share = steps / steps[-1] if steps[-1] else np.ones_like(steps)
    seconds = begins + (inversion.seconds / len(inversion.z) - begins) * share
    psnr = -10 * np.log10(np.maximum(loss.mean(axis=1), 1e-16))
    return {"seconds": seconds.round(5).tolist(), "psnr": psnr.round(3).tolist()}


def summary(inversion, x, prior, z=None, label_errors=None):
    """Return what is kept of an inversion.

    Args:
        inversion: an `Inversion`.
        x: the images that were inverted.
        prior: what the generator's z is drawn from.
        z: their latents, where they are known. Defaults to None.
        label_errors: how far labels read from the answers are off, `(n,)`. Defaults to None: there are none.

    Returns:
        A dictionary of floats: `psnr` and `ssim` with standard errors over images `psnr_sem`, `ssim_sem`, and `ks`;
        `E` and `label_error` where they are known; and `knows`, the rank correlation of each image's loss with E, or
        else with the error of its labels.
    """
    measured = {"psnr": metrics.psnr(x, inversion.images), "ssim": metrics.ssim(x, inversion.images)}
    if z is not None:
        measured["E"] = metrics.z_error(z, inversion.z)
    if label_errors is not None:
        measured["label_error"] = label_errors
    row = {}
    for key, values in measured.items():
        row |= {key: float(np.mean(values)), f"{key}_sem": float(np.std(values, ddof=1) / len(values) ** 0.5)}
    row["ks"] = metrics.ks_distance(inversion.z, prior)
    against = measured.get("E", label_errors)
    if against is not None:
        row["knows"] = float(stats.spearmanr(inversion.loss, against).statistic)
    return row


def main():
    """Invert everything by everything, then the first eight by the clock, and write the results after each."""
    path = files.ASSETS / "results" / "08_compare.json"
    results = json.loads(path.read_text()) if path.exists() else {}
    unseen = build.images_of(pretrained.RECIPES[GENERATOR], "test")[:N]
    judge = LabelJudge(build.images_of(pretrained.RECIPES[GENERATOR], "train"))
    known = {"the image itself": unseen.images, "another image": np.roll(unseen.images, 1, axis=0)}
    results.setdefault("labels", {name: float(judge.errors(x, unseen).mean()) for name, x in known.items()})
    compared = inverters(STEPS, ITERATIONS)
    wanted = [(name, str(seed)) for name in compared for seed in SEEDS] + [(name, "curve") for name in compared]
    for name, part in wanted:
        model, run, evaluations = compared[name]
        kept = results.setdefault(name, {"model": model, "evaluations": evaluations})
        invert = run(0 if part == "curve" else int(part))
        if invert is None or part in kept:
            continue
        made = pretrained.load(model)
        z = np.asarray(made.prior.sample(N, seed=100))  # no seed of a start: one would begin at the truth
        kept[part] = {"device": device.device()}
        for kind, x in {"generated": predict(made.generator, z), "test": unseen.images}.items():
            if part == "curve":
                encoder = results.get(name.split(",")[0], {}).get("curve", {}).get(kind, {"seconds": [0.0]})
                fastest = min((invert(x[:8]) for _ in range(4)), key=lambda found: found.seconds)  # the first compiles
                kept[part][kind] = curve(fastest, encoder["seconds"][-1] if "," in name else 0.0)
                continue
            inversion = invert(x)
            known = {"z": z} if kind == "generated" else {"label_errors": judge.errors(inversion.images, unseen)}
            kept[part][kind] = summary(inversion, x, made.prior, **known)
        text = json.dumps(results, indent=1) + "\n"
        files.write_whole(path, lambda temporary, text=text: temporary.write_text(text))
        print(name, part, flush=True)


if __name__ == "__main__":
    main()
