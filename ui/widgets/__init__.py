"""Small widgets that know nothing of cutting."""
