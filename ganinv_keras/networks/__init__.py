"""Networks: priors and paths of z, the layers of the papers, and one file of builders for each paper."""

from ganinv_keras.networks.creswell import creswell_discriminator, creswell_generator
from ganinv_keras.networks.dcgan import dcgan_discriminator, dcgan_generator, initial
from ganinv_keras.networks.donahue import donahue_discriminator, donahue_encoder, donahue_generator
from ganinv_keras.networks.egan import egan_discriminator, egan_generator, egan_pixel_shuffle_generator
from ganinv_keras.networks.luo import luo_bigan_discriminator, luo_discriminator, luo_encoder
from ganinv_keras.networks.style import (
    style_angle_encoder,
    style_discriminator,
    style_embedder,
    style_encoder,
    style_generator,
)

__all__ = [
    "creswell_discriminator",
    "creswell_generator",
    "dcgan_discriminator",
    "dcgan_generator",
    "donahue_discriminator",
    "donahue_encoder",
    "donahue_generator",
    "egan_discriminator",
    "egan_generator",
    "egan_pixel_shuffle_generator",
    "initial",
    "luo_bigan_discriminator",
    "luo_discriminator",
    "luo_encoder",
    "style_angle_encoder",
    "style_discriminator",
    "style_embedder",
    "style_encoder",
    "style_generator",
]
