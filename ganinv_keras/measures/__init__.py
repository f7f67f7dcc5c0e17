"""Measures: how good a reconstruction is, what images look like to a network or a hash, what can happen to them."""
