"""What a worker's process keeps between jobs."""

from dataclasses import dataclass

import pytest

from edge_nas.core.configfile import load_config
from edge_nas.errors import InputError
from edge_nas.search import worker


@dataclass
class _Data:
    sha256: str


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Hashes of the data that is there, the last one now; each reading notes its own behind a star."""
    hashes = ["first"]

    def load(*_: object) -> _Data:
        hashes.insert(0, "*")
        return _Data(hashes[-1])

    monkeypatch.setattr("edge_nas.data.loader.load_dataset", load)
    monkeypatch.setattr(worker._Loaded, "dataset", None)
    return hashes


def test_data_is_read_once_and_again_where_another_search_has_other_data(there: list[str]) -> None:
    config = load_config(None, ["seed=0"])
    for _ in range(2):
        assert worker.loaded_dataset(config.data, config.task, "first").sha256 == "first"
    assert there.count("*") == 1
    there.append("second")
    assert worker.loaded_dataset(config.data, config.task, "second").sha256 == "second"
    assert there.count("*") == 2
    with pytest.raises(InputError, match="was changed while the search went on"):
        worker.loaded_dataset(config.data, config.task, "first")
