"""The player: what it promises, libmpv behind it, and the surface that shows the picture."""
