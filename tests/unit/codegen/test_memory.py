"""The arena: what is alive together never overlaps, and no plan is above the interpreter's."""

from hypothesis import given
from hypothesis import strategies as st
from int8graphs import random_graph

from edge_nas.codegen.memory import Need, interpreter_arena_bytes, interpreter_plan_bytes, plan_arena, plan_in_order
from edge_nas.int8.reader import read_tflite

spans = st.tuples(st.integers(1, 200), st.integers(0, 8), st.integers(0, 4))
needs_lists = st.lists(spans, max_size=12).map(
    lambda found: [Need(key, size, first, first + length) for key, (size, first, length) in enumerate(found)]
)


@given(needs_lists)
def test_needs_that_meet_never_overlap(needs):
    plan = plan_arena(needs)
    for need in needs:
        start = plan.offsets[need.key]
        assert start % 4 == 0
        assert start + need.size_bytes <= plan.size_bytes
        for other in needs:
            if other.key != need.key and need.meets(other):
                begin = plan.offsets[other.key]
                assert start + need.size_bytes <= begin or begin + other.size_bytes <= start


@given(needs_lists)
def test_the_arena_is_between_the_live_bytes_and_the_interpreter_s_greedy_plan(needs):
    largest_first = sorted(needs, key=lambda need: (-need.size_bytes, need.first))
    live = [sum(need.size_bytes for need in needs if need.first <= at <= need.last) for at in range(13)]
    assert max(live) <= plan_arena(needs).size_bytes <= plan_in_order(largest_first, 4).size_bytes


def test_memory_of_the_dead_is_used_again():
    needs = [Need(0, 100, 0, 1), Need(1, 40, 1, 2), Need(2, 100, 2, 3)]
    assert plan_arena(needs).size_bytes == 140


def test_the_interpreter_s_arena_of_a_chain_is_its_largest_pair():
    graph = read_tflite(random_graph(3, ("RELU",), single=True).data, "chain")
    tensor = graph.tensors[graph.inputs[0]]
    assert interpreter_plan_bytes(graph) == 2 * -(-tensor.size_bytes // 16) * 16


def test_the_interpreter_keeps_its_structures_beside_the_tensors():
    graph = read_tflite(random_graph(3, ("RELU",), single=True).data, "chain")
    structures = 512 + 12 * len(graph.tensors) + 80 * len(graph.operators)
    assert interpreter_arena_bytes(graph) == interpreter_plan_bytes(graph) + structures
