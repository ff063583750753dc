"""Checks whether a Piggy account behaves as the integration assumes."""
