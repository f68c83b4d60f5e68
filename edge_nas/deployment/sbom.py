"""A bill of materials for a bundle, in CycloneDX 1.6: what is in it, and what it was made with.

components     the network, and the C files of the library, each with its SHA-256
formulation    what made them: this package, the Python packages with the hashes of the lock file, the compilers that
               measured it

Written here and not by a library: it is a page of JSON, and the field's library would be one more package in every
installation. A test holds it against the schema. It tells neither time nor place, so equal bundles have equal bytes.
"""

import uuid
from collections.abc import Iterator, Mapping
from importlib import metadata
from typing import Any

import edge_nas
from edge_nas.core.hashing import sha256_bytes, sha256_data
from edge_nas.core.lockfile import LockedPackage, locked_packages
from edge_nas.core.versions import MANIFEST_PACKAGES, python_version
from edge_nas.results.verify import VerificationReport

FILE = "sbom.cdx.json"
"""The ending by which tools know the format."""
_NETWORK, _BUNDLE = "network", "bundle"


def bill_of_materials(
    board: str, model_sha256: str, files: Mapping[str, bytes], report: VerificationReport
) -> dict[str, Any]:
    """Returns the bill as plain data.

    Args:
        board: the board's name.
        model_sha256: of the .tflite file.
        files: path in the bundle -> content; those of `src/` are listed.
        report: which compilers and emulators the C was verified with.
    """
    sources = {name: content for name, content in sorted(files.items()) if name.startswith("src/")}
    bill: dict[str, Any] = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "lifecycles": [{"phase": "build"}],
            "tools": {"components": [_this_package()]},
            "component": {
                "type": "library",
                "bom-ref": _BUNDLE,
                "name": "edge_model",
                "version": model_sha256[:12],
                "description": f"a network as C for {board}",
            },
        },
        "components": [
            {
                "type": "machine-learning-model",
                "bom-ref": _NETWORK,
                "name": "model.tflite",
                "version": model_sha256[:12],
                "hashes": _hashes(model_sha256),
            },
            *(
                {"type": "file", "bom-ref": name, "name": name, "hashes": _hashes(sha256_bytes(content))}
                for name, content in sources.items()
            ),
        ],
        "dependencies": [
            {"ref": _BUNDLE, "dependsOn": sorted(sources)},
            *({"ref": name, "dependsOn": [_NETWORK]} for name in sources),
        ],
        "formulation": [{"bom-ref": "toolchain", "components": [*_packages(), *_programs(report)]}],
    }
    # Made of the content, not drawn: the same bundle is the same bill.
    return bill | {"serialNumber": uuid.uuid5(uuid.NAMESPACE_OID, sha256_data(bill)).urn}


def _this_package() -> dict[str, Any]:
    return {"type": "application", "bom-ref": "edge-nas", "name": "edge-nas", "version": edge_nas.__version__}


def _hashes(sha256: str) -> list[dict[str, str]]:
    return [{"alg": "SHA-256", "content": sha256}]


def _packages() -> Iterator[dict[str, Any]]:
    """Yields the Python packages that are installed, with the hashes of the lock file where it has that version."""
    for package in locked_packages() or tuple(LockedPackage(name, "", ()) for name in MANIFEST_PACKAGES):
        try:
            installed = metadata.version(package.name)
        except metadata.PackageNotFoundError:
            continue  # of another platform, or an extra
        identity = f"pkg:pypi/{package.name.lower().replace('_', '-')}@{installed}"
        entry = {
            "type": "library",
            "bom-ref": identity,
            "name": package.name,
            "version": installed,
            "purl": identity,
        }
        if installed == package.version:
            # One hash for each platform's file: they belong to the distribution, not to the package.
            hashes = [hashed for sha256 in package.sha256 for hashed in _hashes(sha256)]
            place = {"type": "distribution", "url": f"https://pypi.org/simple/{package.name}/", "hashes": hashes}
            yield entry | {"externalReferences": [place]}
        else:
            yield entry


def _programs(report: VerificationReport) -> Iterator[dict[str, Any]]:
    """Yields Python and the programs outside of it: compilers and emulators, as they call themselves."""
    names = {package["name"] for package in _packages()}
    programs = {"python": python_version()}
    for program in report.programs:
        programs |= {name: version for name, version in program.versions.items() if name not in names}
    for core in report.cores.values():
        programs |= core.tools
    for name, version in sorted(programs.items()):
        yield {"type": "application", "bom-ref": f"program:{name}", "name": name, "version": version}
