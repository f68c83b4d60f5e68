"""From an int8 .tflite to C99 for microcontrollers: no interpreter, no malloc, one static arena, byte-exact.

Compile a file and write the result:

    compiled = compile_tflite(Path("model.tflite"))
    write_compiled(compiled, Path("firmware"))
"""

from edge_nas.codegen.compile import compile_tflite, write_compiled
from edge_nas.results.compile import CompiledModel

__all__ = ["CompiledModel", "compile_tflite", "write_compiled"]
