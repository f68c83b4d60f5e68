"""Names of models, and the files behind them."""

from pathlib import Path

import pytest

from edge_nas.core.modelnames import file_hashes, is_function, is_outside
from edge_nas.errors import ArtifactError


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "own_net_for_names.py").write_text("def net(): ...", encoding="utf-8")
    (tmp_path / "net.keras").write_bytes(b"network")
    (tmp_path / "run" / "01_train").mkdir(parents=True)
    (tmp_path / "run/01_train/trained.npz").write_bytes(b"trained")
    (tmp_path / "saved").mkdir()
    (tmp_path / "saved/saved_model.pb").write_bytes(b"graph")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_kinds_of_names(place: Path) -> None:
    assert [name for name in ("nano_u", "net.h5", "a/b", "saved", "m:f", "net.KERAS") if is_outside(name)] == [
        *("net.h5", "a/b", "saved", "m:f", "net.KERAS"),
    ]
    assert is_function("package.module:make_net")
    assert not is_function("C:/net.keras")


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("net.keras", "net.keras"),
        ("own_net_for_names:net", "own_net_for_names.py"),
        ("run", "run/01_train/trained.npz"),
        ("saved", "saved/saved_model.pb"),
    ],
)
def test_a_hash_follows_the_file_behind_a_name(name: str, file: str, place: Path) -> None:
    before = file_hashes([name, "nano_u"])
    assert before.keys() == {name}
    (place / "unrelated").write_bytes(b"x")
    (place / "run" / "report.html").write_bytes(b"x")
    assert file_hashes([name]) == before
    (place / file).write_bytes(b"changed")
    assert file_hashes([name]) != before


def test_what_is_not_there(place: Path) -> None:
    with pytest.raises(ArtifactError, match=r"absent\.keras: no such model file"):
        file_hashes(["absent.keras"])
    assert file_hashes(["no_such_module:net"]) == {"no_such_module:net": ""}
