"""The assembly of the fast kernels assembles for every number of channels, pairs and bytes that they are made for.

Numbers become constants of instructions, of which each holds some and not others: 8 * 302 fits where 8 * 301 does not.
Here the text of the assembly goes to the assembler without the C around it, some thousand functions a second. Of large
numbers every seventh is looked at; all of them are with EDGE_NAS_ASSEMBLY=all, which `make assembly` sets.
"""

import ast
import os
import re
import subprocess
from itertools import product

import pytest

from edge_nas.codegen.kernels.depthwise3 import helium_shifts
from edge_nas.codegen.kernels.pointwise_variant import Variant
from edge_nas.codegen.layouts import pair_stride
from edge_nas.codegen.program import MOST_CHANNELS, Kernel, Layout
from edge_nas.codegen.scaling import MOST_SHIFT
from edge_nas.codegen.sources import filled, resource
from edge_nas.emulation import find_core
from edge_nas.emulation.tools import ARM_GCC, require

CORES = {"dsp": "cortex-m4", "helium": "cortex-m55"}
STATEMENT = re.compile(r"__asm__ volatile\((.*?)\);", re.DOTALL)
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"')
MOST_PAIRS = MOST_CHANNELS // 2
WHOLE = os.environ.get("EDGE_NAS_ASSEMBLY") == "all"
SMALL, STEP = 64, 7
PAIRS_OF_EVERY_FILE = (1, 2, 3, 4, 5, 6, 7, 8, 9, 100)
SHIFTS = (1, 16, 17, MOST_SHIFT)


@pytest.mark.mcu
@pytest.mark.parametrize("instructions", ["dsp", "helium"])
@pytest.mark.parametrize("target", ["planar", "flat", "pairs"])
def test_pointwise_assembles_for_every_number_of_input_channels(instructions, target, tmp_path):
    for rounding, storage in product(("relu", "linear"), ("words", "bytes", "lanes")):
        if (rounding, storage) == ("linear", "bytes"):
            continue  # no kernel has both
        kernels = [
            pointwise(pairs, Layout(target, width, 8), rounding, storage)
            for width in (8, 7)
            for pairs in looked_at(range(1 if storage == "words" else 5, MOST_PAIRS + 1))
        ]
        assemble(instructions, "pointwise.c", kernels, tmp_path)


@pytest.mark.mcu
@pytest.mark.parametrize("instructions", ["dsp", "helium"])
@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_pointwise_assembles_for_every_number_of_output_channels(instructions, optimize, tmp_path):
    layouts = [Layout("pairs", 8, channels) for channels in looked_at(range(2, MOST_CHANNELS + 1, 2))]
    kernels = [pointwise(pairs, layout, optimize=optimize) for pairs in PAIRS_OF_EVERY_FILE for layout in layouts]
    flat = [pointwise(pairs, Layout("flat", 8, 8), optimize=optimize) for pairs in PAIRS_OF_EVERY_FILE]
    assemble(instructions, "pointwise.c", kernels + flat, tmp_path)


@pytest.mark.mcu
@pytest.mark.parametrize("instructions", ["dsp", "helium"])
def test_pointwise_assembles_for_every_shift(instructions, tmp_path):
    shifts = range(1, MOST_SHIFT + 1)
    kernels = [
        pointwise(pairs, Layout(target, 8, 8), shift=shift, storage=storage)
        for shift, target, (pairs, storage) in product(
            shifts, ("flat", "planar"), ((2, "words"), (20, "words"), (20, "bytes"), (20, "lanes"))
        )
    ]
    assemble(instructions, "pointwise.c", kernels, tmp_path)


