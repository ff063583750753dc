"""Mutation testing: lists the small code changes that no test detects."""
