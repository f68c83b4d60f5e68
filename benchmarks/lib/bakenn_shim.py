"""bakenn's C under the names of ours, so that the program that runs and counts ours runs and counts it."""

import re
import shutil
from pathlib import Path

_SIZE = re.compile(r"#define BKNN_NET_(INPUT_BYTES|OUTPUT_BYTES|ARENA_SIZE) (\d+)u")

_HEADER = """#ifndef EDGE_MODEL_H
#define EDGE_MODEL_H
#include <stdint.h>
#define EDGE_MODEL_INPUT_BYTES {INPUT_BYTES}
#define EDGE_MODEL_OUTPUT_BYTES {OUTPUT_BYTES}
#define EDGE_MODEL_ARENA_BYTES {arena}
int8_t *edge_model_input(void);
void edge_model_run(void);
const int8_t *edge_model_output(void);
#endif
"""
_SOURCE = """#include "edge_model.h"
#include "bknn_net.h"
static int8_t input[EDGE_MODEL_INPUT_BYTES], output[EDGE_MODEL_OUTPUT_BYTES];
static uint8_t arena[EDGE_MODEL_ARENA_BYTES] __attribute__((aligned(BKNN_NET_ARENA_ALIGNMENT)));
int8_t *edge_model_input(void)
{
    return input;
}
const int8_t *edge_model_output(void)
{
    return output;
}
void edge_model_run(void)
{
    bknn_net_infer(arena, input, output);
}
"""


def flattened(generated: Path, folder: Path) -> Path:
    """Copies all sources and headers of a generated library into one folder and adds ours; returns the folder.

    CMSIS-NN's headers are included by name, so that a flat folder serves. Its own memory functions are switched on as
    bakenn's CMake file does.
    """
    for path in sorted(generated.rglob("*.[ch]")):
        shutil.copy(path, folder / path.name)
    sizes = {name: int(value) for name, value in _SIZE.findall((folder / "bknn_net.h").read_text(encoding="utf-8"))}
    header = _HEADER.format(**sizes, arena=max(1, sizes["ARENA_SIZE"]))
    (folder / "edge_model.h").write_text(header, encoding="utf-8")
    (folder / "edge_model.c").write_text(_SOURCE, encoding="utf-8")
    return folder
