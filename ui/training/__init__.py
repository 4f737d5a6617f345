"""Teaching 8-cut a sound: what to learn from, what came of it, and what was marked as not the sound."""
