"""The last finished step is read back as it was written, and nothing that is not whole."""

import json

import numpy as np
import pytest
import tf_keras

from edge_nas.core import atomic
from edge_nas.pruning.checkpoint import RECORD, Checkpoint, Reached
from edge_nas.pruning.gate import Gate
from edge_nas.results.train import EpochRecord

L = tf_keras.layers


@pytest.fixture(scope="module")
def network(randomized):
    inputs = L.Input((4, 4, 3))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(inputs)))


@pytest.fixture
def reached(network, sample_outputs):
    history = (EpochRecord(epoch=1, learning_rate=1e-3, values={"loss": 0.1}),)
    return Reached(2, network, sample_outputs.prune.plan, history, Gate(1e-7, 1e-5))


def test_a_step_is_read_back(reached, tmp_path) -> None:
    checkpoint = Checkpoint(tmp_path, pytest.fail)
    assert checkpoint.load() is None
    checkpoint.save(reached._replace(steps=1))
    checkpoint.save(reached)
    assert {path.name for path in tmp_path.iterdir()} == {RECORD, "step_2.npz"}
    found = checkpoint.load()
    assert found._replace(network=None) == reached._replace(network=None)
    for one, other in zip(found.network.get_weights(), reached.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_killed_before_the_record_is_written_the_step_before_stays(reached, tmp_path, monkeypatch) -> None:
    checkpoint = Checkpoint(tmp_path, pytest.fail)
    checkpoint.save(reached._replace(steps=1))

    def killed(path, data):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(reached)
    assert checkpoint.load().steps == 1


@pytest.mark.parametrize("damage", ["flipped", "missing", "no json", "another version"])
def test_a_damaged_step_is_not_used(reached, tmp_path, damage) -> None:
    warnings = []
    checkpoint = Checkpoint(tmp_path, warnings.append)
    checkpoint.save(reached)
    network, record = tmp_path / "step_2.npz", tmp_path / RECORD
    if damage == "flipped":
        data = bytearray(network.read_bytes())
        data[len(data) // 2] ^= 1
        network.write_bytes(data)
    elif damage == "missing":
        network.unlink()
    elif damage == "no json":
        record.write_text("{")
    else:
        record.write_text(json.dumps(json.loads(record.read_text()) | {"speed": 3}))
    assert checkpoint.load() is None
    (warning,) = warnings
    assert warning.startswith(str(record))
    assert warning.endswith("pruning starts again from its first step")
