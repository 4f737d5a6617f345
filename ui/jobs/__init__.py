"""Long work beside the window: the only package with threads."""
