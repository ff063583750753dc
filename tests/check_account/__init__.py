"""Tests of scripts/check-account."""
