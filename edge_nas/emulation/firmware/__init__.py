"""C and linker sources of the programs that measure generated code: data, read with `importlib.resources`."""
