"""What a training costs, before it is begun: weights, memory, floating-point operations, hours."""

from typing import NamedTuple

import tensorflow as tf

from ganinv_keras.labels import classes_of
from ganinv_keras.zoo import build
from ganinv_keras.zoo.recipes import find

RATE = 10e12  # FLOP/s at which hours are stated unless you know your card: an assumption, not a measurement
VIEWS = {"Identity", "ReadVariableOp", "Reshape", "Squeeze", "ExpandDims", "StopGradient", "PreventGradient"}


class Cost(NamedTuple):
    """What `count` returns.

    Attributes:
        networks: name → Keras model, what is trained and what is frozen. An encoder that D contains is left out.
        flops: floating-point operations of one step of training, a multiplication and an addition counted as two, in
            matrix products and convolutions; of an average step, where R1 is computed in every k-th step only.
        memory: bytes in use at most in a step, an estimate: all variables, and whatever of the step's tensors is
            still needed if they are computed in the order of the graph.
        steps: number of training steps.
        total: floating-point operations of all steps, those of the smaller GAN that it grows out of included.
    """

    networks: dict
    flops: float
    memory: int
    steps: int
    total: float

    def hours(self, rate=RATE):
        """Return how many hours all steps take at `rate` FLOP/s."""
        return self.total / rate / 3600


def count(name, scale="laptop", **changes):
    """Count what training a recipe costs, from the graph of its training step. Nothing is trained.

    Args:
        name: one of `recipes.RECIPES`.
        scale: `"laptop"` or `"paper"`. Defaults to `"laptop"`.
        **changes: settings that differ from the recipe.

    Returns:
        A `Cost`.
    """
    return _count(find(name, scale) | changes, scale)


def _count(settings, scale):
    model, graph = _step(settings, scale)
    flops, every = operations(graph), settings.get("r1_every", 1)
    if every > 1 and settings.get("r1_weight"):
        without = operations(_step(settings | {"r1_weight": 0.0}, scale)[1])
        flops = without + (flops - without) / every
    networks = {
        name: getattr(model, name) for name in ("generator", "discriminator", "encoder") if hasattr(model, name)
    }
    if "discriminator" in networks and networks.get("encoder") and settings["method"] != "BiGAN":
        del networks["encoder"]
    memory = sum(variable.shape.num_elements() * tf.as_dtype(variable.dtype).size for variable in graph.variables)
    steps = settings["epochs"] * settings["steps_per_epoch"]
    before = _count(settings["grown_from"], scale).total if "grown_from" in settings else 0.0
    return Cost(networks, flops, memory + peak(graph), steps, before + steps * flops)


def _step(settings, scale):
    """Return the model of a recipe, and the graph of a training step with R1 in it."""
    if "of" in settings:
        of = find(settings["of"], scale)
        model = build.trainer(settings, (build.network(of["generator"]), build.prior(of["prior"])))
        model.optimizer.build(model.encoder.trainable_variables)
        batch = tf.TensorSpec((settings["batch_size"],), tf.int64)
    else:
        model = build.trainer(settings | ({"r1_every": 1} if "r1_every" in settings else {}))
        batch = tf.TensorSpec((settings["batch_size"], *model.generator.output_shape[1:]), tf.float32)
        if classes := classes_of(model.generator):
            batch = batch, tf.TensorSpec((settings["batch_size"], classes), tf.float32)
    return model, tf.function(model.train_step, autograph=False).get_concrete_function(batch).graph


def _live(graph):
    """Return the operations of a function's graph that something of its result, or of its effects, depends on."""
    waiting = [tensor.op for tensor in graph.outputs] + list(graph.control_outputs)
    live = set(waiting)
    while waiting:
        operation = waiting.pop()
        before = {tensor.op for tensor in operation.inputs} | set(operation.control_inputs)
        waiting += before - live
        live |= before
    return [operation for operation in graph.get_operations() if operation in live]


def operations(graph):
    """Return the floating-point operations of the matrix products and convolutions in a function's graph."""
    return 2 * sum(COUNTED[operation.type](operation) for operation in _live(graph) if operation.type in COUNTED)


def _product(operation):
    rows_and_columns = operation.outputs[0].shape.num_elements()
    return rows_and_columns * operation.inputs[0].shape[0 if operation.get_attr("transpose_a") else 1]


def _convolution(outputs, kernel):
    """Return a count for a convolution: its outputs times the weights that each needs, (k, k, c_in, c_out) in all."""
    return lambda operation: (
        outputs(operation).shape.num_elements() * kernel(operation).shape[:-1].num_elements()
    )  # fmt: skip


COUNTED = {
    "MatMul": _product,
    "Conv2D": _convolution(lambda o: o.outputs[0], lambda o: o.inputs[1]),
    "Conv2DBackpropInput": _convolution(lambda o: o.inputs[2], lambda o: o.inputs[1]),
    "Conv2DBackpropFilter": _convolution(lambda o: o.inputs[2], lambda o: o.outputs[0]),
}  # operation → multiplications; those of depthwise convolutions and of single elements are too few to matter


def peak(graph):
    """Return the bytes of a graph's tensors in use at most, where each is freed after the last that needs it."""
    live, owner, needed_until = _live(graph), {}, {}
    for time, operation in enumerate(live):
        for tensor in operation.inputs:
            needed_until[owner[tensor.ref()]] = time
        for tensor in operation.outputs:
            view = operation.type in VIEWS and operation.inputs
            owner[tensor.ref()] = owner[operation.inputs[0].ref()] if view else tensor.ref()
            needed_until.setdefault(owner[tensor.ref()], time)
    freed = {}
    for reference, time in needed_until.items():
        freed.setdefault(time, []).append(reference)
    in_use = most = 0
    for time, operation in enumerate(live):
        in_use += sum(_bytes(tensor) for tensor in operation.outputs if owner[tensor.ref()] == tensor.ref())
        most = max(most, in_use)
        in_use -= sum(_bytes(reference.deref()) for reference in freed.get(time, ()))
    return most


def _bytes(tensor):
    """Return the bytes of a tensor, 0 for a handle of something else."""
    return tensor.shape.num_elements() * tensor.dtype.size if tensor.shape.is_fully_defined() else 0
