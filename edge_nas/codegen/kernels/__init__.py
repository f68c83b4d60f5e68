"""The kernels: C sources, and beside them a Python file for each fast one, with its demands and its fields.

`NAME.c` is portable C; `dsp/NAME.c` and `helium/NAME.c`, where they exist, take its place on cores with those
instructions. How a source is written and put together: `edge_nas.codegen.sources`.
"""
