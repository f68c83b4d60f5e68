"""Templates, what kernels want, and versions for instruction sets."""

import re
from importlib import resources

import pytest

from edge_nas.codegen.program import Kernel
from edge_nas.codegen.sources import KernelTexts, filled, kernel_files, with_versions

KERNELS = resources.files("edge_nas.codegen.kernels")


def test_conditions_keep_and_drop_lines_and_nest():
    text = "a\n@if x 1@\nb @x@\n@if y 2@\nc\n@end@\n@else@\nd\n@end@\ne\n"
    assert filled(text, {"x": 1, "y": 2}) == "a\nb 1\nc\ne\n"
    assert filled(text, {"x": 1, "y": 3}) == "a\nb 1\ne\n"
    assert filled(text, {"x": 2, "y": 2}) == "a\nd\ne\n"
    assert filled("@unless x 1@\nb\n@end@\n", {"x": 1}) == ""
    assert filled("@unless x 1@\nb\n@end@\n", {"x": 2}) == "b\n"


def test_the_other_side_of_a_condition_inside_dropped_lines_stays_dropped():
    assert filled("@if x 1@\n@if y 1@\na\n@else@\nb\n@end@\n@end@\n", {"x": 2, "y": 2}) == ""


def test_notes_are_for_who_reads_the_source():
    assert filled("a\n  @note of @if x 1@ and @shift@@\nb\n", {}) == "a\nb\n"


def test_sources_that_are_no_plain_c_say_where_their_language_is_explained():
    for file in KERNELS.iterdir():
        text = file.read_text(encoding="utf-8") if file.name.endswith(".c") else ""
        if "@if " in text:
            assert text.startswith("@note Lines with at signs: codegen/sources.py."), file.name


def test_a_place_without_a_value_is_named():
    with pytest.raises(KeyError, match="shift"):
        filled("usat #@shift@\n", {})


def test_an_included_file_comes_with_its_versions():
    places = {"function": "f", "target": "planar", "stride": "s1", "shift": "3", "copies": "1", "optimize": "size"}
    places |= {"pair_stride_is": "none", "code": "uint8_t", "pair_declared": "", "advance": "2", "stride_pixels": "1"}
    places |= {"shift_in_two": "no", "narrowing_shift": "3"}
    text = filled("@include depthwise3_row.c@\n", places)
    assert "@" not in text
    order = ["#if EDGE_MVE", "dlstp.32", "#elif EDGE_DSP", "smlabb", "#else", "f_code", "#endif"]
    assert [text.index(part) for part in order] == sorted(text.index(part) for part in order)


def test_a_version_can_be_left_out():
    text = with_versions("pointwise.c", "portable\n", {}, frozenset({"dsp", "helium"}))
    assert text == "portable\n"


def test_what_a_kernel_wants_stands_before_it_once():
    texts = KernelTexts()
    first = [*texts.texts_of(Kernel("addition")), *texts.texts_of(Kernel("multiplication"))]
    names = [text.split(".")[0].removeprefix("/* Kernel: ") for text in first]
    assert names == ["edge_pair", "addition", "edge_addition", "multiplication", "edge_multiplication"]
    assert not list(texts.texts_of(Kernel("addition")))


@pytest.mark.parametrize("source", sorted(file.name for file in KERNELS.iterdir() if file.name.endswith(".c")))
def test_kernels_declare_what_they_use(source):
    """Every shared function that a source calls is in a file that it names, or in edge_intrinsics.h."""
    if source == "edge_model.c":
        return
    text = KERNELS.joinpath(source).read_text(encoding="utf-8")
    known = KERNELS.joinpath("edge_intrinsics.h").read_text(encoding="utf-8") + text
    for wanted in re.findall(r'#include "(\S+)"', text):
        known += KERNELS.joinpath(wanted).read_text(encoding="utf-8")
    for name in re.findall(r"\b(edge_\w+)\(", text):
        assert re.search(rf"\b(static|EDGE_\w+)\b[^;(]*\b{name}\(|\({name}, \"", known), f"{source} calls {name}"


@pytest.mark.parametrize("instructions", ["dsp", "helium"])
def test_the_assembler_decides_nothing_that_the_generator_knows(instructions):
    """A reader of edge_model.c finds those branches only that are assembled."""
    for file in KERNELS.joinpath(instructions).iterdir():
        assert '".if' not in file.read_text(encoding="utf-8"), file.name


def test_a_kernel_is_made_of_what_its_source_includes():
    assert set(kernel_files("upsample", None)) == {"upsample.c", "edge_planar.h", "edge_intrinsics.h"}
    dsp = set(kernel_files("depthwise3", "dsp"))
    assert {"depthwise3.c", "dsp/depthwise3_row.c", "dsp/depthwise3_channels.inc"} < dsp
    assert not any(name.startswith("helium/") for name in dsp)
    # Places stand for every file that fits; Helium's version takes the place of that for DSP instructions.
    assert "dsp/pointwise_store_planar.inc" in kernel_files("pointwise", "dsp")
    helium = set(kernel_files("pointwise", "helium"))
    assert "helium/pointwise.c" in helium
    assert "dsp/pointwise.c" not in helium
