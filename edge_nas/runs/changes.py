"""What differs between the last build of a run and this one besides the settings: versions, code, data."""

import edge_nas
from edge_nas.core.versions import package_versions, python_version, source_digest
from edge_nas.runs.manifest import Manifest


def current_versions() -> dict[str, str]:
    """Returns the versions that enter a stage's key: this package, Python, the libraries that compute."""
    return {"edge-nas": edge_nas.__version__, "python": python_version(), **package_versions()}


def changes_since(before: Manifest, dataset_sha256: str) -> tuple[str, ...]:
    """Returns in words what changed since a build; empty where nothing did, or where it came to nothing.

    Args:
        before: of the last build of the run.
        dataset_sha256: of the data now.
    """
    if not before.stages:
        return ()
    known = {"edge-nas": before.edge_nas, "python": before.python, **before.packages}
    changes = [
        f"{name} {known[name]} -> {version}"
        for name, version in current_versions().items()
        if known.get(name) not in (None, version)
    ]
    if before.sources_sha256 != source_digest() and before.edge_nas == edge_nas.__version__:
        changes.append("the code of edge-nas is another")
    if before.dataset_sha256 not in (None, dataset_sha256):
        changes.append("the data are others")
    return tuple(changes)
