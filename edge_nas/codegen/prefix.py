"""Another name than edge_model for a network's C, so that one firmware can hold several.

write_compiled(with_prefix(compiled, "doorbell"), folder)        # doorbell.c, doorbell.h, doorbell_run(), DOORBELL_...

All that can be seen from outside begins with the prefix: files, functions, macros and the guard of the header. What is
static, the arena and the kernels among it, keeps its names; edge_intrinsics.h is the same for all networks.
"""

import re

from edge_nas.core.hashing import sha256_bytes
from edge_nas.errors import ConfigError
from edge_nas.results.compile import CompiledModel, SourceFile

DEFAULT = "edge_model"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
# Whole words and what begins with them; the include of the header is among them.
_LOWER, _UPPER = re.compile(r"\bedge_model(?=\b|_)"), re.compile(r"\bEDGE_MODEL(?=\b|_)")


def with_prefix(compiled: CompiledModel, prefix: str) -> CompiledModel:
    """Returns the C of a network under another name.

    Raises:
        ConfigError: the prefix is no name for files, functions and, in capitals, macros; or names the shared header.
    """
    if prefix == DEFAULT:
        return compiled
    if not _NAME.fullmatch(prefix) or prefix == "edge" or prefix.startswith("edge_"):
        raise ConfigError(
            f"prefix is {prefix!r}; allowed: a small letter, then up to 39 small letters, digits and underscores, such "
            "as doorbell; what begins with edge_ is taken"
        )
    files = tuple(_renamed(file, prefix) for file in compiled.files)
    return compiled.model_copy(update={"files": files})


def _renamed(file: SourceFile, prefix: str) -> SourceFile:
    name = _LOWER.sub(prefix, file.name)
    text = _UPPER.sub(prefix.upper(), _LOWER.sub(prefix, file.text))
    return SourceFile(name=name, text=text, sha256=sha256_bytes(text.encode()))
