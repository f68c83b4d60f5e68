"""What is read of a stage's record is what was written, and names nothing outside the run."""

import pytest
from runfolders import finish

from edge_nas.runs.folder import RunFolder
from edge_nas.runs.record import StageRecord


@pytest.mark.parametrize("target", ["../outside", "/etc/outside", "a/../../b"])
def test_a_record_cannot_reach_outside_the_run(target: str) -> None:
    good = StageRecord(stage="a", key="k", seconds=0, versions={}, output={}, files={}, published={}).to_data()
    for field, names in (("files", {target: "h"}), ("published", {"a": target})):
        with pytest.raises(ValueError, match="lies outside the run"):
            StageRecord.from_data({**good, field: names})


@pytest.mark.parametrize("target", ["config.yaml", "01_train/model.npz", ".lock", "manifest.json", "artifact/x"])
def test_a_record_publishes_only_where_artifacts_lie(target: str) -> None:
    good = StageRecord(stage="a", key="k", seconds=0, versions={}, output={}, files={"a": "h"}, published={}).to_data()
    for published in ({"a": "report.html"}, {"a": "artifacts/c/edge_model.c"}):
        assert StageRecord.from_data({**good, "published": published}).published == published
    with pytest.raises(ValueError, match=f"{target} is no place for a published file"):
        StageRecord.from_data({**good, "published": {"a": target}})
    with pytest.raises(ValueError, match="b is published but is none of its files"):
        StageRecord.from_data({**good, "published": {"b": "report.html"}})


def test_every_flipped_bit_of_a_record_is_noticed(run: RunFolder) -> None:
    finish(run)
    path = run.path / "01_train" / "stage.json"
    written = path.read_bytes()
    for position in range(len(written)):
        for bit in range(8):
            flipped = bytearray(written)
            flipped[position] ^= 1 << bit
            path.write_bytes(flipped)
            with pytest.raises(ValueError, match=r"."):
                StageRecord.read(path)
    path.write_bytes(written)
    assert StageRecord.read(path).seconds == 1.5