@pytest.mark.mcu
@pytest.mark.parametrize("instructions", ["dsp", "helium"])
@pytest.mark.parametrize("file", ["depthwise3_row.c", "depthwise3_up2_row.c"])
@pytest.mark.parametrize("optimize", ["speed", "size"])
def test_depthwise_assembles_for_every_number_of_channels(instructions, file, optimize, tmp_path):
    channels = looked_at(range(2, MOST_CHANNELS + 1, 2))
    layouts = [Layout("planar", 8, 8), *(Layout("pairs", 8, count) for count in channels)]
    kernels = []
    for stride, shift, layout in product((1, 2), SHIFTS, layouts):
        distance = pair_stride(layout, optimize)
        parameters = {"target": layout.kind, "shift": str(shift), "stride": f"s{stride}", **distance.parameters}
        kernels.append(
            Kernel(
                "depthwise3", parameters, {**distance.places, **helium_shifts(shift), "advance": "2", "code": "uint8_t"}
            )
        )
    assemble(instructions, file, kernels, tmp_path)


@pytest.mark.mcu
def test_dense_assembles_for_every_distance_between_pixels(tmp_path):
    """With Helium the distance is no constant, and the assembly has none at all."""
    kernels = [
        Kernel("dense", {"target": "flat", "rounding": "relu", "shift": "1", "distance": str(distance)}, {})
        for distance in range(2, 4096, 2)
    ]
    code = {"window": "in place"}
    assemble("dsp", "dense.c", [Kernel("dense", kernel.parameters, code) for kernel in kernels], tmp_path)


@pytest.mark.mcu
def test_a_constant_that_no_instruction_holds_is_found(tmp_path):
    with pytest.raises(AssertionError, match="invalid constant"):
        assembled("dsp", "add r0, r0, r0\n rsb r4, r4, #8 * 301\n", tmp_path)


@pytest.mark.parametrize(("pairs", "words"), [(1, 1), (2, 2), (3, 3), (4, 4)])
def test_few_weights_are_loaded_as_far_as_the_table_goes(pairs, words):
    """The last table may end with the flash: nothing is read behind it."""
    text = statement("dsp", "pointwise.c", pointwise(pairs, Layout("planar", 8, 8)))
    (registers,) = re.findall(r"(?:ldmia r1, \{(.*?)\}|ldrd (.*), \[r1\]|ldr (.*), \[r1\])", text)
    first, _, last = "".join(registers).partition("-")
    listed = len(first.split(", ")) if not last else int(last[1:]) - int(first[1:]) + 1
    assert listed == words


def looked_at(numbers):
    """Returns the small numbers, every seventh of the others, and the largest; all of them where that is asked for."""
    small = [number for number in numbers if number <= SMALL]
    return list(numbers) if WHOLE else [*small, *numbers[len(small) :: STEP], numbers[-1]]


def pointwise(pairs, layout, rounding="relu", storage="words", *, optimize="speed", shift=None):
    few = pairs <= 4
    return Variant(
        layout=layout,
        optimize=optimize,
        rounding=rounding,
        shift=shift or (8 if rounding == "relu" else 0),
        pairs=pairs,
        storage="words" if few else storage,
        full_range=True,
    ).kernel()


def statement(instructions, file, kernel):
    """Returns the assembly of a kernel's one function that is nothing else."""
    declared = dict.fromkeys(("kernel", "short_kernel", "row_kernel"), "static")
    places = {"function": kernel.function, **declared, **kernel.parameters, **kernel.places}
    (body,) = STATEMENT.findall(COMMENT.sub("", filled(resource(f"{instructions}/{file}"), places)))
    return "".join(ast.literal_eval(literal) for literal in LITERAL.findall(body))


def assemble(instructions, file, kernels, folder):
    assert kernels
    texts = dict.fromkeys(statement(instructions, file, kernel) for kernel in kernels)
    assembled(instructions, "\n".join(texts), folder)


def assembled(instructions, text, folder):
    """Has the assembler take a text, and shows what it says where it does not."""
    source = folder / "kernels.s"
    source.write_text(f".syntax unified\n.thumb\n{text}\n", encoding="utf-8")
    command = [
        str(require(ARM_GCC)),
        "-c",
        *find_core(CORES[instructions]).flags,
        "-o",
        str(folder / "kernels.o"),
        str(source),
    ]
    finished = subprocess.run(command, capture_output=True, text=True, check=False)
    assert finished.returncode == 0, finished.stderr[:2000]
