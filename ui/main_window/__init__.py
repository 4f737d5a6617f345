"""The main window: a shell of panels, and controllers that turn what the person does into operations."""
