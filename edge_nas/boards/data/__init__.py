"""The boards that come with the package: one YAML file each, read with `importlib.resources`."""
