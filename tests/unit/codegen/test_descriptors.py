"""Constants and structs as C, and names that cannot leave their comment."""

import re

from edge_nas.codegen.compile import plan_network
from edge_nas.codegen.descriptors import constant, constant_bytes, constants, descriptors, own_constant_bytes, plain
from edge_nas.codegen.plan import Plan
from edge_nas.codegen.program import Table, c_value
from edge_nas.codegen.tables import struct_table, table
from edge_nas.int8.interpreter import Int8Interpreter
from edge_nas.int8.sketch import Sketch


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


def _plan(*, twice: bool) -> Plan:
    net = Sketch((8, 8, 8))
    first = net.convolution(net.input, 8, kernel="both")
    second = net.convolution(net.max_pool(first), 8, kernel="both" if twice else None)
    return plan_network(Int8Interpreter(net.graph(second, "two convolutions"))).plan


def test_equal_constants_are_one_named_after_the_first_step_that_has_it() -> None:
    apart, together = _plan(twice=False), _plan(twice=True)
    names = [re.findall(r"(edge_step_\d+_\w+)\[", "\n".join(constants(plan))) for plan in (apart, together)]
    assert len(names[1]) < len(names[0])
    texts = ["\n".join(descriptors(plan)) for plan in (apart, together)]
    weights = next(name for name in names[1] if name.endswith("weights"))
    assert [text.count(f"{weights},") + text.count(f"{weights}}}") for text in texts] == [1, 2]
    # 8 x 8 weights in the kernel's own form and, as they are for both, the factors.
    assert constant_bytes(apart) - constant_bytes(together) >= 64


def test_a_constant_counts_for_the_first_step_that_has_it() -> None:
    plan = _plan(twice=True)
    own = own_constant_bytes(plan)
    assert sum(own) == constant_bytes(plan)
    places = [place for place, step in enumerate(plan.program.steps) if "weights" in step.fields]
    first, second = (own[place] for place in places)
    assert first > second > 0
