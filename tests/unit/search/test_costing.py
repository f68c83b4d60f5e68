"""Costs of candidates, beside those of the networks that they are."""

from edge_nas.costs import predict_cost
from edge_nas.graph.groups import channel_graph
from edge_nas.graph.sketching import sketch_of
from edge_nas.search.costing import predicted_on
from edge_nas.search.space import FAMILIES, Signature

SPECTROGRAM = Signature(input_shape=(49, 10, 1), outputs=12)


def test_a_candidate_costs_what_its_network_costs() -> None:
    family = FAMILIES.get("ds_cnn")
    candidate = family.smallest(SPECTROGRAM)
    network = family.network(candidate)
    expected = predict_cost(sketch_of(network, channel_graph(network), {}), "cortex-m4")
    cost = predicted_on("cortex-m4")(candidate)
    assert (cost.instructions, cost.flash_bytes, cost.ram_bytes) == (
        expected.instructions,
        expected.flash_bytes,
        expected.ram_bytes,
    )
    assert cost.instructions > network.count_params()


def test_a_wider_network_costs_more() -> None:
    family, cost_of = FAMILIES.get("ds_cnn"), predicted_on("cortex-m4")
    narrow = family.smallest(SPECTROGRAM)
    wide = next(other for other in family.neighbours(narrow) if other.values["width"] == 64)
    assert cost_of(wide).instructions > 2 * cost_of(narrow).instructions
    assert cost_of(wide).flash_bytes > cost_of(narrow).flash_bytes
