"""What a stage's key takes from the installation."""

import sys
from importlib import metadata

import numpy as np
import pytest

import edge_nas
from edge_nas.core import versions


@pytest.fixture(autouse=True)
def _fresh() -> None:
    versions.source_digest.cache_clear()
    versions.package_versions.cache_clear()


def test_versions_are_those_installed() -> None:
    assert versions.package_versions()["numpy"] == np.__version__
    assert versions.package_versions(("no-such-package",)) == {"no-such-package": "missing"}
    assert versions.python_version() == sys.version.split()[0]
    assert set(versions.KEY_PACKAGES) <= set(versions.package_versions(versions.MANIFEST_PACKAGES))
    assert versions.package_versions()["tensorflow"] == metadata.version("tensorflow")


def test_the_digest_follows_the_sources_but_not_the_command_line(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "edge_nas"
    (package / "core").mkdir(parents=True)
    (package / "cli").mkdir()
    monkeypatch.setattr(versions, "__file__", str(package / "core" / "versions.py"))

    def digest() -> str:
        versions.source_digest.cache_clear()
        return versions.source_digest()

    (package / "core" / "a.py").write_text("a = 1")
    first = digest()
    (package / "cli" / "b.py").write_text("b = 1")
    (package / "core" / "a.pyc").write_text("compiled")
    assert digest() == first
    (package / "core" / "a.py").write_text("a = 2")
    second = digest()
    assert second != first
    (package / "core" / "a.py").rename(package / "core" / "c.py")
    assert digest() != second
    (package / "core" / "template.html").write_text("<p>")
    assert digest() not in (first, second)


def test_the_version_is_the_packages() -> None:
    assert edge_nas.__version__.count(".") == 2
