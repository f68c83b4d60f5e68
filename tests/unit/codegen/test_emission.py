"""Templates, windows as C, and names that cannot leave their comment."""

from edge_nas.codegen.emission import _constant, _needed, _plain, _Template, _text, _wrapped
from edge_nas.codegen.program import WHOLE, RowWindow, Table


def test_conditions_keep_and_drop_lines_and_nest():
    text = _Template("a\n@if x 1@\nb @x@\n@if y 2@\nc\n@end@\n@else@\nd\n@end@\ne")
    assert text.substitute(x=1, y=2) == "a\nb 1\nc\ne"
    assert text.substitute(x=1, y=3) == "a\nb 1\ne"
    assert text.substitute(x=2, y=2) == "a\nd\ne"


def test_windows_as_c_count_what_python_counts():
    for window in (
        RowWindow(),
        RowWindow(1, 1, -1, 3),
        RowWindow(2, 1, 0, 3),
        RowWindow(3, 1, -2, 5),
        RowWindow(1, 2, -1, 2),
        RowWindow(1, 3, 0, 1),
        WHOLE,
    ):
        for rows in (1, 4, 9):
            for run in range(12):
                text = _needed(window, "n", rows).replace("/", "//")
                assert eval(text, {"n": run, "edge_min": min}) == window.needed(run + 1, rows)


def test_a_tensor_s_name_cannot_end_its_comment():
    assert _plain("a*/ int x; /*b\nc") == "a__ int x; __b_c"


def test_long_tables_are_wrapped_and_lose_nothing():
    numbers = ",".join(map(str, range(500)))
    lines = _wrapped(numbers).split("\n")
    assert max(map(len, lines)) <= 120
    assert "".join(lines) == numbers


def test_a_table_for_helium_takes_the_name_of_the_other():
    helium = Table("weights", "int8_t", 2, "1,2", 2)
    text = _constant(Table("weights", "int16_t", 2, "4,8", 4, helium))
    assert text.splitlines() == [
        "#if EDGE_MVE",
        "static const int8_t weights[2] EDGE_ALIGNED(4) = {",
        "1,2};",
        "#else",
        "static const int16_t weights[2] EDGE_ALIGNED(4) = {",
        "4,8};",
        "#endif",
    ]


def test_a_kernel_includes_the_text_of_another_file():
    text = _text("depthwise3.c")
    assert "@include" not in text
    assert text.index("#if EDGE_MVE") < text.index("dlstp.32") < text.index("#elif EDGE_DSP")
