"""Tests of what scripts/bench computes and writes."""
