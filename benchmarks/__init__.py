"""Measurements, as ratios of things timed side by side; `make bench` runs them all."""
