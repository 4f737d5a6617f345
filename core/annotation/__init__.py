"""Labelling: who judges what and when, and what is learned from it."""
