"""A shop's day: what Piggy booked and what Home Assistant reported, compared."""
