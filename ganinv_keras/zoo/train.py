"""Train what a recipe describes.

    python -m ganinv_keras.zoo.train mnist-uniform                    how what ships was made, on two CPU cores
    python -m ganinv_keras.zoo.train celeba-dlsgan --scale paper      as the paper says: for a GPU
    python -m ganinv_keras.zoo.train celeba-dlsgan --scale paper --dry-run    what that costs
    python -m ganinv_keras.zoo.train --list                           all names

The weights go to OUT/NAME.npz, and beside them into OUT/NAME/ a checkpoint every five minutes, from which a run that
was stopped goes on, the losses, samples of the same latents, and the encoder's curves where there is one.
"""

import argparse
import sys
from importlib.util import find_spec
from pathlib import Path

import keras

from ganinv_keras import files
from ganinv_keras.checks import check_positive_integer
from ganinv_keras.labels import draw, with_label
from ganinv_keras.store import WEIGHTS
from ganinv_keras.training import callbacks as watch
from ganinv_keras.training import curves
from ganinv_keras.training.gan import refresh_batch_norm
from ganinv_keras.training.growing import grow
from ganinv_keras.zoo import build, cost, pretrained
from ganinv_keras.zoo.recipes import PAPER, RECIPES, find


def train_recipe(name, checkpoint=None, verbose="auto", folder=None, callbacks=(), scale="laptop", **changes):
    """Train what a recipe describes: a GAN of whatever kind from real images, or an encoder for a trained one.

    Args:
        name: one of `recipes.RECIPES`.
        checkpoint: path of a `.weights.h5` file: a training that was stopped goes on from it. Defaults to None.
        verbose: how much `keras.Model.fit` prints. Defaults to `"auto"`.
        folder: where the generator lies that an encoder is trained for. Defaults to `pretrained.folder_of(scale)`.
        callbacks: Keras callbacks. Defaults to none.
        scale: `"laptop"` or `"paper"`, see `recipes.find`. Defaults to `"laptop"`.
        **changes: settings that differ from the recipe, such as `data="alphabets"` or `epochs=5`.

    Returns:
        `(model, history, settings)`: the trained `GAN` or one of its kinds, `AEGAN` or
        `LatentRegressor`, the Keras history of its losses, and the settings used.

    Raises:
        ValueError: if the name is unknown, no paper describes the model, the checkpoint is of another training, or the
            training fails.
        FileNotFoundError: if the images, or the generator that an encoder is for, are not on this machine.
    """
    settings = find(name, scale) | changes
    length = {key: settings[key] for key in ("epochs", "steps_per_epoch", "batch_size")}
    running = length | {"checkpoint": checkpoint, "verbose": verbose, "callbacks": callbacks}
    if "of" in settings:
        generator, _, prior, _ = pretrained.load(settings["of"], folder, scale)
        model = build.trainer(settings, (generator, prior))
        return model, model.fit_generated(**running).history, settings
    images = build.training_images(settings)
    model = build.trainer(settings)
    if "grown_from" in settings and not (checkpoint and Path(checkpoint).exists()):
        grow(model, _coarse(settings["grown_from"] | {"seed": settings["seed"]}, checkpoint, verbose))
    history = model.fit_images(images, **running)
    refresh_batch_norm(model.sampler, model.prior)
    return model, history.history, settings


def _coarse(settings, checkpoint, verbose):
    """Return the GAN of smaller images that another grows out of, trained; its checkpoint lies beside the other's."""
    path = checkpoint and Path(checkpoint).with_name("coarse.weights.h5")
    length = {key: settings[key] for key in ("epochs", "steps_per_epoch", "batch_size")}
    model = build.trainer(settings)
    model.fit_images(build.training_images(settings), **length, checkpoint=path, verbose=verbose)
    return model


