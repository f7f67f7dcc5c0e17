"""What is checked at the door, and the sentence that says what to do about it."""

import contextlib
import difflib
import math
import numbers
import warnings

import keras
import numpy as np

LARGEST_INTEGER = 2**31 - 1  # of a size in TensorFlow
LARGEST_LATENT = 1e6  # no prior draws an element so large, and its square is far from the limits of float32


def check_name(name, known, what):
    """Return `name` if it is one of `known`, or raise a `ValueError` that proposes a known one if one is near."""
    known = list(known)
    if any(isinstance(name, type(one)) and name == one for one in known):
        return name
    known = sorted(map(str, known))
    near = difflib.get_close_matches(str(name), known, n=1)
    proposal = f" Did you mean {near[0]!r}?" if near else ""
    raise ValueError(f"Unknown {what} {name!r}.{proposal} Known: {', '.join(known)}.")


def check_positive_integer(value, what, least=1, most=LARGEST_INTEGER):
    """Return `value` as an `int` if it is a whole number from `least` to `most`, or raise a `ValueError`."""
    whole = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_)) and value == value // 1
    if not whole or not least <= int(value) <= most:
        between = f"≥ {least}" if most == LARGEST_INTEGER else f"from {least} to {most}"
        raise _invalid(what, f"a whole number {between}", repr(value))
    return int(value)


def check_seed(seed):
    """Return `seed` as an `int` if `keras.random` can take it, or raise a `ValueError`."""
    return check_positive_integer(seed, "seed", least=0, most=2**63 - 1)


def check_number(value, what, low=-math.inf, high=math.inf):
    """Return `value` as a `float` if it is a finite number from `low` to `high`, or raise a `ValueError`."""
    real = isinstance(value, numbers.Real) and not isinstance(value, (bool, np.bool_))
    number = math.nan
    with contextlib.suppress(OverflowError):  # of an integer that no float can hold
        number = float(value) if real else math.nan
    if not math.isfinite(number) or not low <= number <= high:
        bounds = {(True, True): "", (False, True): f" ≥ {low:g}", (True, False): f" ≤ {high:g}"}
        between = bounds.get((math.isinf(low), math.isinf(high)), f" from {low:g} to {high:g}")
        raise _invalid(what, f"a finite number{between}", repr(value))
    return number + 0.0  # -0.0 is 0


def check_functions(functions, what):
    """Return a list of functions as a tuple, or raise a `ValueError`."""
    if isinstance(functions, (list, tuple)) and all(map(callable, functions)):
        return tuple(functions)
    raise _invalid(what, "a list of functions", repr(functions))


def check_model(model, what, inputs=1):
    """Raise a `ValueError` unless `model` maps a batch of any size, or up to `inputs` of them, to another batch."""
    if not isinstance(model, keras.Model):
        raise _invalid(what, "a Keras model", repr(model))
    if not getattr(model, "inputs", None):
        raise ValueError(f"The {what} must say what it takes, but {model!r} is subclassed, or sequential without an "
                         f"input. Wrap it: z = keras.Input(shape); {what} = keras.Model(z, model(z)).")  # fmt: skip
    if len(model.inputs) > inputs:
        names = ", ".join(tensor.name for tensor in model.inputs)
        allowed = "one input" if inputs == 1 else "z and at most a label as inputs"
        raise ValueError(f"The {what} must have {allowed}, got {len(model.inputs)}: {names}. "
                         "Wrap it in a model that fixes the others.")  # fmt: skip
    if len(model.outputs) != 1 or isinstance(getattr(model, "output", None), dict):  # sequential models have none
        raise ValueError(f"The {what} must have one output, a tensor, got {len(model.outputs)} in a list or "
                         f"dictionary. Choose one: keras.Model({what}.inputs[0], {what}.outputs[0]).")  # fmt: skip
    if (size := model.inputs[0].shape[0]) is not None:
        raise ValueError(f"The {what} must take batches of any size, but its input says {size}. Build "
                         "it again with keras.Input(shape) in place of a batch_shape or batch_size.")  # fmt: skip


def check_prior(prior, generator, inputs=1):
    """Raise a `ValueError` unless `generator` has up to `inputs` inputs, and takes what `prior` draws as the first."""
    check_model(generator, "generator", inputs)
    if isinstance(prior, type) or not hasattr(prior, "dim") or not hasattr(prior, "sample"):
        raise _invalid("prior", "an object that draws z, such as Uniform(100) or Normal(100)", repr(prior))
    if (taken := tuple(generator.inputs[0].shape)) != (None, prior.dim):
        raise ValueError(f"{prior} draws latents of dimension {prior.dim}, but the generator takes {taken[1:]}.")


