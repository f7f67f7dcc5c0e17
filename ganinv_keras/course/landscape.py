"""All of z at once: where z has two elements, the loss of an image is a landscape, and every descent a line in it.

Everywhere z₁ runs to the right and z₂ upwards, and the loss is the mean squared error.
"""

import itertools
from typing import NamedTuple

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf
from matplotlib.animation import FuncAnimation

from ganinv_keras.checks import check_images, check_positive_integer
from ganinv_keras.course import figures
from ganinv_keras.losses import mse


class Surface(NamedTuple):
    """The loss of one image over a square of z.

    Attributes:
        axis: the values of z₁, which are those of z₂ too, shape `(n,)`.
        loss: in row i and column j the loss at `(axis[j], axis[i])`, shape `(n, n)`.
    """

    axis: np.ndarray
    loss: np.ndarray

    def lowest(self):
        """Return z at the lowest point, shape `(2,)`, and the loss there."""
        i, j = np.unravel_index(self.loss.argmin(), self.loss.shape)
        return self.axis[[j, i]], float(self.loss[i, j])


class Trails(NamedTuple):
    """The ways of n descents, seen at t moments.

    Attributes:
        step: the step of each moment, shape `(t,)`; the first is 0.
        z: the best z of each descent so far, shape `(t, n, 2)`.
        images: their images, shape `(t, n, height, width, channels)`.
        loss: their losses, shape `(t, n)`.
    """

    step: np.ndarray
    z: np.ndarray
    images: np.ndarray
    loss: np.ndarray


def lattice(n, reach=1.0):
    """Return n × n latents from -`reach` to `reach`, `(n², 2)`: row by row upwards, each from left to right."""
    axis = np.linspace(-reach, reach, check_positive_integer(n, "n"), dtype="float32")
    return np.stack(np.meshgrid(axis, axis), axis=-1).reshape(-1, 2)


def atlas(generator, n=11, reach=1.0):
    """Draw all that a generator can draw, on a lattice of z.

    Args:
        generator: a Keras model `(n, 2) → (n, height, width, channels)`.
        n: images along each side. Defaults to 11.
        reach: z₁ and z₂ go from -`reach` to `reach`. Defaults to 1.

    Returns:
        An array of rows of images, `(n, n, height, width, channels)`, the row of the largest z₂ first.
    """
    images = _over(lattice(n, reach), lambda z: generator(z, training=False))
    return images.reshape(n, n, *images.shape[1:])[::-1]


def surface(generator, x, n=101, reach=1.0):
    """Measure the loss of one image everywhere in a square of z.

    Args:
        generator: a Keras model `(n, 2) → (n, height, width, channels)`.
        x: one image in [0, 1], shape `(1, height, width, channels)`.
        n: points along each side. Defaults to 101.
        reach: z₁ and z₂ go from -`reach` to `reach`. Defaults to 1.

    Returns:
        A `Surface`.

    Raises:
        ValueError: if `x` is not one image in [0, 1] of the generator's shape.
    """
    x = _one(x, generator)
    loss = _over(lattice(n, reach), lambda z: mse(x, generator(z, training=False)))
    return Surface(np.linspace(-reach, reach, n, dtype="float32"), loss.reshape(n, n))


def trails(inverter, x, starts, **options):
    """Invert one image from several starts, and keep the way of each.

    Args:
        inverter: a `LatentOptimizer` with `loss="mse"`, or a `LevenbergMarquardt`.
        x: one image in [0, 1], shape `(1, height, width, channels)`.
        starts: where the descents start, shape `(n, 2)`.
        **options: passed on to `inverter.invert`, such as `steps`, and `restarts=1` for a `LevenbergMarquardt`.

    Returns:
        The `Trails` of n descents.

    Raises:
        ValueError: if `x` is not one image in [0, 1] of the generator's shape.
    """
    x, starts = _one(x, inverter.generator), np.asarray(starts, "float32")
    x, drawn = np.repeat(x, len(starts), 0), inverter.generator(starts, training=False).numpy()
    moments = [(0, starts, drawn, mse(x, drawn).numpy())]

    def keep(step, *found):
        moments.append((step, *map(np.copy, found)))

    inverter.invert(x, initial_z=starts, batch_size=len(starts), callbacks=[keep], **options)
    return Trails(*map(np.stack, zip(*moments, strict=True)))


