"""Made-up sounds and scenes: what the demo plays, and what the benchmarks fall back on without recordings."""
