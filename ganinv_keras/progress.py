"""Progress bars that obey `TQDM_DISABLE`."""

import os

from tqdm.auto import tqdm


def progress(total, unit):
    """Return a progress bar. `TQDM_DISABLE=1` turns it off, in notebooks too, where tqdm itself ignores it."""
    return tqdm(total=total, unit=unit, leave=False, disable=os.environ.get("TQDM_DISABLE") == "1")
