"""Costs of candidates, beside those of the networks that they are."""

import subprocess
import sys

from edge_nas.search.costing import predicted_on
from edge_nas.search.space import FAMILIES, Candidate, Family, Signature

FAST_U = FAMILIES.get("fast_u")
SIGNATURE = Signature(input_shape=(16, 16, 3), outputs=1)


def _smallest_with(name: str, value: int | str, candidate: Candidate) -> Candidate:
    return next(other for other in FAST_U.neighbours(candidate) if other.values[name] == value)


WITH_SKIPS = _smallest_with("skip", "add", FAST_U.smallest(SIGNATURE))


def test_a_family_without_blocks_costs_what_its_network_is_sketched_as() -> None:
    from_blocks, from_keras = FAST_U.sketch(WITH_SKIPS, "qat"), Family.sketch(FAST_U, WITH_SKIPS, "qat")
    assert [each.kind for each in from_blocks.operators] == [each.kind for each in from_keras.operators]
    assert [each.shape for each in from_blocks.tensors] == [each.shape for each in from_keras.tensors]


def test_a_wider_network_costs_more() -> None:
    cost_of = predicted_on("cortex-m4", "qat")
    wide = _smallest_with("width_2", 64, WITH_SKIPS)
    assert cost_of(wide).instructions > 1.1 * cost_of(WITH_SKIPS).instructions
    assert cost_of(wide).flash_bytes > cost_of(WITH_SKIPS).flash_bytes
    assert cost_of(wide).ram_bytes >= cost_of(WITH_SKIPS).ram_bytes


def test_costing_imports_no_tensorflow() -> None:
    script = f"""
import sys
from edge_nas.search import Candidate
from edge_nas.search.costing import predicted_on
candidate = Candidate.model_validate_json('''{WITH_SKIPS.model_dump_json()}''')
assert predicted_on("cortex-m4", "qat")(candidate).instructions > 0
assert not {{"tensorflow", "tf_keras", "keras"}} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", script], check=True)
