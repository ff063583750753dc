"""Starts a real Home Assistant with the integration, and drives it as a user does.

The demo, the end-to-end tests and the benchmarks use it.
"""
