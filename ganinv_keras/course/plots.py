"""Pictures of images: grids, pairs, curves, animations."""

import imageio.v3 as imageio
import matplotlib.pyplot as plt
import numpy as np

from ganinv_keras import files


def tile(images, columns):
    """Lay images out in rows of `columns`, with a thin grey gap, as one array `(height, width, channels)`.

    Args:
        images: images in [0, 1], shape `(n, height, width, channels)`; a last row that is not full is grey.
        columns: images in a row.
    """
    images = np.asarray(images, "float32")
    rows = -(-len(images) // columns)
    padded = np.pad(images, [(0, rows * columns - len(images)), (0, 0), (0, 0), (0, 0)], constant_values=0.5)
    padded = np.pad(padded, [(0, 0), (1, 1), (1, 1), (0, 0)], constant_values=0.5)
    _, height, width, channels = padded.shape
    cells = padded.reshape(rows, columns, height, width, channels)
    return cells.transpose(0, 2, 1, 3, 4).reshape(rows * height, columns * width, channels)


def _draw(axes, picture, title):
    axes.imshow(picture, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
    axes.set_title(title, fontsize=10)
    axes.set_axis_off()


def grid(images, columns=10, title="", axes=None):
    """Draw images in a grid: on `axes`, or on a figure of its own that is shown at once."""
    picture = tile(images, columns)
    if axes is not None:
        return _draw(axes, picture, title)
    width = 0.75 * columns
    _, own = plt.subplots(figsize=(width, width * picture.shape[0] / picture.shape[1] + 0.3), layout="constrained")
    _draw(own, picture, title)
    plt.show()


def pairs(images, reconstructions, columns=10, title="", axes=None):
    """Draw each image above its reconstruction, `columns` pairs in a row."""
    blocks = []
    for first in range(0, len(images), columns):
        for part in (images[first : first + columns], reconstructions[first : first + columns]):
            part = np.asarray(part, "float32")
            blocks.append(np.pad(part, [(0, columns - len(part)), (0, 0), (0, 0), (0, 0)], constant_values=0.5))
    grid(np.concatenate(blocks), columns, title, axes)


def curves(x, lines, xlabel, ylabel, title="", log_x=False, log_y=False, axes=None):
    """Draw curves: on `axes`, or on a figure of its own that is shown at once.

    Args:
        x: where they are read, shape `(t,)`.
        lines: name → values of shape `(t,)`.
        xlabel: what x is, with its unit.
        ylabel: what the values are, with their unit.
        title: title of the picture. Defaults to none.
        log_x: whether x is drawn on a logarithmic axis that shows 0, too. Defaults to False.
        log_y: whether the values are drawn on a logarithmic axis. Defaults to False.
        axes: matplotlib axes to draw on. Defaults to None.
    """
    own = axes is None
    if own:
        _, axes = plt.subplots(figsize=(6, 3.2), layout="constrained")
    for name, values in lines.items():
        axes.plot(x, values, label=name)
    axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if log_x:
        axes.set_xscale("symlog", linthresh=1)
    if log_y:
        axes.set_yscale("log")
    if len(lines) > 1:
        axes.legend(fontsize=8)
    if own:
        plt.show()


def animation(frames, path, columns=10, zoom=3, seconds=6.0):
    """Write frames, each a batch of images, as a looping GIF; the last frame stays for two seconds.

    Args:
        frames: a list of arrays `(n, height, width, channels)` in [0, 1].
        path: the `.gif` file to write.
        columns: images in a row. Defaults to 10.
        zoom: factor by which pixels are enlarged. Defaults to 3.
        seconds: time of one round without the last pause. Defaults to 6.

    Returns:
        `path`.

    Raises:
        PermissionError: if the folder is missing or cannot be written to.
    """
    pictures = [np.kron(tile(frame, columns), np.ones((zoom, zoom, 1))) for frame in frames]
    pixels = [(picture.clip(0, 1) * 255).astype("uint8") for picture in pictures]
    pixels = [p[..., 0] if p.shape[-1] == 1 else p for p in pixels]
    pixels.append(pixels[-1])  # the GIF writer merges the two, and refuses a list of one duration
    durations = [1000 * seconds / len(frames)] * (len(frames) - 1) + [1000, 1000]
    files.write_whole(path, lambda temporary: imageio.imwrite(temporary, pixels, duration=durations, loop=0))
    return path
