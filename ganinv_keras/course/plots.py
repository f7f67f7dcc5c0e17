"""A batch of images as it changes: an animation. For notebook 00."""

import imageio.v3 as imageio
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
