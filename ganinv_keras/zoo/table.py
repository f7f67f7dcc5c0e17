"""Write `assets/recipes.md`: what each paper says of its models, and what both recipes of the course make of it."""

from ganinv_keras import files
from ganinv_keras.zoo.recipes import PAPER, RECIPES

PATH = files.ASSETS / "recipes.md"
OPENING = """# Recipes: the papers, and what the course makes of them

This file is made by `python -m ganinv_keras.zoo.table` from the recipes in `ganinv_keras/zoo`. *The paper* says where
a setting of the *paper recipe* is from: a section, a table or an algorithm of the paper, whose value then stands beside
it; the author's code, where the text leaves it out; or the course, where both do, or where it departs from the text.
The *laptop recipe* is how the weights in `assets/weights` were made. A dash means Keras's default, or none.
`python -m ganinv_keras.zoo.train NAME --scale paper` trains the paper recipe; with `--dry-run` it says what that costs.
"""
PAPERS = {
    "mnist-uniform": "1. Creswell & Bharath",
    "food-softlabels": "2. Egan, Zhang & Shen",
    "avatars-gan": "3. Luo et al.",
    "mnist-dlsgan": "4. Cho, Dynamic Latent Scale GAN",
    "mnist-direction": "5. Cho, direction embedding",
}
ORDER = ("method", "of", "damage", "data", "images", "image_size", "mirror", "prior", "generator", "discriminator",
         "encoder", "batch_size", "steps_per_epoch", "epochs", "learning_rate", "decay", "beta_1", "beta_2", "ema",
         "soft_labels", "r1_weight", "r1_every", "encoder_weight", "v_from", "past_batches", "dynamic", "scale_from",
         "embedding_weight", "generation_ratio", "seed")  # fmt: skip


def text(value):
    """Return the value of a setting in words."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list) and isinstance(value[0], str):
        return f"`{value[0]}({', '.join(f'{key}={v!r}' for key, v in value[1].items())})`"
    if isinstance(value, dict) and "boundaries" in value:
        return (" → ".join(f"{v:g}" for v in value["values"]) + " at step "
                + " and ".join(f"{step:,}" for step in value["boundaries"]))  # fmt: skip
    if isinstance(value, dict):
        return f"{value['initial_learning_rate']:g}, × {value['decay_rate']:g} every {value['decay_steps']:,} steps"
    return f"{value:,}" if isinstance(value, int) else f"{value:g}" if isinstance(value, float) else str(value)


def rows(name, like=None):
    """Return a Markdown table of a model's settings, or of those that differ from the model `like`."""
    paper, laptop = PAPER[name], RECIPES[name]
    lines = ["| setting | the paper | paper recipe | laptop recipe |", "|---|---|---|---|"]
    for key in ORDER:
        cells = [paper["origin"].get(key, "–"), text(paper.get(key)), text(laptop.get(key))]
        known = like and [PAPER[like]["origin"].get(key, "–"), text(PAPER[like].get(key)), text(RECIPES[like].get(key))]
        if cells != (known or ["–"] * 3):
            lines.append(f"| {key} | {' | '.join(cells)} |")
    return lines


def write():
    """Return the whole file."""
    parts, whole = [OPENING], []
    for name in PAPER:
        if name in PAPERS:
            parts.append(f"\n## {PAPERS[name]}\n")
            whole = []
        like = min(whole, key=lambda other: len(rows(name, other)), default=None)
        if like is None or len(rows(name, like)) > 9:
            like = None
            whole.append(name)
        parts += [f"\n### {name}\n", *([f"As {like}, but for these.\n"] if like else []), *rows(name, like)]
    return "\n".join(parts) + "\n"


if __name__ == "__main__":
    files.write_whole(PATH, lambda path: path.write_text(write(), encoding="utf-8"))
