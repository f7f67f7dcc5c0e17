"""The experiment of Egan et al., Section 4.2: plant latents, recover them in every way, compare the errors.

`python -m ganinv_keras.course.experiments.recovery` runs it whole and writes `assets/results/03_recovery.json`, from
which notebook 03 prints its tables: 5,000 steps of 18 criteria for each of 100 latents, of the one that only the
paper's text has, of Lipton & Tripathi's arms, and of the strictest criteria on digits; and the paper's 20,000 steps of
the strictest on food. A run that was stopped goes on. `--latents 40` takes the first 40 only. Names of comparisons run
these alone, and keep the others as the file has them.
"""

import argparse
import hashlib
import json

import keras
import numpy as np

from ganinv_keras import device, files
from ganinv_keras.checks import check_name
from ganinv_keras.inversion import Inversion, LatentOptimizer
from ganinv_keras.inversion.constraints import (
    Clip,
    HardCutoff,
    LogisticCutoff,
    SideBySide,
    StochasticClip,
    TruncatedNormalCutoff,
)
from ganinv_keras.measures import metrics
from ganinv_keras.networks.priors import Uniform
from ganinv_keras.zoo import pretrained

CRITERIA = (
    {"disabled": None}
    | {f"hard({c:g})": HardCutoff(c) for c in (2.5, 3, 3.5)}
    | {f"trunc_norm({a:g})": TruncatedNormalCutoff(a) for a in (2.5, 2.75, 3, 3.25, 3.75)}
    | {f"logistic({a}, {b:g})": LogisticCutoff(a, b) for b in (2, 2.5, 3) for a in (2, 3, 4)}
)  # Table 1's; the text of the paper has trunc_norm(3.5) for the table's trunc_norm(3.75)
IN_THE_TEXT = {"disabled": None, "trunc_norm(3.5)": TruncatedNormalCutoff(3.5)}
# As printed: percentages of latents with E below 1e-4 … 1e0, wins, significant wins; and the average of E.
PRINTED = {
    "disabled": (0, 0, 6, 41, 59, None, None, 0.864),
    "hard(2.5)": (2, 10, 27, 70, 80, 76, 80.00, 0.362),
    "hard(3)": (3, 14, 30, 62, 67, 80, 80.33, 0.577),
    "hard(3.5)": (0, 2, 10, 58, 66, 68, 76.67, 0.671),
    "trunc_norm(2.5)": (2, 9, 38, 79, 93, 82, 86.75, 0.182),
    "trunc_norm(2.75)": (2, 10, 29, 66, 80, 88, 96.67, 0.408),
    "trunc_norm(3)": (4, 9, 19, 63, 74, 85, 93.62, 0.516),
    "trunc_norm(3.25)": (2, 7, 23, 62, 73, 81, 85.71, 0.514),
    "trunc_norm(3.75)": (1, 3, 8, 52, 67, 64, 77.50, 0.670),
    "logistic(2, 2)": (9, 19, 47, 91, 91, 93, 93.90, 0.162),
    "logistic(3, 2)": (6, 16, 48, 85, 89, 90, 91.25, 0.202),
    "logistic(4, 2)": (4, 16, 45, 82, 93, 90, 93.42, 0.183),
    "logistic(2, 2.5)": (4, 15, 41, 74, 86, 89, 92.11, 0.303),
    "logistic(3, 2.5)": (4, 13, 39, 79, 86, 91, 93.42, 0.280),
    "logistic(4, 2.5)": (2, 9, 39, 77, 83, 89, 94.67, 0.328),
    "logistic(2, 3)": (2, 5, 20, 64, 74, 85, 94.83, 0.528),
    "logistic(3, 3)": (2, 7, 23, 62, 75, 80, 92.16, 0.546),
    "logistic(4, 3)": (1, 6, 15, 55, 69, 77, 87.50, 0.644),
}
STRICTEST = {name: CRITERIA[name] for name in ("disabled", "hard(2.5)", "trunc_norm(2.5)", "logistic(2, 2)")}
LIPTON = {"disabled": None, "clip": Clip(Uniform(100)), "stochastic clip": StochasticClip(Uniform(100))}


def optimizer():
    """Return the optimiser of Egan et al.: Adam, learning rate 0.01, β₁ = 0.5."""
    return keras.optimizers.Adam(0.01, beta_1=0.5)


