"""Constants and structs as C, and names that cannot leave their comment."""

from edge_nas.codegen.descriptors import constant, plain, tables_of
from edge_nas.codegen.program import Table, c_value
from edge_nas.codegen.tables import struct_table, table


def test_a_tensor_s_name_cannot_end_its_comment():
    assert plain("a*/ int x; /*b\nc") == "a__ int x; __b_c"


def test_long_tables_are_wrapped_and_lose_nothing():
    numbers = ",".join(map(str, range(500)))
    lines = constant("numbers", Table("int16_t", 500, numbers, 1000)).split("\n")
    assert max(map(len, lines)) <= 120
    assert "".join(lines[1:]) == f"{numbers}}};"


def test_a_version_of_a_table_takes_its_name():
    helium = table([1, 2], "int8")
    text = constant("weights", table([4, 8], "int16", helium=helium))
    assert text.splitlines() == [
        "#if EDGE_MVE",
        "static const int8_t weights[2] EDGE_ALIGNED(4) = {",
        "1,2};",
        "#else",
        "static const int16_t weights[2] EDGE_ALIGNED(4) = {",
        "4,8};",
        "#endif",
    ]


def test_a_core_with_helium_takes_its_version_before_that_for_dsp():
    text = constant("w", table([1], "int8", dsp=table([2], "int8"), helium=table([3], "int8")))
    assert [line for line in text.splitlines() if line[0] in "#0123456789"] == [
        *("#if EDGE_MVE", "3};", "#elif EDGE_DSP", "2};", "#else", "1};", "#endif")
    ]


def test_structs_are_initialised_by_the_names_of_their_fields():
    assert c_value({"shift": 3, "weights": ((1, 2), (3, 4))}) == "{.shift = 3, .weights = {{1, 2}, {3, 4}}}"
    channels = struct_table("EdgeChannel", [{"bias": 1}, {"bias": -2}], 4)
    assert (channels.initializer, channels.length, channels.size_bytes) == ("{.bias = 1},\n{.bias = -2}", 2, 8)


def test_constants_are_named_after_their_step_and_field():
    numbers = table([1], "int8")
    fields = {"weights": numbers, "pair": {"a": numbers, "count": 3}}
    assert [name for name, _ in tables_of(fields, "edge_step_4")] == ["edge_step_4_weights", "edge_step_4_pair_a"]