def beside(first, second):
    """Join two `Trails` into one, to be drawn together. The shorter waits where it ended."""
    length = max(len(first.step), len(second.step))
    index = [np.minimum(np.arange(length), len(ways.step) - 1) for ways in (first, second)]
    parts = (np.concatenate([a[index[0]], b[index[1]]], axis=1) for a, b in zip(first[1:], second[1:], strict=True))
    return Trails(max(first.step, second.step, key=len), *parts)


def draw(axes, ground, ways=None):
    """Draw a landscape as a map: white is low, lines are of equal loss, and dashes frame -1 to 1.

    Args:
        axes: matplotlib axes.
        ground: a `Surface`.
        ways: `Trails`, of which each starts at a ring and ends at a dot. Defaults to none.

    Returns:
        The matplotlib `(line, dot)` of each descent, a list.
    """
    heights = ground.loss.min() + np.ptp(ground.loss) * np.linspace(0, 1, 16) ** 1.5  # closer where it is low
    axes.contourf(ground.axis, ground.axis, ground.loss, heights, cmap="Greys", alpha=0.75, antialiased=False)
    axes.contour(ground.axis, ground.axis, ground.loss, heights, colors="0.55", linewidths=0.6, antialiased=False)
    axes.add_patch(plt.Rectangle((-1, -1), 2, 2, fill=False, linestyle="--", linewidth=1.5))
    axes.set(xlabel="$z_1$", ylabel="$z_2$", aspect="equal", xlim=ground.axis[[0, -1]], ylim=ground.axis[[0, -1]])
    axes.locator_params(nbins=5)
    drawn = []
    for way, colour in zip(() if ways is None else np.moveaxis(ways.z, 1, 0), itertools.cycle(figures.COLOURS)):
        (line,) = axes.plot(*way.T, color=colour, linewidth=2.5)
        axes.plot(*way[0], "o", markersize=9, markerfacecolor="white", markeredgecolor=colour, markeredgewidth=2)
        drawn.append((line, axes.plot(*way[-1], "o", markersize=10, color=colour, markeredgecolor="white")[0]))
    return drawn


def film(x, ground, ways, names=None, frames=16):
    """Make a film of descents in the landscape of an image: at the right it and what each has found, with the loss.

    Args:
        x: the image, shape `(1, height, width, 1)`.
        ground: its `Surface`.
        ways: the `Trails` of at most seven descents.
        names: a word for each. Defaults to numbers from 1.
        frames: at most so many, spread evenly over the moments. Defaults to 16.

    Returns:
        A matplotlib animation, for `figures.player`.
    """
    figure = plt.figure(figsize=(9, 4.6))
    left, right = figure.subfigures(1, 2, width_ratios=(5, 4.6))
    land = left.subplots()
    drawn = draw(land, ground, ways)
    columns = 2 if len(drawn) == 3 else 3
    cells = right.subplots(-(-(len(drawn) + 1) // columns), columns, squeeze=False).ravel()
    pictures = []
    for cell, image, colour in zip(cells, [x[0], *ways.images[0]], ["white", *figures.COLOURS], strict=False):
        cell.spines[:].set(visible=True, color=colour, linewidth=5)
        pictures.append(cell.imshow(image, cmap="gray", vmin=0, vmax=1))
    for i, cell in enumerate(cells):
        cell.set(xticks=[], yticks=[], visible=i <= len(drawn), title="the image" if i == 0 else "")
    moments = np.unique(np.linspace(0, len(ways.step) - 1, frames).round().astype(int))

    def update(frame):
        moment = moments[frame]
        land.set_title(f"step {ways.step[moment]}")
        for i, (line, dot) in enumerate(drawn):
            line.set_data(*ways.z[: moment + 1, i].T)
            dot.set_data(*ways.z[[moment], i].T)
            pictures[i + 1].set_data(ways.images[moment, i])
            cells[i + 1].set_title(f"{names[i] if names else i + 1}: {ways.loss[moment, i]:.4f}")

    return FuncAnimation(figure, update, frames=len(moments))


def _over(z, function):
    """Return a compiled function of all latents `(n, 2)`, in batches of a thousand."""
    return np.concatenate(list(tf.data.Dataset.from_tensor_slices(z).batch(1000).map(function).as_numpy_iterator()))


def _one(x, generator):
    x = check_images(x, generator.output_shape[1:])
    if len(x) > 1:
        raise ValueError(f"A landscape belongs to one image, got {len(x)}: choose one with x[:1].")
    return x
