"""The experiments of Creswell & Bharath, Section 5, at a length that no page has.

`python -m ganinv_keras.course.experiments.inversion [FOLDER …]` writes `assets/results/02_inversion.json`, from which
notebook 02 prints its tables: a factorial of statistics, constraint and optimiser on the generators that ship, and on
those in folders that `python -m ganinv_keras.zoo.train NAME … --scale paper --seed N --out FOLDER` wrote; all test
images at hand; one-shot retrieval of Omniglot's characters. A run that was stopped goes on.
"""

import itertools
import json
import sys
from pathlib import Path

import keras
import numpy as np
from scipy import stats
from sklearn.metrics.pairwise import cosine_distances

from ganinv_keras import data, device, files
from ganinv_keras.inversion import LatentOptimizer, default_optimizer
from ganinv_keras.inversion.constraints import Clip, MomentPenalty
from ganinv_keras.inversion.tangents import jacobian
from ganinv_keras.measures import metrics
from ganinv_keras.networks.priors import Uniform
from ganinv_keras.zoo import pretrained

NAMES = ("mnist-uniform", "mnist-normal", "omniglot-uniform", "omniglot-normal")
STATISTICS = {"stored": "inference", "the batch's": "batch"}
OPTIMIZERS = {"RMSprop(0.01)": lambda steps: keras.optimizers.RMSprop(0.01), "ours": default_optimizer}
ARMS = ("free", "kept")


def arm(prior, name):
    """Return the options of a `LatentOptimizer`: none if free, else a clip, or a penalty for a normal prior."""
    if name == "free":
        return {}
    return {"constraint": Clip(prior)} if isinstance(prior, Uniform) else {"penalty": MomentPenalty(prior)}


def summary(errors):
    """Return the mean of errors `(n,)` and its standard error, a dictionary of floats."""
    return {"mean": float(np.mean(errors)), "se": float(np.std(errors, ddof=1) / len(errors) ** 0.5)}


def factorial(model, images, steps, seed=0):
    """Invert one batch in all eight ways.

    Args:
        model: a `Pretrained` with a generator and a prior.
        images: the batch, `(n, height, width, channels)`.
        steps: gradient steps.
        seed: seed of the starts, which all ways share. Defaults to 0.

    Returns:
        `(statistics, arm, optimizer)` → the mean absolute error of each image, `(n,)`.
    """
    errors = {}
    for statistics, kind, optimizer in itertools.product(STATISTICS, ARMS, OPTIMIZERS):
        options = arm(model.prior, kind) | {"batch_norm": STATISTICS[statistics]}
        inverter = LatentOptimizer(model.generator, model.prior, **options)
        found = inverter.invert(images, steps, OPTIMIZERS[optimizer](steps), batch_size=len(images), seed=seed)
        errors[statistics, kind, optimizer] = metrics.mae(images, found.images)
    return errors


def effects(errors):
    """Return, of a factorial's errors, all means, and the paired differences of each factor at all else equal.

    Returns:
        A dictionary with `means`, a list of rows, and `differences`, a list of rows that name what is subtracted.
    """
    levels = [list(dict.fromkeys(key[place] for key in errors)) for place in range(3)]
    means = [{"way": list(key), **summary(values)} for key, values in errors.items()]
    differences = []
    for place, (low, high) in enumerate(levels):
        for key in errors:
            if key[place] == high:
                other = (*key[:place], low, *key[place + 1 :])
                rest = [*key[:place], *key[place + 1 :]]
                differences.append({"of": f"{high} - {low}", "at": rest, **summary(errors[key] - errors[other])})
    return {"means": means, "differences": differences}


def runs(image_set, ways, count, draw):
    """Draw runs of one-shot classification: in each, `ways` characters of one alphabet by two hands.

    Args:
        image_set: characters, with the attributes `alphabet` and `drawer`.
        ways: characters of a run, or as many as its alphabet has.
        count: how many runs.
        draw: a NumPy generator.

    Returns:
        A list of pairs of index arrays, of the drawings known and of those asked for.
    """
    alphabets, drawers = image_set.attributes["alphabet"], image_set.attributes["drawer"]
    chosen = []
    for _ in range(count):
        letters = np.unique(image_set.labels[alphabets == draw.choice(np.unique(alphabets))])
        letters, hands = draw.permutation(letters)[:ways], draw.permutation(np.unique(drawers))[:2]
        chosen.append(tuple(np.array([np.flatnonzero((image_set.labels == letter) & (drawers == hand))[0]
                                      for letter in letters]) for hand in hands))  # fmt: skip
    return chosen


def retrieved(known, asked, weights=None):
    """Return the share of questions whose nearest known latent is their own.

    Args:
        known: latents of the known drawings, `(n, d)`, in the order of `asked`.
        asked: latents of those asked for, `(n, d)`.
        weights: for each known latent a matrix M of the distance `(z - ẑ)ᵀ M (z - ẑ)`, such as JᵀJ, `(n, d, d)`.
            Defaults to None, the cosine.

    Returns:
        A float.
    """
    if weights is None:
        distances = cosine_distances(asked, known)
    else:
        apart = asked[:, None] - known[None]
        distances = np.einsum("akd,kde,ake->ak", apart, weights, apart)
    return float(np.mean(distances.argmin(1) == np.arange(len(known))))


