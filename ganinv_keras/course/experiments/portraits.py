"""How faces come back in one pass: the numbers of notebooks 05 and 06 that need photographs.

`python -m ganinv_keras.course.experiments.portraits` judges the models of drawn faces and of photographs, and writes
`assets/results/portraits.json`, and a strip of test photographs beside it. Photographs need `celeb_a` in
`$GANINV_DATA_DIR`, and models that do not ship `python -m ganinv_keras.zoo.train NAME` beforehand.
"""

import functools
import json

import keras
import numpy as np
from matplotlib import pyplot as plt

from ganinv_keras import device, files
from ganinv_keras.inversion.encoder import EncoderInverter
from ganinv_keras.measures import metrics
from ganinv_keras.measures.quality import Judge
from ganinv_keras.zoo import pretrained

KINDS = ("dlsgan", "unscaled", "direction", "dlsgan-64", "direction-64")
NAMES = tuple(f"{faces}-{kind}" for faces in ("avatars", "celeba") for kind in KINDS)
STRIP = "portraits_photographs.png"  # eight of 64×64 pixels, side by side


def at_half_size(model, images):
    """Return PSNR in dB and SSIM of what one pass brings back, both averaged over squares of 2×2 pixels first."""
    found = EncoderInverter(model.encoder, model.generator).invert(images)
    halves = [keras.ops.convert_to_numpy(keras.ops.average_pool(x, 2)) for x in (images, found.images)]
    psnr, ssim = (float(measure(*halves).mean()) for measure in (metrics.psnr, metrics.ssim))
    return {"psnr_test_half": psnr, "ssim_test_half": ssim}


def main(n=1000):
    """Judge all models, by at most `n` images of each kind, and write what was found."""

    @functools.cache
    def judge(source, size):
        settings = {"data": source, "image_size": size}
        return Judge(*(pretrained.images_of(settings, split) for split in ("train", "test")), n)

    models = {}
    for name in NAMES:
        ships = (pretrained.WEIGHTS / f"{name}.npz").exists()
        model = pretrained.load(name, None if ships else files.output_dir() / "weights" / "laptop")
        judged = judge(model.settings["data"], model.settings["image_size"])
        models[name] = {"test images": len(judged.test), **judged(model.generator, model.prior, model.encoder)}
        if name.endswith("-64"):
            models[name] |= at_half_size(model, judged.test)
    results = {"device": device.device(), "generated images": n, "models": models}
    text = json.dumps(results, indent=1) + "\n"
    folder = files.ASSETS / "results"
    files.write_whole(folder / "portraits.json", lambda temporary: temporary.write_text(text))
    if "celeba-dlsgan-64" in models:
        strip = np.concatenate(judge("celeb_a", 64).test[:8], axis=1)
        files.write_whole(folder / STRIP, lambda temporary: plt.imsave(temporary, strip, format="png"))


if __name__ == "__main__":
    main()
