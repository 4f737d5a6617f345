"""One verb per function: what 8-cut can do, each returning what it changed."""
