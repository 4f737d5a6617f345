"""Embedding models: a literal table of families, their weights, and the encoder that runs them over a stream of audio.

Importing the package loads neither torch nor any family; `core.models.registry` resolves a family when it is asked for.
"""