def run(name, scale="laptop", seed=None, out=None, tensorboard=False, **changes):
    """Train a recipe with everything that a long run needs, and keep its weights.

    Args:
        name: one of `recipes.RECIPES`.
        scale: `"laptop"` or `"paper"`. Defaults to `"laptop"`.
        seed: seed of the weights, the latents and the order of the images. Defaults to the recipe's.
        out: folder for the weights, and for a folder of the run's own. Defaults to `outputs/weights/<scale>`.
        tensorboard: whether to write logs for TensorBoard too. Defaults to False.
        **changes: settings that differ from the recipe.

    Returns:
        The path of the weights.

    Raises:
        ModuleNotFoundError: if `tensorboard` is asked for and is not installed.
        PermissionError: if the folder cannot be written to.
        ValueError, FileNotFoundError: as `train_recipe`.
    """
    if seed is not None:
        changes["seed"] = check_positive_integer(seed, "seed", least=0)
    settings = find(name, scale) | changes
    if tensorboard and find_spec("tensorboard") is None:
        raise ModuleNotFoundError("Logs for TensorBoard need the package tensorboard: pip install tensorboard")
    out = Path(out or files.output_dir() / "weights" / scale)
    own = out / name
    try:
        own.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PermissionError(f"Cannot write to {out} ({error.strerror}): choose another --out.") from error
    callbacks = [watch.ProgressBar(settings["epochs"] * settings["steps_per_epoch"]),
                 watch.LossCurves(own / "losses.json")]  # fmt: skip
    if "of" not in settings:
        drawn = draw(build.network(settings["generator"]), build.prior(settings["prior"]), 40, seed=1)
        callbacks.append(watch.SampleGrid(with_label(*drawn), folder=own / "samples"))
        if "style_generator" in settings["generator"] and scale != "smoke":
            images = (build.images_of(settings, split, stream=True) for split in ("train", "test"))
            path = curves.path_of(name) if out.resolve() == WEIGHTS else own / "curves.json"
            callbacks.append(curves.EncoderCurves(*images, path))
    if tensorboard:
        callbacks.append(keras.callbacks.TensorBoard(own / "tensorboard", write_graph=False))
    model, _, settings = train_recipe(name, own / "checkpoint.weights.h5", 0, out, callbacks, scale, **changes)
    pretrained.save(name, model, settings, out)
    return out / f"{name}.npz"


def load_or_train(name, scale="laptop", train=False):
    """Load a model of a page's scale, see `pretrained.load`; with `train`, train it first, by `run`.

    Args:
        name: one of `recipes.RECIPES`.
        scale: `"smoke"`, `"laptop"` or `"paper"`. Defaults to `"laptop"`.
        train: whether to train it into `outputs/weights/<scale>`, and to load it from there. Defaults to False.

    Returns:
        A `pretrained.Pretrained`.
    """
    return pretrained.load(name, run(name, scale).parent if train else None, scale)


def _steps(recipe):
    """Return the training steps of a recipe, those of the smaller GAN that it grows out of included."""
    before = _steps(recipe["grown_from"]) if "grown_from" in recipe else 0
    return before + recipe["epochs"] * recipe["steps_per_epoch"]


def listing():
    """Return a line for each recipe: its name, what it is trained on, and the steps at both scales."""
    lines = [f"{'name':22}{'images':16}{'laptop':>14}{'paper':>16}"]
    for name, recipe in RECIPES.items():
        steps = [f"{_steps(r):,} steps" if r else "–" for r in (recipe, PAPER.get(name))]
        source = recipe.get("data") or f"of {recipe['of']}"
        lines.append(f"{name:22}{source:16}{steps[0]:>14}{steps[1]:>16}")
    return "\n".join(lines)


def estimate(name, scale, rate):
    """Return in words what a training costs, networks included."""
    counted, lines, recipe = cost.count(name, scale), [], find(name, scale)
    before = _steps(recipe) - counted.steps
    for network in counted.networks.values():
        network.summary(print_fn=lines.append)
    weights = ", ".join(f"{part} {network.count_params():,}" for part, network in counted.networks.items())
    return "\n".join([
        *lines, f"{name} at {scale} scale", f"weights: {weights}",
        f"memory: about {counted.memory / 2**30:.1f} GiB, for variables and the tensors of a step",
        f"a step: {recipe['batch_size']} images, {counted.flops / 1e9:,.1f} GFLOP",
        f"steps: {counted.steps:,}" + (f", after {before:,} of a smaller GAN" if before else ""),
        f"hours: {counted.hours(rate):,.2f} at {rate / 1e12:g} TFLOP/s, which you state by --rate",
    ])  # fmt: skip


def main(arguments=None):
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.zoo.train", description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="models, see --list; without one, all that are listed")
    parser.add_argument("--scale", choices=("laptop", "paper"), default="laptop", help="default: laptop")
    parser.add_argument("--seed", type=int, help="default: the recipe's, 0")
    parser.add_argument("--out", help="folder for weights and run; default: outputs/weights/SCALE")
    parser.add_argument("--dry-run", action="store_true", help="print what it costs, and train nothing")
    parser.add_argument("--rate", type=float, default=cost.RATE, help="FLOP/s for the hours of --dry-run")
    parser.add_argument("--tensorboard", action="store_true", help="write logs for TensorBoard too")
    parser.add_argument("--list", action="store_true", help="list the names")
    chosen = parser.parse_args(arguments)
    if chosen.list:
        print(listing())
        return
    try:
        for name in chosen.names or (RECIPES if chosen.scale == "laptop" else PAPER):
            if chosen.dry_run:
                print(estimate(name, chosen.scale, chosen.rate))
            else:
                print(f"{name}: {run(name, chosen.scale, chosen.seed, chosen.out, chosen.tensorboard)}")
    except (ModuleNotFoundError, OSError, ValueError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
