"""Trainings on several devices or machines at once, by `tf.distribute`: what a step and its files then do differently.

A model built in the scope of a strategy has a copy, a replica, on each of its devices. All take a step together, each
on its part of the batch, and their gradients are summed. Without a strategy nothing here changes anything.
`keras.distribution.DataParallel` is no way there: on TensorFlow it runs, and puts everything on one device.
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


def machines():
    """Return how many processes, each on a machine of its own or not, take a step together: 1 but for TF_CONFIG's."""
    resolver = tf.distribute.get_strategy().cluster_resolver
    return len(resolver.cluster_spec().as_dict().get("worker", [0])) if resolver else 1


def is_first():
    """Say whether this process is the one that writes files: the only one, or the first worker."""
    return machines() == 1 or tf.distribute.get_strategy().cluster_resolver.task_id == 0


def logs(trackers):
    """Return the results of metrics by name, for a `train_step` to return.

    Over several machines Keras joins the logs along their first axis, so they need one.
    """
    several = machines() > 1
    return {tracker.name: ops.reshape(tracker.result(), (1,)) if several else tracker.result() for tracker in trackers}


def agree_on(flag, question):
    """Return what all machines say, and wait until they have: True or False.

    Raises:
        ValueError: if they do not agree; the message holds the question.
    """
    if machines() == 1:
        return flag
    strategy = tf.distribute.get_strategy()
    votes = strategy.reduce("SUM", strategy.run(lambda: tf.constant(float(flag))), axis=None)
    if int(votes) not in (0, count()):
        raise ValueError(f"The machines do not agree: {question}")
    return int(votes) > 0
