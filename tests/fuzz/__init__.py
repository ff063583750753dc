"""Random answers, read by all code that reads an answer."""
