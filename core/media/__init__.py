"""Reading and writing media files: the only room that starts processes or opens a container."""
