"""Everything that can go wrong with Piggy, at every moment that it can."""
