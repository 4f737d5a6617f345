"""Scanning: embeddings of whole recordings, scores to regions, decisions that survive a rescan, versions compared.

Nothing here knows the history or the disk cache; `core.ops.scan` and `core.ops.train` bring them together.
"""
