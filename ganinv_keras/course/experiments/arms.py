"""Small GANs that differ in one thing each, with three seeds: the error bars of notebooks 05 and 06.

`python -m ganinv_keras.course.experiments.arms 05` trains the arms of notebook 05, and writes
`assets/results/05_arms.json`; `06` those of notebook 06. Each has a quarter of the weights of the models that ship, and
6,000 steps: about seven minutes on one core. A run that was stopped goes on. Arms of photographs need `celeb_a` in
`$GANINV_DATA_DIR`.
"""

import argparse
import itertools
import json

import numpy as np
import pandas as pd

from ganinv_keras import device, files
from ganinv_keras.checks import check_name
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.measures import metrics
from ganinv_keras.zoo import pretrained, recipes, train

NARROW = {"width": 8, "max_channels": 64}
LENGTH = {"learning_rate": {"boundaries": [4500], "values": [2e-3, 5e-4]}, "epochs": 12, "steps_per_epoch": 500}
ARMS = {
    "05": {
        "scaled": ("mnist-dlsgan", {"scale_from": 2000}),
        "scaled from the first step": ("mnist-dlsgan", {"scale_from": 0}),
        "scaled by correlation": ("mnist-dlsgan", {"scale_from": 2000, "v_from": "correlation"}),
        "unscaled": ("mnist-unscaled", {}),
        "not read": ("mnist-unscaled", {"encoder_weight": 0.0}),
        "photographs, scaled": ("celeba-dlsgan", {"scale_from": 2000}),
        "photographs, scaled from the first step": ("celeba-dlsgan", {"scale_from": 0}),
    },
    "06": {
        "tangent, 1": ("compared-tangent", {"embedding_weight": 1.0}),
        "tangent, 1 → 10": ("compared-tangent", {}),
        "tangent, 10": ("compared-ten", {}),
        "squares, all angles alike": ("compared-angles", {}),
        "squares, all generations alike": ("compared-generations", {}),
        "tangent, 1 → 10, d = 7": ("compared-tangent", {"d": 7}),
        "tangent, 1 → 10, d = 127": ("compared-tangent", {"d": 127}),
        "photographs, 1 → 0.3": (
            "celeba-direction",
            {"embedding_weight": {"boundaries": [3000], "values": [1.0, 0.3]}},
        ),
        "photographs, 1 → 10": (
            "celeba-direction",
            {"embedding_weight": {"boundaries": [3000], "values": [1.0, 10.0]}},
        ),
    },
}


def changes(name, d=None, **options):
    """Return what turns a recipe into that of a small arm: narrow networks of `d` dimensions, a length, and options."""
    recipe = recipes.find(name)
    dim = recipe["prior"][1]["dim"] if d is None else d
    parts = {part: [recipe[part][0], recipe[part][1] | NARROW | {"latent_dim": dim}]
             for part in ("generator", "discriminator", "encoder")}  # fmt: skip
    return parts | {"prior": [recipe["prior"][0], {"dim": dim}]} | LENGTH | options


def known(model, n=2000):
    """Return what an encoder knows of each dimension of `n` generated images' latents.

    `share` is the recovered share of its variance, and `error` the mean square of its error over its variance.
    """
    z = np.asarray(model.prior.sample(n, seed=2))
    z_hat = predict(model.encoder, predict(model.generator, z))
    error = np.mean(np.square(z - z_hat), axis=0) / model.prior.std**2
    return {"share": metrics.recovered_share(z, z_hat).round(4).tolist(), "error": error.round(4).tolist()}


def run(name, options, seed, folder):
    """Train an arm with one seed, unless that is done, and return its curves and what its encoder knows."""
    if not (folder / f"{name}.npz").exists():
        train.run(name, seed=seed, out=folder, **changes(name, **options))
    records = json.loads((folder / name / "curves.json").read_text())
    curves = [{key: value for key, value in record.items() if key != "s"} for record in records]
    return {"curves": curves, "s": records[-1].get("s"), "known": known(pretrained.load(name, folder))}


def summary(page, arms, columns):
    """Return what some arms of a page reached in the end, mean ± standard error over their seeds.

    Args:
        page: a key of `ARMS`.
        arms: which of its arms, a row each.
        columns: a dict from what to show to its header: a key of the curves, or `"shares"`, the sum of the recovered
            shares of all dimensions.

    Returns:
        A DataFrame of words such as `"16.90 ± 0.12"`.
    """
    results, rows = json.loads((files.ASSETS / "results" / f"{page}_arms.json").read_text()), {}
    for arm in arms:
        ends = pd.DataFrame(
            [run["curves"][-1] | {"shares": sum(run["known"]["share"])} for run in results[arm].values()]
        )
        rows[arm] = {header: f"{ends[key].mean():.2f} ± {ends[key].sem():.2f}" for key, header in columns.items()}
    return pd.DataFrame.from_dict(rows, "index")


def main(page, seeds=(0, 1, 2)):
    """Train the arms of a page, and write its results after every run; those that the file has are not run again."""
    arms, path = ARMS[check_name(page, ARMS, "page")], files.ASSETS / "results" / f"{page}_arms.json"
    results = json.loads(path.read_text()) if path.exists() else {arm: {} for arm in arms}
    for seed, (arm, (name, options)) in itertools.product(map(str, seeds), arms.items()):
        if seed not in results.setdefault(arm, {}):
            folder = files.output_dir() / "arms" / f"{arm}, seed {seed}"
            results[arm][seed] = {"device": device.device(), **run(name, options, int(seed), folder)}
            text = json.dumps(results) + "\n"
            files.write_whole(path, lambda temporary, text=text: temporary.write_text(text, "utf-8"))
            print(arm, seed, flush=True)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.course.experiments.arms")
    parser.add_argument("page", choices=ARMS, help="which page's arms")
    main(parser.parse_args().page)
