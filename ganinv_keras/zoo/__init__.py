"""The zoo: recipes, the trained weights that ship under their names, and the command that trains them."""

from ganinv_keras.zoo import pretrained

__all__ = ["pretrained"]
