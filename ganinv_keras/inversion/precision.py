"""Copies of a generator that compute in another precision."""

import keras


def computing_in(policy, generator):
    """Return the generator itself if all of it computes by a dtype policy, else a copy that does.

    In half precision the copy's last layer, if it has no weights, stays in float32: it makes pixels out of logits, and
    near 1 there are but 128 numbers of bfloat16 between 0.5 and 1.

    Args:
        policy: `"float32"` or `"mixed_bfloat16"`.
        generator: a functional or sequential Keras model. Its weights are copied, too.

    Raises:
        NotImplementedError, TypeError, ValueError: if Keras cannot make one of its layers anew.
    """
    if all(layer.dtype_policy.name == policy for layer in _layers(generator)):
        return generator
    last = generator.layers[-1]

    def in_policy(layer):
        kept = "float32" if layer is last and not layer.weights else policy
        return type(layer).from_config(layer.get_config() | {"dtype": kept})

    copy = keras.models.clone_model(generator, recursive=True, clone_function=in_policy)
    copy.set_weights(generator.get_weights())
    return copy


def _layers(model):
    """Return the layers of a model, those of models in it included."""
    return [inner for layer in model.layers for inner in (_layers(layer) if hasattr(layer, "layers") else [layer])]
