"""What the person can undo: each command holds values and calls one operation forwards, another one backwards."""