def metric(generator, z, batch_size=20):
    """Return JᵀJ of a generator at latents `(n, d)`, as `(n, d, d)`: how far each step from z moves the image."""
    products = []
    for first in range(0, len(z), batch_size):
        J = np.asarray(jacobian(generator, z[first : first + batch_size]))
        products.append(np.einsum("ndm,nem->nde", J, J))
    return np.concatenate(products)


def one_shot(model, image_set, chosen, steps, seed=0):
    """Answer runs of one-shot classification by latents and by pixels.

    Returns:
        For each way to compare, the share of right answers of each run.
    """
    index = np.concatenate([np.concatenate(pair) for pair in chosen])
    images = image_set.images[index]
    inverter, middle = LatentOptimizer(model.generator, model.prior), np.zeros((len(index), model.prior.dim), "float32")
    latents = {
        "random starts": inverter.invert(images, steps, seed=seed).z,
        "one common start": inverter.invert(images, steps, initial_z=middle).z,
    }
    pixels, answers, first = images.reshape(len(index), -1), {}, 0
    for known, _ in chosen:
        a, b = slice(first, first + len(known)), slice(first + len(known), first + 2 * len(known))
        for name, z in latents.items():
            answers.setdefault(f"latents, {name}: cosine", []).append(retrieved(z[a], z[b]))
            weights = metric(model.generator, z[a])
            answers.setdefault(f"latents, {name}: JᵀJ", []).append(retrieved(z[a], z[b], weights))
        answers.setdefault("pixels: cosine", []).append(retrieved(pixels[a], pixels[b]))
        answers.setdefault("guessing", []).append(1 / len(known))
        first += 2 * len(known)
    return answers


def hardness(images, errors):
    """Return rank correlations of the errors of images, as they are and for each unit of ink, with two guesses.

    Args:
        images: `(n, height, width, 1)`, bright ink on black.
        errors: their mean absolute errors, `(n,)`.

    Returns:
        `"amount of ink"` and `"ink near the border"` → two correlations.
    """
    images = images[..., 0]
    row, column = np.indices(images.shape[1:])
    height, width = images.shape[1:]
    to_border = np.minimum.reduce([row, column, height - 1 - row, width - 1 - column])
    ink = images.mean((1, 2))
    near = -(images * to_border).mean((1, 2)) / ink
    return {name: [float(stats.spearmanr(error, guess).statistic) for error in (errors, errors / ink)]
            for name, guess in (("amount of ink", ink), ("ink near the border", near))}  # fmt: skip


def all_images(model, image_set, kind, steps):
    """Invert every image of a set, stored statistics, the course's optimiser, and report the errors."""
    inverter = LatentOptimizer(model.generator, model.prior, **arm(model.prior, kind))
    found = inverter.invert(image_set.images, steps)
    errors = metrics.mae(image_set.images, found.images)
    report = metrics.reconstruction_report(image_set.images, found.images) | {"se": summary(errors)["se"]}
    if "alphabet" not in image_set.attributes:
        return report
    alphabet = image_set.attributes["alphabet"]
    medians = {image_set.label_names[a]: float(np.median(errors[alphabet == a])) for a in np.unique(alphabet)}
    return report | {"alphabets": medians, "hardness": hardness(image_set.images, errors)}


def main(folders, images=64, steps=250, all_steps=100, count=20):
    """Run the experiments and write their results; what a run that was stopped has done is not done again."""
    path = files.output_dir() / "02_inversion.json"
    results = json.loads(path.read_text("utf-8")) if path.exists() else {}

    def keep(name, work, *arguments):
        if name not in results:
            results[name] = work(*arguments)
            text = json.dumps(results, indent=1, ensure_ascii=False) + "\n"
            files.write_whole(path, lambda temporary: temporary.write_text(text, "utf-8"))
            print(name, flush=True)

    keep(
        "settings", dict, [("images", images), ("steps", steps), ("all_steps", all_steps), ("device", device.device())]
    )
    draw = np.random.default_rng(0)
    sets = {name: data.load_images(name, "test") for name in ("mnist", "omniglot")}
    batch = {name: tested.images[draw.permutation(len(tested))[:images]] for name, tested in sets.items()}
    for folder, name in itertools.product([None, *folders], NAMES):
        if folder is None or (Path(folder) / f"{name}.npz").exists():
            model = pretrained.load(name, folder)
            made = "shipped" if folder is None else f"as printed, seed {model.settings['seed']}"
            ways = factorial, model, batch[name.split("-")[0]], steps
            keep(f"factorial, {name}, {made}", lambda work, *given: effects(work(*given)), *ways)
    for name, kind in itertools.product(NAMES, ARMS):
        keep(f"all, {name}, {kind}", all_images, pretrained.load(name), sets[name.split("-")[0]], kind, all_steps)
    asked = runs(sets["omniglot"], 20, count, np.random.default_rng(1))
    keep("one-shot", one_shot, pretrained.load("omniglot-normal"), sets["omniglot"], asked, all_steps)
    files.write_whole(files.ASSETS / "results" / "02_inversion.json",
                      lambda temporary: temporary.write_bytes(path.read_bytes()))  # fmt: skip


if __name__ == "__main__":
    main(sys.argv[1:])
