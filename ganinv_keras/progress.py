"""Progress bars that obey `TQDM_DISABLE`."""

import os

from tqdm.auto import tqdm


def progress(total, unit, initial=0, mininterval=0.1):
    """Return a progress bar. `TQDM_DISABLE=1` turns it off, in notebooks too, where tqdm itself ignores it.

    Args:
        total: what counts as all.
        unit: what is counted, such as `"step"`.
        initial: how many of them are done already. Defaults to 0.
        mininterval: seconds between two updates, at least. Defaults to 0.1.
    """
    disable = os.environ.get("TQDM_DISABLE") == "1"
    return tqdm(total=total, unit=unit, initial=initial, mininterval=mininterval, leave=False, disable=disable)
