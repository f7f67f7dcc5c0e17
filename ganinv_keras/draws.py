"""Random numbers that belong to a row of z, whichever batch it is computed in."""

import keras
import tensorflow as tf
from keras import ops

PHILOX = 1  # TensorFlow's number for it


class RowSeeds(keras.random.SeedGenerator):
    """A seed generator that also knows the place of its batch among all rows of a call: the number of the first row."""

    def __init__(self):
        super().__init__(0)
        self.first_row = keras.Variable(0, dtype="int64", trainable=False)

    def begin(self, seed, first_row):
        """Set out with `seed` for a batch whose first row is number `first_row`."""
        self.state.assign([seed, 1])  # with [seed, 0] priors draw the starts
        self.first_row.assign(first_row)


def uniform(z, seed):
    """Draw from U(0, 1), without its ends, for every element of z.

    Philox (Salmon et al., 2011) computes its i-th four numbers from a key and i alone. A row reads those of its place
    in the call, so that what is drawn for it depends on seed, step and place, not on its batch.

    Args:
        z: latents, `(n, d)`.
        seed: `RowSeeds`, or a `keras.random.SeedGenerator` for rows from 0.

    Returns:
        A float32 tensor of the shape of z.
    """
    n, d = ops.shape(z)
    fours = -(-d // 4)
    key_of = tf.cast(seed.next() % (2**31 - 1), "int32")  # XLA takes no other integers
    key, counter = tf.raw_ops.StatelessRandomGetKeyCounter(seed=key_of)
    counter += tf.cast(tf.stack([getattr(seed, "first_row", 0) * fours, 0]), "uint64")
    numbers = tf.raw_ops.StatelessRandomUniformV2(shape=(n, 4 * fours), key=key, counter=counter, alg=PHILOX)
    return numbers[:, :d] + 2.0**-24  # they are multiples of 2⁻²³
