"""Scripts beside the package: `python -m tools.NAME --help`, run from the repository's root."""
