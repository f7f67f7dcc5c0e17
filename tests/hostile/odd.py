"""Odd values: what a hostile but realistic user passes for an array, a number, a name, a function or a model."""

import decimal
import fractions
import math

import keras
import ml_dtypes
import numpy as np
import tensorflow as tf
from hypothesis import strategies as st

DTYPES = ("bool", "int8", "uint8", "int32", "int64", "uint64", "float16", "float64", "longdouble", ">f4", "complex64",
          "object", "U5", "S5", "M8[s]", "m8[s]", ml_dtypes.bfloat16, "V4", [("a", "f4")])  # fmt: skip
VALUES = (math.nan, math.inf, -math.inf, 1e30, -1e30, 1e9, 255.0, 2.0, 1.0000001, 1.4, -1e-7, -0.4, -1.0, 0.0, 1e-40)
OBJECTS = (None, "a", "", b"a", 1j, decimal.Decimal("1.5"), decimal.Decimal("NaN"), fractions.Fraction(1, 2), object(),
           object, print, int, len, {}, {"a": 1}, set(), [], (), [None], ["a"], [[1.0], [1.0, 2.0]], range(3), ...,
           slice(3), np.datetime64("2020-01-01"), np.str_("a"), np.array("a"), np.empty((0,)), np.array(None),
           np.array([[None]]), memoryview(b"abc"), iter([1]), NotImplemented, Exception("a"))  # fmt: skip
NUMBERS = (math.nan, math.inf, -math.inf, -1, 0, 1, 2, 0.5, -0.0, 1e-320, 1e30, 1e308, 2**31, 2**63 - 1, 2**63, 2**64,
           -(2**63) - 1, 10**400, True, False, np.int8(3), np.uint8(3), np.int64(-1), np.uint64(2**64 - 1),
           np.float16(2), np.float32(0.5), np.float64(math.nan), np.longdouble(2), np.bool_(True), np.complex64(1),
           fractions.Fraction(4, 2), fractions.Fraction(10**400, 3), decimal.Decimal(2), "1", np.array(2),
           np.array([2]), np.array([1.0, 2.0]), tf.constant(2), tf.constant([1.0, 2.0]), tf.Variable(1.0))  # fmt: skip


def numbers(least=-math.inf, most=math.inf):
    """Odd numbers and other objects; those in their range are at most `most`, where more would take long."""
    mixed = st.one_of(st.sampled_from(NUMBERS), st.integers(-5, 300), st.floats(), st.integers(), objects())
    return mixed.filter(lambda value: not _is_number(value) or not most < value < math.inf or value > 2**62)


def _is_number(value):
    return isinstance(value, (int, float, np.number)) and not isinstance(value, np.complexfloating)


def objects():
    return st.sampled_from(OBJECTS)


def _along(axis, change):
    return lambda array: change(array, axis) if array.ndim > axis else array


def _with(value):
    def change(array):
        array = np.array(array)
        if array.size and array.dtype.kind == "f":
            with np.errstate(over="ignore"):
                array.flat[array.size // 2] = value
        return array

    return change


def _cast(dtype):
    def change(array):
        if array.dtype.kind not in "biuf":
            return array  # NumPy itself can crash on a second conversion
        with np.errstate(all="ignore"):
            return array.astype(dtype)

    return change


CHANGES = (
    *(_cast(dtype) for dtype in DTYPES),
    *(_with(value) for value in VALUES),
    lambda a: a[0] if a.ndim and len(a) else a,
    lambda a: a[None],
    lambda a: a[..., None],
    lambda a: a[..., 0] if a.ndim and a.shape[-1] else a,
    lambda a: a.ravel(),
    lambda a: a.T,
    lambda a: a.squeeze(),
    *(_along(axis, lambda a, axis: np.take(a, [], axis)) for axis in range(4)),
    *(_along(axis, lambda a, axis: np.take(a, np.arange(a.shape[axis] - 1), axis)) for axis in range(4)),
    *(_along(axis, lambda a, axis: np.repeat(a, 3, axis)) for axis in (0, -1)),
    _along(3, lambda a, _: np.moveaxis(a, -1, 1)),
    lambda a: a * 255 if a.dtype.kind == "f" else a,
    lambda a: a * 2 - 1 if a.dtype.kind == "f" else a,
    lambda a: a * 0 if a.dtype.kind in "fiu" else a,
)


class _Refusing:
    """Says that it is an array, and is none."""

    shape, dtype = (3, 8, 8, 1), np.dtype("float32")

    def __array__(self, dtype=None, copy=None):
        raise RuntimeError("no")


def _read_only(array):
    array.flags.writeable = False
    return array


def _masked(mask):
    return lambda array: np.ma.masked_array(array, mask if array.dtype.names is None else False)


CONTAINERS = (
    *[lambda a: a] * 12,
    lambda a: a.tolist(),
    lambda a: tuple(a.tolist()) if a.ndim else a,
    lambda a: list(a) if a.ndim else a,
    tf.constant,
    tf.Variable,
    lambda a: keras.Variable(np.nan_to_num(a)) if a.dtype.name == "float32" and a.size else a,
    _masked(False),
    _masked(True),
    _read_only,
    np.asfortranarray,
    lambda a: a[::-1] if a.ndim else a,
    lambda a: iter(a) if a.ndim else a,
    lambda a: {"images": a},
    lambda a: _Refusing(),
    lambda a: keras.KerasTensor(a.shape, "float32"),
    lambda a: a.astype("O"),
)


@st.composite
def arrays(draw, base):
    """An array that differs from a good one by no, one or two odd things, in an array or something like one."""
    array = np.array(base)
    for change in draw(st.lists(st.sampled_from(CHANGES), max_size=2)):
        array = _tried(change, array)
    return _tried(draw(st.sampled_from(CONTAINERS)), array)


def _tried(change, array):
    try:
        return change(array)
    except Exception:  # NumPy or TensorFlow has no such array
        return array


def anything(base):
    """An odd array, or seldom an object that is none."""
    return st.integers(0, 9).flatmap(lambda ninth: st.one_of(objects(), numbers()) if ninth == 9 else arrays(base))
