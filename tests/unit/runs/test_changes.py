import pytest

import edge_nas
from edge_nas.core.versions import package_versions, python_version, source_digest
from edge_nas.runs.changes import changes_since
from edge_nas.runs.manifest import Manifest


def manifest(**fields: object) -> Manifest:
    made = {
        "sources_sha256": source_digest(), "python": python_version(), "packages": package_versions(),
        "dataset_sha256": "d", "stages": {"train": "k"},
    }  # fmt: skip
    return Manifest.from_data(made | fields)


def test_nothing_changed() -> None:
    assert changes_since(manifest(), "d") == ()
    assert changes_since(manifest(python="3.1", dataset_sha256="e", stages={}), "d") == ()


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"python": "3.1"}, f"python 3.1 -> {python_version()}"),
        ({"edge_nas": "0.0.9", "sources_sha256": "x"}, f"edge-nas 0.0.9 -> {edge_nas.__version__}"),
        ({"sources_sha256": "x"}, "the code of edge-nas is another"),
        ({"dataset_sha256": "e"}, "the data are others"),
        ({"packages": package_versions() | {"tensorflow": "1.0"}}, "tensorflow 1.0 -> "),
    ],
)
def test_what_changed(fields: dict[str, object], said: str) -> None:
    (change,) = changes_since(manifest(**fields), "d")
    assert change.startswith(said)
