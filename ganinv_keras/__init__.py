"""Invert the generator of a GAN: the module behind the notebooks of this course.

Two plain Keras models, `generator: z → x` and `encoder: x → z`, are all that an inverter needs. Images are float32
in [0, 1], NHWC, everywhere.
"""
