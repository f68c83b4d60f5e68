from pathlib import Path

import pytest

from edge_nas.core.atomic import write_json
from edge_nas.core.sealed import Sealed


class Record(Sealed):
    name: str
    loss: float


def test_what_was_sealed_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    record = Record(name="café", loss=1e-05).sealed()
    write_json(path, record.to_data())
    assert Record.read(path) == record
    assert record == record.sealed()


@pytest.mark.parametrize(("old", "new"), [("café", "cafe"), ("1e-05", "1E-05"), ("1e-05", "1e-5"), ("\n}", " }")])
def test_another_text_is_noticed_even_where_it_means_the_same(tmp_path: Path, old: str, new: str) -> None:
    path = tmp_path / "record.json"
    write_json(path, Record(name="café", loss=1e-05).sealed().to_data())
    path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    with pytest.raises(ValueError, match="its seal is broken"):
        Record.read(path)


def test_a_record_without_a_seal_is_none(tmp_path: Path) -> None:
    write_json(tmp_path / "record.json", Record(name="x", loss=0.5).to_data())
    with pytest.raises(ValueError, match="its seal is broken"):
        Record.read(tmp_path / "record.json")
