"""Tests of the client, which does not import Home Assistant."""
