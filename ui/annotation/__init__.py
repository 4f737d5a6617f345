"""Labelling: projects, the window in which one item is judged, agreement, rounds, and doubtful labels."""
