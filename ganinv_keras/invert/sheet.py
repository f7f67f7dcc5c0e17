"""A contact sheet in HTML: every image beside its reconstruction, and what was left out; it opens from its folder."""

import html
import os
from pathlib import Path
from urllib.parse import quote

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem; color: #222; background: #fff }
main { display: flex; flex-wrap: wrap; gap: 12px }
figure { margin: 0; width: 136px; font-size: 12px; overflow-wrap: anywhere; content-visibility: auto;
         contain-intrinsic-size: 136px 130px }
.pair { display: flex; gap: 4px }
.pair i { width: 64px; height: 64px; image-rendering: pixelated }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #111 } a { color: #8cf } }
"""


def write(path, table, columns, folder):
    """Write the sheet.

    Args:
        path: the HTML file; the pictures lie beside it in `pictures/`.
        table: a DataFrame with `file`, `reason`, `shard`, `row` and `psnr`.
        columns: shard → how many images its picture has side by side.
        folder: what the paths in `file` start from.
    """
    inverted, skipped = table[table.reason.isna()], table[table.reason.notna()]
    figures = "\n".join(_figure(row, columns[row.shard], folder, path) for row in inverted.itertuples())
    reasons = "".join(f"<li>{html.escape(row.file)}: {html.escape(row.reason)}</li>" for row in skipped.itertuples())
    left_out = f"<h2>Left out: {len(skipped):,}</h2><ul>{reasons}</ul>" if reasons else ""
    median = f", median PSNR {inverted.psnr.median():.1f} dB" if len(inverted) else ""
    path.write_text(
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>Inverted images</title><style>{STYLE}</style>'
        f"<h1>{len(inverted):,} images and their reconstructions{median}</h1>{left_out}<main>{figures}</main></html>",
        "utf-8",
    )


def _figure(row, columns, folder, path):
    """Return one image and its reconstruction, cut by CSS out of the picture of their shard."""
    parts = "".join(
        f'<i role="img" aria-label="{label}" style="background:url(pictures/{row.shard}.jpg) -{64 * row.row}px -{top}px'
        f' / {64 * columns}px 128px"></i>'
        for label, top in (("image", 0), ("reconstruction", 64))
    )
    link = quote(os.path.relpath(Path(folder) / row.file, path.parent).replace(os.sep, "/"))
    return (f'<figure><div class="pair">{parts}</div><a href="{link}">{html.escape(row.file)}</a> '
            f"{row.psnr:.1f} dB</figure>")  # fmt: skip
