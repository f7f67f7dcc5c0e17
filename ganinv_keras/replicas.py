"""Trainings on several devices or machines at once, by `tf.distribute`: what a step and its files then do differently.

A model built in the scope of a strategy has a copy, a replica, on each of its devices. All take a step together, each
on its part of the batch, and their gradients are summed. Without a strategy nothing here changes anything.
"""

import tensorflow as tf
from keras import ops


def count():
    """Return how many replicas take a step together."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def own_rows(draw, n):
    """Return what a replica sees of random rows: n of those that are drawn for all replicas at once.

    All replicas draw from equal seeds, and each would draw the same. So each draws for all, and takes its own part: the
    replicas together see what one with the whole batch would.

    Args:
        draw: a function from a number of rows to a tensor with so many.
        n: how many rows this replica needs, as many as each other.
    """
    if count() == 1:
        return draw(n)
    first = tf.distribute.get_replica_context().replica_id_in_sync_group * n
    return draw(n * count())[first : first + n]


def share_of(loss):
    """Return a replica's share of the mean loss of the whole batch: optimisers add up the replicas' gradients."""
    return loss / count() if count() > 1 else loss


def logs(trackers):
    """Return the results of metrics by name, for a `train_step` to return.

    Over several machines Keras joins the replicas' logs along their first axis, so they need one.
    """
    several = isinstance(tf.distribute.get_strategy(), tf.distribute.MultiWorkerMirroredStrategy)
    return {tracker.name: ops.reshape(tracker.result(), (1,)) if several else tracker.result() for tracker in trackers}


def writes_files():
    """Say whether this process is the one that writes what all of them know: the first worker, or the only process."""
    resolver = tf.distribute.get_strategy().cluster_resolver
    return resolver is None or not resolver.task_type or (resolver.task_type in ("chief", "worker")
                                                          and resolver.task_id == 0)  # fmt: skip
