"""Features of thousands of videos: extractors, the decoding they share, and what runs them.

Knows neither the history nor the window: it gets values and gives values.
"""
