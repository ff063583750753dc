"""Piggy's own portal page, in Chromium."""
