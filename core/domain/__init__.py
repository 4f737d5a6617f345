"""Frozen values and pure functions of cutting; standard library only."""
