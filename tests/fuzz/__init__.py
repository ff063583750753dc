"""Answers that nobody would think of, read by everything that reads an answer."""
