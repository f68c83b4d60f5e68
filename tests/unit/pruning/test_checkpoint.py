"""The last finished round is read back as it was written, and nothing that is not whole."""

import json

import numpy as np
import pytest
import tf_keras

from edge_nas.core import atomic
from edge_nas.pruning.checkpoint import RECORD, Checkpoint, FinishedRounds
from edge_nas.pruning.gate import Gate
from edge_nas.results.train import EpochRecord

L = tf_keras.layers


@pytest.fixture(scope="module")
def network(randomized):
    inputs = L.Input((4, 4, 3))
    return randomized(tf_keras.Model(inputs, L.Conv2D(1, 1, name="logit")(inputs)))


@pytest.fixture
def finished(network, sample_outputs):
    history = (EpochRecord(epoch=1, learning_rate=1e-3, values={"loss": 0.1}),)
    return FinishedRounds(2, network, sample_outputs.prune.plan, history, Gate(1e-7, 1e-5))


def test_a_round_is_read_back(finished, tmp_path) -> None:
    checkpoint = Checkpoint(tmp_path, pytest.fail)
    assert checkpoint.load() is None
    checkpoint.save(finished._replace(rounds=1))
    checkpoint.save(finished)
    assert {path.name for path in tmp_path.iterdir()} == {RECORD, "round_2.npz"}
    found = checkpoint.load()
    assert found._replace(network=None) == finished._replace(network=None)
    for one, other in zip(found.network.get_weights(), finished.network.get_weights(), strict=True):
        np.testing.assert_array_equal(one, other)


def test_killed_before_the_record_is_written_the_round_before_stays(finished, tmp_path, monkeypatch) -> None:
    checkpoint = Checkpoint(tmp_path, pytest.fail)
    checkpoint.save(finished._replace(rounds=1))

    def killed(path, data):
        raise KeyboardInterrupt

    monkeypatch.setattr(atomic, "write_json", killed)
    with pytest.raises(KeyboardInterrupt):
        checkpoint.save(finished)
    assert checkpoint.load().rounds == 1


@pytest.mark.parametrize("damage", ["flipped", "missing", "no json", "another version"])
def test_a_damaged_round_is_not_used(finished, tmp_path, damage) -> None:
    warnings = []
    checkpoint = Checkpoint(tmp_path, warnings.append)
    checkpoint.save(finished)
    network, record = tmp_path / "round_2.npz", tmp_path / RECORD
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
    assert warning.endswith("pruning starts again from its first round")
