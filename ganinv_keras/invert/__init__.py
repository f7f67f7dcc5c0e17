"""Invert all images of a folder: `python -m ganinv_keras.invert FOLDER OUT --model NAME`, or `invert_folder`.

Results are plain npz files of a hundred images each, which NumPy reads everywhere, and which are there whole or not at
all: Parquet holds no images, and Zarr writes an array in many files, of which a killed run leaves some.
"""

import hashlib
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image

from ganinv_keras import checks, files
from ganinv_keras.invert import sheet
from ganinv_keras.invert.photographs import decode, files_of
from ganinv_keras.invert.shards import Shards, described
from ganinv_keras.measures import metrics
from ganinv_keras.progress import progress

__all__ = ["invert_folder"]

WIDEST = 65_500  # pixels of a JPEG


def invert_folder(inverter, folder, out, shard_size=100, worker=None, **kwargs):
    """Invert every image file of a folder, however many; a run that was killed goes on where it stopped.

    Files are taken in the order of their paths, a shard at a time: memory is that of two shards. Each shard is written
    when it is done, and recognised by what is in its image files and by the settings (the inverter's arguments and
    weights, and `kwargs`): what is there is not done twice, whatever the files are called. A run that was killed and
    started again ends with the numbers of one that was not. A file that is no image, is broken, or has more than 100
    million pixels is left out and named.

    Into `out/<settings>/` go `shards/*.npz` (`sha256` of the image files, `z`, `images` as bytes, `loss`, `psnr`,
    `steps_taken`, and what else the inverter found), `table.csv`, `latents.npy`, whose rows are those of the table,
    `settings.json`, and `sheet.html`, which shows each image beside its reconstruction.

    Args:
        inverter: any inverter of this course, of whole images: it has a `generator`, or an `inverter` that has one.
        folder: folder of images of any format that Pillow reads and of any size, nested or not. See
            `photographs.decode` for how they are cut out and made to fit.
        out: folder to write to; it may lie in `folder`.
        shard_size: images in a shard. They lie side by side in a picture of the sheet, which as a JPEG is 65,500
            pixels wide at most. Defaults to 100.
        worker: `(i, k)`, if k calls share the work, on this machine or on several that see the same folders: this is
            call number i, from 0. It inverts the images whose sha256 leaves the remainder i, and writes only shards.
            Call again without it when all are done, or one is dead: what is left is inverted, and the rest written.
            Defaults to None.
        **kwargs: arguments of `inverter.invert`.

    Returns:
        A pandas DataFrame with a row a file, in the order of the paths: `file`, `sha256`, `reason` why it was left out
        (missing where it was not), `shard`, `row`, `psnr`, `loss`.

    Raises:
        FileNotFoundError: if there is no such folder, or no file in it.
        PermissionError: if `out` cannot be written to.
        ValueError: if `shard_size` is less than 1 or too large for the sheet, `worker` no such pair, a shard was
            altered, and as `inverter.invert`.
    """
    folder, out = Path(folder).expanduser(), Path(out).expanduser()
    image_shape, mine = getattr(inverter, "inverter", inverter).generator.output_shape[1:], _part_of(worker)
    shard_size = checks.check_positive_integer(shard_size, "shard_size", most=WIDEST // image_shape[1])
    if not folder.is_dir():
        raise FileNotFoundError(f"There is no folder {folder}: pass one that holds your images.")
    paths = files_of(folder, out)
    if not paths:
        raise FileNotFoundError(f"There is no file in {folder}: put images into it.")
    shards = Shards(out, described({"inverter": inverter, "shard_size": shard_size} | kwargs))
    rows, batch = [], {}
    with ThreadPoolExecutor(1) as reader, progress(len(paths), "image") as bar:
        read = (reader.submit(_read, path, shards.done, mine, image_shape) for path in paths)
        for path, (digest, image, reason) in zip(paths, _ahead(read, shard_size), strict=True):
            rows.append((str(Path(path).relative_to(folder)), digest, reason))
            if image is not None and digest not in shards.done:
                batch[digest] = image
            if len(batch) == shard_size:
                _invert_shard(inverter, batch, shards, kwargs)
                batch = {}
            bar.update(len(rows) - len(batch) - bar.n)
        if batch:
            _invert_shard(inverter, batch, shards, kwargs)
    return _written(rows, shards, folder, writes=worker is None)


def _part_of(worker):
    """Return the function of a sha256 that says whether a worker inverts that image."""
    if worker is None:
        return lambda digest: True
    if not isinstance(worker, tuple | list) or len(worker) != 2:
        raise ValueError("Invalid value received for argument `worker`. Expected (i, k), call number i of k. "
                         f"Received: {worker!r}")  # fmt: skip
    k = checks.check_positive_integer(worker[1], "k of worker (i, k)")
    i = checks.check_positive_integer(worker[0], "i of worker (i, k)", least=0, most=k - 1)
    return lambda digest: int(digest, 16) % k == i


def _read(path, done, mine, image_shape):
    """Return the sha256 of a file, its image if that is to be inverted and can be read, and why it cannot."""
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        return "", None, f"it cannot be read: {error.strerror}"
    digest = hashlib.sha256(content).hexdigest()
    if digest in done or not mine(digest):
        return digest, None, None
    try:
        return digest, decode(content, image_shape), None
    except ValueError as error:
        return digest, None, str(error)


def _ahead(futures, number):
    """Yield the results of futures in order, with `number` of them under way."""
    waiting = deque()
    for future in futures:
        waiting.append(future)
        if len(waiting) > number:
            yield waiting.popleft().result()
    while waiting:
        yield waiting.popleft().result()


def _invert_shard(inverter, batch, shards, kwargs):
    """Invert images, a dictionary from sha256, and write them as one shard."""
    pixels = np.stack(list(batch.values()))
    inversion = inverter.invert((pixels / 255).astype("float32"), **kwargs)
    drawn = np.round(255 * np.clip(inversion.images, 0, 1)).astype("uint8")
    found = {name: getattr(inversion, name) for name in ("z", "loss", "steps_taken", "std", "trusted", "labels")}
    arrays = {name: values for name, values in found.items() if values is not None}
    arrays |= {"images": drawn, "psnr": metrics.psnr(pixels / 255, inversion.images)}
    side_by_side = np.concatenate([np.concatenate(list(images), axis=1) for images in (pixels, drawn)])
    picture = Image.fromarray(side_by_side.squeeze())
    shards.write(list(batch), arrays, lambda path: picture.save(path, quality=95, subsampling=0))


def _written(rows, shards, folder, writes):
    """Return the table of all rows, and write it, the latents and the sheet unless other workers are at it."""
    table = pd.DataFrame(rows, columns=["file", "sha256", "reason"])
    places = [shards.done.get(digest, (None, -1)) for digest in table.sha256]
    table["shard"], table["row"] = zip(*places, strict=True)
    table[["psnr", "loss"]], latents, columns = np.nan, None, {}
    for shard, group in table[table.shard.notna()].groupby("shard"):
        arrays = shards.read(shard)
        latents = np.full((len(table), arrays["z"].shape[1]), np.nan, "float32") if latents is None else latents
        latents[group.index], columns[shard] = arrays["z"][group.row], len(arrays["z"])
        table.loc[group.index, ["psnr", "loss"]] = np.stack([arrays[name][group.row] for name in ("psnr", "loss")], 1)
    if not writes:
        return table
    files.write_whole(shards.folder / "table.csv", lambda path: table.to_csv(path, index=False))
    if latents is not None:
        files.write_whole(shards.folder / "latents.npy", lambda path: np.save(path, latents))
    files.write_whole(shards.folder / "sheet.html", lambda path: sheet.write(path, table, columns, folder))
    return table
