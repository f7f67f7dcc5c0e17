"""An inversion challenge for a class, offline: hidden targets, and a table of who found them.

    python -m ganinv_keras.course.challenge make TARGETS.npz --secret WORD [--model mnist-normal] [-n 20]
    python -m ganinv_keras.course.challenge score TARGETS.npz SUBMISSIONS --secret WORD

The first half of the targets were drawn by the generator, from latents that follow from the secret word; the others are
held-out images of its data, whose latents nobody knows. A submission is a file `NAME.npz` with `z`, one latent a target
in the order of the targets, and `seconds`, which the player measured. The targets' file does not hold the secret, so
that everybody may have it.
"""

import argparse
import hashlib
from pathlib import Path

import numpy as np
import pandas as pd

from ganinv_keras import files
from ganinv_keras.checks import check_latents, check_number, check_positive_integer
from ganinv_keras.inversion.encoder import predict
from ganinv_keras.measures import metrics
from ganinv_keras.zoo import build, pretrained


def hidden(model, secret, n):
    """Return the n latents that a secret word stands for, float32 `(n, d)`."""
    seed = int(hashlib.sha256(secret.encode()).hexdigest(), 16) % 2**31
    return np.asarray(model.prior.sample(n, seed))


def make(path, secret, name="mnist-normal", n=20):
    """Write the targets.

    Args:
        path: the `.npz` file for the players: `images` and `model`, the name of the generator to invert.
        secret: a word that the players do not know.
        name: a model that ships, whose generator takes z alone. Defaults to `"mnist-normal"`.
        n: how many targets, 2 to 1,000. Defaults to 20.

    Raises:
        ValueError: if the number or the name is none of those.
        PermissionError: if the file cannot be written.
    """
    n, model = check_positive_integer(n, "n", least=2, most=1000), pretrained.load(name)
    drawn = predict(model.generator, hidden(model, secret, n // 2))
    test = build.images_of(model.settings, "test")
    rows = np.random.default_rng(0).permutation(len(test))[: n - n // 2]
    images = np.concatenate([drawn, test[rows].images])
    files.write_whole(path, lambda temporary: np.savez_compressed(temporary, images=images, model=name))


def score(path, submissions, secret):
    """Judge all submissions of a folder.

    Args:
        path: the file that `make` wrote.
        submissions: folder of `.npz` files, nested or not.
        secret: the word that `make` was given.

    Returns:
        A DataFrame, best image error first, with a row for each submission: `player`; `MSE`, the mean over all targets
        of the squared error of pixels; `PSNR, dB` of the drawn ones and of the held-out ones, of their mean errors;
        `found`, the share of hidden latents met with E < 1e-4 of the prior's variance; `seconds`; and `reason`, why a
        submission could not be judged, missing where it could.

    Raises:
        FileNotFoundError: if the folder holds no submission.
        ValueError: if the targets' file is none, or was made with another secret.
    """
    with np.load(path, allow_pickle=False) as file:
        images, name = file["images"], str(file["model"])
    model, half = pretrained.load(name), len(images) // 2
    z = hidden(model, secret, half)
    if np.abs(predict(model.generator, z) - images[:half]).max() > 1e-3:
        raise ValueError(f"{path} was made with another secret word.")
    paths = sorted(Path(submissions).rglob("*.npz"))
    if not paths:
        raise FileNotFoundError(f"There is no .npz file in {submissions}.")
    rows = [_judged(each, model, images, z) for each in paths]
    return pd.DataFrame(rows).sort_values("MSE", na_position="last", ignore_index=True)


def _judged(path, model, images, z):
    try:
        with np.load(path, allow_pickle=False) as file:
            z_hat = check_latents(file["z"], "z", (len(images), model.prior.dim))
            seconds = check_number(file["seconds"].item(), "seconds", 0)
    except Exception as error:  # whatever a stranger's file may raise
        return {"player": path.stem, "MSE": np.nan, "reason": f"{type(error).__name__}: {error}"}
    error = np.mean((predict(model.generator, z_hat) - images) ** 2, axis=(1, 2, 3))
    kinds = {"PSNR drawn, dB": error[: len(z)], "PSNR held out, dB": error[len(z) :]}
    psnr = {kind: -10 * np.log10(max(float(np.mean(part)), 1e-12)) for kind, part in kinds.items()}
    found = np.mean(metrics.z_error(z, z_hat[: len(z)]) < 1e-4 * model.prior.std**2)
    return {"player": path.stem, "MSE": float(np.mean(error)), **psnr, "found": found, "seconds": seconds,
            "reason": None}  # fmt: skip


def main():
    """Read the command line, and make or score."""
    parser = argparse.ArgumentParser(prog="python -m ganinv_keras.course.challenge", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)  # fmt: skip
    commands = parser.add_subparsers(dest="command", required=True)
    made = commands.add_parser("make", help="write the targets")
    made.add_argument("--model", default="mnist-normal", help="a model that ships; defaults to mnist-normal")
    made.add_argument("-n", type=int, default=20, help="how many targets; defaults to 20")
    judged = commands.add_parser("score", help="judge a folder of submissions")
    for command in (made, judged):
        command.add_argument("targets", help="the .npz file of the targets")
        command.add_argument("--secret", required=True, help="a word that the players do not know")
    judged.add_argument("submissions", help="the folder of submissions")
    judged.add_argument("--out", default="leaderboard.csv", help="the table to write; defaults to leaderboard.csv")
    given = parser.parse_args()
    try:
        if given.command == "make":
            make(given.targets, given.secret, given.model, given.n)
            print(f"{given.n} targets in {given.targets}")
            return
        table = score(given.targets, given.submissions, given.secret)
        files.write_whole(given.out, lambda path: table.to_csv(path, index=False))
    except (OSError, ValueError) as error:
        parser.error(str(error))
    print(table.to_string(float_format=lambda value: f"{value:.4g}", na_rep="–"))


if __name__ == "__main__":
    main()
