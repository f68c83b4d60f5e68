import json
from pathlib import Path
from typing import Any

import pytest

from edge_nas.core import installed
from edge_nas.core.installed import install_command


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> Any:
    """What pip noted of where the package came from."""

    class Distribution:
        note: str | None = None

        def read_text(self, name: str) -> str | None:
            return self.note if name == "direct_url.json" else None

    distribution = Distribution()
    monkeypatch.setattr(installed.metadata, "distribution", lambda name: distribution)
    install_command.cache_clear()
    yield distribution
    install_command.cache_clear()


def test_an_extra_comes_from_where_the_package_came(recorded: Any, tmp_path: Path) -> None:
    assert install_command("train") == "pip install 'edge-nas[train]'"  # from an index
    clone = tmp_path / "my clone"
    clone.mkdir()
    recorded.note = json.dumps({"url": clone.as_uri(), "dir_info": {}})
    assert install_command("tflm") == f"pip install '{clone}[tflm]'"
    (clone / "constraints.txt").touch()
    recorded.note = json.dumps({"url": clone.as_uri(), "dir_info": {"editable": True}})
    assert install_command("vela") == f"pip install -c '{clone}/constraints.txt' -e '{clone}[vela]'"
    (clone / "constraints.txt").unlink()
    clone.rmdir()  # then only an index can have it
    assert install_command("search") == "pip install 'edge-nas[search]'"


@pytest.mark.parametrize("note", ["", "{", "[]", '{"url": 3}'])
def test_what_pip_noted_may_be_anything(recorded: Any, note: str) -> None:
    recorded.note = note
    assert install_command("train") == "pip install 'edge-nas[train]'"
