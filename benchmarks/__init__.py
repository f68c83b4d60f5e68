"""Figures on real images, one script each: `python -m benchmarks.NAME --help`, run from the repository's root."""
