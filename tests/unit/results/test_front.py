"""front.json and its schema."""

import json
from importlib import resources

from edge_nas.results.front import Front, FrontNetwork, schema_text


def test_the_shipped_schema_is_that_of_the_type() -> None:
    shipped = resources.files("edge_nas.results").joinpath("front.schema.json").read_text()
    assert shipped == schema_text(), "run: python -m edge_nas.results.front > edge_nas/results/front.schema.json"
    network = json.loads(shipped)["$defs"]["FrontNetwork"]
    assert network["required"] == ["id", "board", "score", "instructions", "flash_bytes", "ram_bytes", "model"]


def test_a_front_reads_back() -> None:
    network = FrontNetwork(
        id=1, board="nrf52840", score=0.9, instructions=10, flash_bytes=20, ram_bytes=30, model="search/m.tflite"
    )
    front = Front(networks=(network,))
    assert Front.from_data(json.loads(json.dumps(front.to_data()))) == front
