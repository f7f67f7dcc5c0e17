"""Inverters: an image in, an `Inversion` out."""

from ganinv_keras.inversion.encoder import EncoderInverter, HybridInverter
from ganinv_keras.inversion.latent_optimizer import LatentOptimizer
from ganinv_keras.inversion.levenberg_marquardt import LevenbergMarquardt
from ganinv_keras.inversion.optimizers import default_optimizer
from ganinv_keras.inversion.record import Inversion

__all__ = [
    "EncoderInverter",
    "HybridInverter",
    "Inversion",
    "LatentOptimizer",
    "LevenbergMarquardt",
    "default_optimizer",
]
