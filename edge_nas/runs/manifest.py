"""`manifest.json`: what a run was made with and what came out, enough to judge whether another one is the same.

It names no user, host, folder or environment variable.
"""

from typing import Literal

import edge_nas
from edge_nas.core.config import BuildConfig
from edge_nas.core.configfile import dump_config, flat_settings
from edge_nas.core.hashing import sha256_bytes
from edge_nas.core.machine import machine_facts
from edge_nas.core.sealed import Sealed
from edge_nas.core.versions import MANIFEST_PACKAGES, package_versions, python_version, source_digest


class Manifest(Sealed):
    """Versions, seeds, hashes of data and artifacts, facts of the machine; empty in a run that has not begun.

    `config_sha256`: of config.yaml. `artifacts`: path in the run -> sha256. `stages`: stage -> key (the
    hash of all that its output depends on).
    """

    schema_version: Literal[2] = 2
    edge_nas: str = edge_nas.__version__
    sources_sha256: str | None = None
    python: str | None = None
    packages: dict[str, str] = {}
    seeds: dict[str, int] = {}
    config_sha256: str | None = None
    dataset_sha256: str | None = None
    stages: dict[str, str] = {}
    artifacts: dict[str, str] = {}
    machine: dict[str, str] = {}


def describe(
    config: BuildConfig, *, dataset_sha256: str | None, stages: dict[str, str], artifacts: dict[str, str]
) -> Manifest:
    """Returns the sealed manifest of a build made now, on this machine, with the libraries installed here."""
    settings = flat_settings(config.to_data())
    return Manifest(
        sources_sha256=source_digest(),
        python=python_version(),
        packages=package_versions(MANIFEST_PACKAGES),
        seeds={key: value for key, value in settings.items() if key.split(".")[-1] == "seed"},
        config_sha256=sha256_bytes(dump_config(config).encode()),
        dataset_sha256=dataset_sha256,
        stages=stages,
        artifacts=artifacts,
        machine=machine_facts(),
    ).sealed()
