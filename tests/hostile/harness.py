"""A call with odd arguments answers, and leaves its arguments as they were, or refuses in a sentence of the course."""

import dis
import warnings
from pathlib import Path

import numpy as np
from hypothesis import event

import ganinv_keras

HOME = str(Path(ganinv_keras.__file__).parent)
REFUSALS = (ValueError, TypeError, FileNotFoundError, PermissionError)


def tried(call, *arguments, **options):
    """Call, and yield the answer; yield nothing where it was refused as it should be. For the head of a `for`.

    Raises:
        AssertionError: if the error or a warning is somebody else's or no sentence, or an argument has changed.
    """
    before = _contents([arguments, options])
    try:
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            answer = call(*arguments, **options)
    except Exception as error:
        assert is_ours(error), f"{_named(call)} of {arguments} {options}: {type(error).__name__}: {error}"
        event(f"{_named(call)}: refused")
        return
    foreign = [f"{warning.category.__name__}: {warning.message}" for warning in caught if not _is_sentence(warning)]
    assert not foreign, f"{_named(call)} of {arguments} {options}: {foreign}"
    assert _contents([arguments, options]) == before, f"{_named(call)} has changed its arguments"
    event(f"{_named(call)}: answered")
    yield answer


def is_ours(error):
    """Say whether a `raise` of the course raised this error, of one of its types and in words."""
    last = error.__traceback__
    while last.tb_next:
        last = last.tb_next
    code = last.tb_frame.f_code
    if code.co_filename.endswith("keras/src/layers/input_spec.py"):
        return True  # a layer's `input_spec` is ours, and Keras says in its own sentence what it expects
    raised = dis.opname[code.co_code[last.tb_lasti]] == "RAISE_VARARGS"  # not a call of NumPy's or TensorFlow's
    words = str(error).split()
    return isinstance(error, REFUSALS) and code.co_filename.startswith(HOME) and raised and 5 <= len(words) <= 200


def _is_sentence(warning):
    return warning.category is UserWarning and len(str(warning.message).split()) >= 5


def _named(call):
    return getattr(call, "__qualname__", type(call).__name__)


def _contents(value):
    """Return what of arguments a call must not change: the elements of arrays, wherever they are in lists."""
    if isinstance(value, dict):
        return {key: _contents(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_contents(part) for part in value]
    if isinstance(value, np.ndarray):
        return value.dtype, value.shape, value.tolist().__repr__() if value.dtype.hasobject else value.tobytes()
    return None
