"""The README's tables of results, from the files in assets/results. `python -m tests.readme` writes them anew."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
README = ROOT / "README.md"


def between(name):
    """Return the pattern of what stands in the README between two marks."""
    return re.compile(rf"(?<=<!-- {name} -->\n).*?(?=<!-- /{name} -->)", re.DOTALL)


def results_table():
    """Return the README's five rows in Markdown: one for each paper, one unit in each."""
    rows = [creswell, egan, luo, cho_scale, cho_direction]
    lines = ["| paper | what | the paper | here | unit |", "|---|---|---|---|---|"]
    return "\n".join(lines + [f"| {' | '.join(row())} |" for row in rows]) + "\n"


def read(name):
    """Return the results of a page by the name of their file."""
    return json.loads((ROOT / f"assets/results/{name}.json").read_text())


def creswell():
    results = read("02")
    row = results["table"]["mnist-uniform free"]
    what = f"digits of MNIST, inverted by gradient descent, uniform prior; {row['n']:,} images, one seed"
    return "Creswell & Bharath 2016", what, f"{row['paper']:.3f}", f"{row['mae']:.3f}", "mean absolute pixel error ↓"


def egan():
    row = read("03")["exact"]["food-softlabels"]
    what = f"latents of generated food, with E below 1e-4, here by least squares; {row['n']} latents, one seed"
    found = f"{row['below_1e-4']} of {row['n']}"
    return "Egan, Zhang & Shen 2018", what, "at most 9 of 100", found, "latents recovered ↑"


def luo():
    results = read("04")
    row, direct = (results["table_1"]["celeb_a"][name] for name in ("AEGAN", "direct"))
    what = (f"images of a GAN of CelebA, and what AEGAN's encoder makes of them in one pass (the direct encoder, "
            f"0.7944 in the paper: {direct['dhash'][0]:.4f}; shuffled pairs: {row['dhash_shuffled']:.4f}); "
            f"{results['generated']} images, one seed")  # fmt: skip
    return "Luo, Xu, Tang & Lv 2017", what, "0.8266", f"{row['dhash'][0]:.4f}", "dHash similarity ↑"


def cho_scale():
    results = read("05")
    scaled, twin = (results["table"][name]["encoder_loss"] for name in ("scaled", "unscaled"))
    what = (f"error of the encoder, weighed by s², with the dynamic scale / without (answering 0: 1.00); "
            f"{results['generated']:,} generated digits, one seed each")  # fmt: skip
    return "Cho 2021, latent scale", what, "curves only", f"{scaled:.2f} / {twin:.2f}", "encoder loss ↓"


def cho_direction():
    results = read("06")
    guess, angle = results["guesses"]["d = 31"]["the mean direction"], results["table"]["1 → 10"]["angle"]
    what = (f"median angle between z and the direction that D answers, the paper's schedule (best blind guess: "
            f"{guess:.0f}°); {results['generated']:,} generated digits, one seed")  # fmt: skip
    return "Cho 2021, direction embedding", what, "no number", f"{angle:.0f}°", "degrees ↓"


def speed_table():
    """Return in Markdown how fast each case of the benchmark is, and how many times as long it takes others."""
    cases = read("benchmark")["seconds"]
    peers = list(dict.fromkeys(peer for case in cases.values() for peer in case if peer != "ours"))
    lines = [f"| | ours, ms | {' | '.join(peers)} |", "|---|" + "---|" * (1 + len(peers))]
    for case, seconds in cases.items():
        ours = seconds["ours"]
        others = [f"{found / ours:.2g} ×" if isinstance(found := seconds.get(peer), float) else "" for peer in peers]
        lines.append(f"| {case} | {1e3 * ours:.3g} | {' | '.join(others)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    text = README.read_text()
    for name, table in {"results": results_table(), "speed": speed_table()}.items():
        text = between(name).sub(lambda _, table=table: table, text)
    README.write_text(text)
