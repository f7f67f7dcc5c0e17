"""How faces come back in one pass: the numbers of notebooks 05 and 06 that need photographs.

`python -m ganinv_keras.course.experiments.portraits` judges the shipped models of drawn faces and of photographs, and
writes `assets/results/portraits.json`. Photographs need `celeb_a` in `$GANINV_DATA_DIR`.
"""

import functools
import json

from ganinv_keras import device, files
from ganinv_keras.measures.quality import Judge
from ganinv_keras.zoo import pretrained

NAMES = tuple(f"{faces}-{kind}" for faces in ("avatars", "celeba") for kind in ("dlsgan", "unscaled", "direction"))


def main(n=1000):
    """Judge all models, by at most `n` images of each kind, and write what was found."""

    @functools.cache
    def judge(source, size):
        settings = {"data": source, "image_size": size}
        return Judge(*(pretrained.images_of(settings, split) for split in ("train", "test")), n)

    models = {}
    for name in NAMES:
        model = pretrained.load(name)
        judged = judge(model.settings["data"], model.settings["image_size"])
        models[name] = {"test images": len(judged.test), **judged(model.generator, model.prior, model.encoder)}
    results = {"device": device.device(), "generated images": n, "models": models}
    text = json.dumps(results, indent=1) + "\n"
    files.write_whole(files.ASSETS / "results" / "portraits.json", lambda temporary: temporary.write_text(text))


if __name__ == "__main__":
    main()
