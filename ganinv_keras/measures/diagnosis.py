"""What a diagnosis says: numbers, findings in words, and a verdict for each image."""

import html
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Diagnosis:
    """What `diagnose` found. `print` it, or let a notebook show it.

    Attributes:
        findings: sentences, one for each thing that is wrong with the generator, the images or the encoder; empty where
            nothing is.
        reasons: for each image why inverting it will fail, a sentence, or None.
        numbers: what was measured, name → float.
        images: the images, float32 `(n, height, width, channels)`, or None where they are no such array.
        nearest: for each image the nearest of a thousand that the generator drew, of that shape, or None.
        reconstructions: for each image what gradient descent found, or None.
        spectrum: eigenvalues of JᵀJ over the largest, descending, geometric mean over some draws, `(d,)`, or None.
    """

    findings: tuple
    reasons: tuple
    numbers: dict
    images: np.ndarray | None = None
    nearest: np.ndarray | None = None
    reconstructions: np.ndarray | None = None
    spectrum: np.ndarray | None = None

    @property
    def healthy(self):
        """Whether nothing is wrong with the generator, the encoder, and the images as a whole."""
        return not self.findings

    def __str__(self):
        lines = ["Nothing is wrong." if self.healthy else f"{len(self.findings)} found:"]
        lines += [f"- {finding}" for finding in self.findings]
        failed = [(i, reason) for i, reason in enumerate(self.reasons) if reason]
        lines += [f"image {i}: failed, because {reason}" for i, reason in failed[:10]]
        if len(failed) > 10:
            lines.append(f"and {len(failed) - 10} more of {len(self.reasons)} images")
        lines += [f"{name}: {value:.3g}" for name, value in self.numbers.items()]
        return "\n".join(lines)

    def _repr_html_(self):
        first, *lines = str(self).splitlines()
        return f"<b>{html.escape(first)}</b><br>" + "<br>".join(html.escape(line) for line in lines)

    def figure(self, n=8):
        """Draw the first images, above each the verdict, below it the nearest draw and its reconstruction.

        Args:
            n: images at most. Defaults to 8.

        Returns:
            A Matplotlib figure.
        """
        from matplotlib import pyplot as plt

        rows = {"image": self.images, "nearest draw": self.nearest, "reconstruction": self.reconstructions}
        rows = {name: images[:n] for name, images in rows.items() if images is not None}
        figure, axes = plt.subplots(max(1, len(rows)), n, figsize=(1.2 * n, 1.4 * max(1, len(rows))), squeeze=False)
        for ax in axes.flat:
            ax.axis("off")
        for ax_row, (name, images) in zip(axes, rows.items(), strict=False):
            ax_row[0].set_title(name, loc="left", fontsize=9)
            for i, (ax, image) in enumerate(zip(ax_row, images, strict=False)):
                ax.imshow(np.clip(image, 0, 1).squeeze(), cmap="gray", vmin=0, vmax=1)
                if self.reasons[i]:
                    ax.plot([0, 1], [0, 1], color="red", transform=ax.transAxes)
        return figure
