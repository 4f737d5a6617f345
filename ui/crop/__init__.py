"""What a person sees of cropping: the overlay on the video, the crop bar, the deck page, the end-frame view."""
