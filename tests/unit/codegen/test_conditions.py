import pytest

from edge_nas.codegen.conditions import code_for, text_for
from edge_nas.codegen.program import InstructionSet

TEXT = """a
#if EDGE_MVE
helium
#elif EDGE_DSP
dsp
#if SOMETHING
inner
#else
other
#endif
#elif EDGE_THUMB
thumb
#else
portable
#endif
#ifndef EDGE_HAS
b
#endif
"""


@pytest.mark.parametrize(
    ("instructions", "seen"),
    [
        ("helium", ["helium"]),
        ("dsp", ["dsp", "#if SOMETHING", "inner", "#else", "other", "#endif"]),
        ("thumb", ["thumb"]),
        (None, ["portable"]),
    ],
)
def test_what_is_for_other_instruction_sets_is_left_out(instructions: InstructionSet | None, seen: list[str]) -> None:
    expected = ["a", *seen, "#ifndef EDGE_HAS", "b", "#endif"]
    assert text_for(TEXT, instructions).split("\n")[:-1] == expected


def test_code_is_the_same_however_it_is_explained_and_wrapped() -> None:
    text = "@note To the reader.@\n/* Of\n   a sum. */\n#if EDGE_DSP\nint a = 1;  /* dsp */\n#else\nint a;\n#endif\n"
    assert code_for(text, "dsp") == code_for("int a\n    = 1;\n", "dsp") == "int a = 1;"
    assert code_for(text, None) == "int a;"
    # The place of a source is code: what it is filled with differs.
    assert code_for("x = @shift@; @shift@", None) == "x = @shift@; @shift@"
