"""Benchmarks: figures side by side in one run, ratios first. Run all with ``python -m benchmarks``."""