def with_own_statistics(generator, epsilon=1e-5):
    """Copy a generator so that batch normalisation takes each image's mean and variance from that image alone.

    This is what it does in training mode with a batch of one, as in the code of Egan et al.; here the images can
    share a batch, each still on its own. Such a generator hardly sees the length of z: `G(c·z) = G(z)` but for ε.

    Args:
        generator: a Keras model whose layers have one input each.
        epsilon: ε in `(h - μ) / sqrt(σ² + ε)`. Defaults to 1e-5, that of the authors' layers.

    Returns:
        A new model with copies of the weights.
    """

    def clone(layer):
        if isinstance(layer, keras.layers.BatchNormalization):
            return keras.layers.GroupNormalization(groups=-1, epsilon=epsilon, name=layer.name)
        return type(layer).from_config(layer.get_config())

    copy = keras.models.clone_model(
        generator, clone_function=clone, call_function=lambda layer, *inputs, **_: layer(*inputs)
    )
    for layer, original in zip(copy.layers, generator.layers, strict=True):
        layer.set_weights(original.get_weights()[: len(layer.weights)])  # γ and β, not the moving statistics
    return copy


def plant(model, n, seed=0):
    """Return `(z, x, starts)`: n latents of a `Pretrained`'s prior, their images, and n latents to start from."""
    z, starts = (np.asarray(model.prior.sample(n, s)) for s in (2 * seed, 2 * seed + 1))
    return z, np.asarray(model.generator(z, training=False)), starts


def compare(model, arms, x, starts, steps, batch_size=10, seed=0, folder=None):
    """Recover the same latents from the same starts by several constraints, all in one batch.

    The error reported is that of the z with the lowest image error that was met, not of the last.

    Args:
        model: a `Pretrained`.
        arms: name → constraint.
        x: the images of the planted latents.
        starts: where each arm starts, `(n, d)`.
        steps: gradient steps.
        batch_size: latents computed at a time, each with all arms: it bounds the memory. Defaults to 10.
        seed: seed of what is redrawn. Defaults to 0.
        folder: where to keep what is done, so that a run that was stopped goes on, also with more latents.
            Defaults to None.

    Returns:
        name → recovered latents, `(n, d)`.
    """
    inverter = LatentOptimizer(
        model.generator, model.prior, "mse", SideBySide(tuple(arms.values())), precision="float32"
    )
    parts = []
    for first in range(0, len(x), batch_size):
        part = slice(first, first + batch_size)
        run = repr((arms, steps, seed + first)).encode() + x[part].tobytes() + starts[part].tobytes()
        path = folder and folder / f"recovery-{hashlib.sha256(run).hexdigest()[:16]}.npz"
        if path and path.exists():
            inversion = Inversion.load(path)
        else:
            rows = np.concatenate([x[part]] * len(arms)), np.concatenate([starts[part]] * len(arms))
            inversion = inverter.invert(
                rows[0], steps, optimizer(), rows[1], batch_size=len(rows[0]), seed=seed + first
            )
            if path:
                inversion.save(path)
        parts.append(inversion.z.reshape(len(arms), -1, starts.shape[1]))
    return dict(zip(arms, np.concatenate(parts, axis=1), strict=True))


def summary(z, z_hat, prior):
    """Return Table 1, with two more columns for each arm.

    `ks` is the Kolmogorov–Smirnov distance of the recovered latents to the prior, `far` the share of their elements
    beyond 2.5, in percent.
    """
    table = metrics.recovery_table({name: metrics.z_error(z, found) for name, found in z_hat.items()})
    for name, row in table.items():
        row["ks"] = metrics.ks_distance(z_hat[name], prior)
        row["far"] = 100 * float(np.mean(np.abs(z_hat[name]) > 2.5))
    return table


COMPARISONS = {
    "food-softlabels": (CRITERIA, 5000),
    "food-softlabels, the text's": (IN_THE_TEXT, 5000),
    "food-softlabels, the paper's steps": (STRICTEST, 20_000),
    "food-uniform": (LIPTON, 5000),
    "mnist-normal": (STRICTEST, 5000),
}  # name → constraints, gradient steps


def main(n, steps=None, names=tuple(COMPARISONS)):
    """Run comparisons on the first n of 100 latents, and write their results beside those that the file has."""
    path = files.ASSETS / "results" / "03_recovery.json"
    for name in names:
        arms, own_steps = COMPARISONS[check_name(name, COMPARISONS, "comparison")]
        about = {"steps": steps or own_steps, "n": n, "device": device.device()}
        model = pretrained.load(name.split(",")[0])
        z, x, starts = (array[:n] for array in plant(model, 100))
        z_hat = compare(model, arms, x, starts, about["steps"], folder=files.output_dir())
        results = json.loads(path.read_text("utf-8")) if path.exists() else {}
        results[name] = about | {"arms": summary(z, z_hat, model.prior)}
        text = json.dumps(results, indent=1) + "\n"
        files.write_whole(path, lambda temporary, text=text: temporary.write_text(text, "utf-8"))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.course.experiments.recovery")
    parser.add_argument("names", nargs="*", default=list(COMPARISONS), help="which comparisons (default: all)")
    parser.add_argument("--latents", type=int, default=100, help="how many latents, at most 100 (default: 100)")
    parser.add_argument("--steps", type=int, help="gradient steps (default: those of each comparison)")
    given = parser.parse_args()
    main(given.latents, given.steps, given.names)
