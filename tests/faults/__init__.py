"""Every fault of Piggy, at every moment."""