def check_image_model(generator):
    """Raise a `ValueError` unless the output of `generator` is images of a known size."""
    if len(generator.output_shape) != 4 or None in generator.output_shape[1:]:
        raise ValueError("The generator must make images (height, width, channels), got an output of shape "
                         f"{generator.output_shape[1:]}. Put a keras.layers.Reshape behind it.")  # fmt: skip


def check_encoder(encoder, generator, seen_shape=None):
    """Raise a `ValueError` unless `encoder` maps what `generator` makes, or what is seen of that, to its z."""
    check_model(encoder, "encoder")
    z_shape, seen = tuple(generator.inputs[0].shape), f", of which {seen_shape} is seen" if seen_shape else ""
    if encoder.input_shape[1:] != (seen_shape or generator.output_shape[1:]) or encoder.output_shape != z_shape:
        raise ValueError(f"The encoder maps {encoder.input_shape[1:]} to {encoder.output_shape[1:]}, but the "
                         f"generator {z_shape[1:]} to {generator.output_shape[1:]}{seen}.")  # fmt: skip


def check_discriminator(discriminator, generator, shapes, answer, inputs=1):
    """Raise a `ValueError` unless `discriminator` takes what `generator` makes, and answers with `shapes`.

    Args:
        discriminator: a Keras model, whose first input is images.
        generator: a Keras model.
        shapes: shapes of what it must answer, without the batch axis, a list.
        answer: the same in words.
        inputs: how many inputs it must have. Defaults to 1.
    """
    if len(getattr(discriminator, "inputs", None) or ()) != inputs:
        raise _invalid("discriminator", f"a functional Keras model with inputs: {inputs}", repr(discriminator))
    if (taken := tuple(discriminator.inputs[0].shape[1:])) != generator.output_shape[1:]:
        raise ValueError(f"The discriminator takes {taken}, but the generator makes "
                         f"{generator.output_shape[1:]}.")  # fmt: skip
    answered = [tuple(output.shape[1:]) for output in discriminator.outputs]
    if answered != shapes:
        raise ValueError(f"The discriminator must answer {answer}, got {answered}.")


def check_weights(model, what):
    """Raise a `ValueError` if a weight of `model` is NaN or infinite."""
    broken = [weight.path for weight in model.weights if not np.isfinite(weight.numpy()).all()]
    if broken:
        raise ValueError(f"The {what} has NaN or infinity in its weights {_listed(broken)}. Its training diverged, or "
                         "a file is damaged: load other weights.")  # fmt: skip


def check_numbers(values, what):
    """Return `values` as a NumPy array, or raise a `ValueError` unless they are numbers, none of them masked."""
    if np.ma.is_masked(values):
        raise ValueError(f"{what} is a masked array, whose mask would be lost: say what stands there, as in "
                         f"{what}.filled(0)")  # fmt: skip
    with contextlib.suppress(Exception):  # whatever the conversion of a stranger's object may raise
        array = np.asarray(values)
        if "float" in array.dtype.name or array.dtype.kind in "biu":
            return array
    hint = ". Pass its .images" if hasattr(values, "images") else ""
    raise _invalid(what, "an array of numbers", f"{type(values).__name__}{hint}")


def check_latents(z, what, *shapes):
    """Return latents as a float32 array of the first of `shapes`, or raise a `ValueError`.

    Args:
        z: an array of one of the shapes.
        what: its name.
        *shapes: shapes of the same size; the first is named in messages.

    Raises:
        ValueError: if it is no array of numbers, has another shape, or a row holds NaN or a number beyond a million.
    """
    z = check_numbers(z, what)
    if z.shape not in shapes:
        raise ValueError(f"{what} must have the shape {shapes[0]}, got {z.shape}")
    with np.errstate(over="ignore"):  # what is too large for float32 becomes infinity, and is refused
        z = z.astype("float32").reshape(shapes[0])
    bad = ~(np.abs(z) <= LARGEST_LATENT).reshape(len(z), -1).all(axis=1)
    if bad.any():
        raise ValueError(f"{what} must be finite and at most {LARGEST_LATENT:,.0f} in size, but is not in row "
                         f"{_listed(np.flatnonzero(bad))}: look at where it comes from")  # fmt: skip
    return z


def check_images(images, image_shape):
    """Return `images` as a float32 array, or raise a `ValueError` that says how to mend them.

    Args:
        images: array of shape `(n, height, width, channels)` with values in [0, 1].
        image_shape: the `(height, width, channels)` that the model at hand makes or takes.

    Raises:
        ValueError: if it is no array of numbers, the batch is empty, has the wrong rank, size or number of channels,
            is not in [0, 1], is of an integer type, or contains NaN or infinity.
    """
    images = check_numbers(images, "images")
    _check_layout(images.shape, tuple(image_shape))
    if "float" not in images.dtype.name:
        top = int(images.max())
        mend = next((f" / {size}" for size in (1, 255, 65535) if top <= size), " / (their largest value)")
        raise ValueError(f"images must be float32 in [0, 1], got {images.dtype} with a maximum of {top}: "
                         + (f"divide by{mend[2:]}, as in " if top > 1 else "convert them with ")
                         + f'images.astype("float32"){mend if top > 1 else ""}')  # fmt: skip
    with np.errstate(over="ignore"):  # as above
        images = images.astype("float32", copy=False)
    if not np.isfinite(images).all():
        raise ValueError(f"images contain NaN or infinity in {(~np.isfinite(images)).any((1, 2, 3)).sum()} of "
                         f"{len(images)} images: look at how they were loaded")  # fmt: skip
    low, high = images.min(), images.max()
    if low < 0 or high > 1:
        name, value = ("minimum", low) if low < 0 else ("maximum", high)
        if low >= -0.1 and high <= 1.1:
            mend = "if rounding or resizing did it, use np.clip(images, 0, 1)"
        elif low < 0:
            mend = "if they lie in [-1, 1], use (images + 1) / 2; if they were standardised, undo it"
        else:
            mend = "divide by 255" if high <= 255 else "divide by the largest value that a pixel can have"
        raise ValueError(f"images must be float32 in [0, 1], got a {name} of "
                         f"{np.format_float_positional(value, trim='-')}: {mend}")  # fmt: skip
    return images


def warn_of_range(images, stacklevel):
    """Warn if what a generator made lies outside [0, 1], by more than a tenth of its mean size, as after a tanh."""
    images = images[np.isfinite(images)].astype("float32")
    outside = np.abs(images - np.clip(images, 0, 1))
    if outside.size and outside.mean() > 0.1 * np.abs(images).mean():
        warnings.warn(f"The generator must make images in [0, 1], but some that it made range from {images.min():.3g} "
                      f"to {images.max():.3g}. Put a layer behind it that brings them there, such as "
                      "keras.layers.Rescaling(0.5, 0.5) after a tanh.", stacklevel=stacklevel)  # fmt: skip


def _invalid(what, expected, received):
    return ValueError(f"Invalid value received for argument `{what}`. Expected {expected}. Received: {received}")


def _check_layout(shape, image_shape):
    """Raise a `ValueError` unless `shape` is that of a batch of images."""
    height, width, channels = image_shape
    if shape == image_shape:
        raise ValueError(f"images must be a batch (n, height, width, channels), got one image {shape}: "
                         "add the batch axis with images[None]")  # fmt: skip
    if len(shape) != 4:
        hint = ": add the axis of channels with images[..., None]" if shape[1:] == (height, width) else ""
        raise ValueError(f"images must have 4 axes (n, height, width, channels), got shape {shape}{hint}")
    if shape[0] == 0:
        raise ValueError("images is empty: there is nothing to invert")
    if shape[1:] == image_shape:
        return
    if shape[1] in (1, 3, 4, channels) and shape[3] not in (1, 3, 4, channels):
        raise ValueError(f"images must have their channels last, (n, height, width, channels), got shape {shape}: "
                         "move them with np.moveaxis(images, 1, -1)")  # fmt: skip
    if shape[3] != channels:
        raise ValueError(f"images must have {channels} channel(s), got {shape[3]}: "
                         + ("average them with images.mean(-1, keepdims=True)" if channels == 1 else
                            f"repeat them with np.repeat(images, {channels}, axis=-1)" if shape[3] == 1 else
                            f"choose or mix {channels} of them"))  # fmt: skip
    raise ValueError(f"images must be {height}×{width} pixels, got {shape[1]}×{shape[2]}: "
                     f'resize them with tf.image.resize(images, ({height}, {width}), method="area")')  # fmt: skip


def _listed(things):
    """Join at most ten things by commas, and count the others."""
    rest = f" and {len(things) - 10} more" if len(things) > 10 else ""
    return ", ".join(map(str, things[:10])) + rest
