"""The bill of materials: what it lists, that it is valid, and that equal bundles have equal ones."""

import json
import re
from importlib import metadata
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from edge_nas.core.hashing import sha256_bytes
from edge_nas.core.lockfile import LockedPackage
from edge_nas.deployment import sbom
from edge_nas.results.verify import CoreReport, ProgramReport, VerificationReport

FILES = {"src/edge_model.c": b"int x;", "src/edge_model.h": b"", "README.md": b"text", "vectors/inputs.bin": b"1"}
REPORT = VerificationReport(
    model_sha256="0" * 64,
    programs=(
        ProgramReport(name="numpy interpreter", inputs=1, versions={"numpy": "2.0"}),
        ProgramReport(name="C on this machine", inputs=1, versions={"gcc": "gcc (Debian 12.2.0-14) 12.2.0"}),
    ),
    cores={"cortex-m4": CoreReport(bytes_equal=True, inputs=1, tools={"qemu-system-arm": "QEMU emulator 7.2.1"})},
)


def bill(files: dict[str, bytes] = FILES) -> dict[str, Any]:
    return sbom.bill_of_materials("stm32l4r5", "e" * 64, files, REPORT)


def test_it_is_valid() -> None:
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill())) is None
    # The validator is one that can fail.
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(json.dumps(bill() | {"version": "one"})) is not None


def test_it_lists_the_network_and_the_c_with_their_hashes() -> None:
    listed = {part["name"]: part["hashes"][0]["content"] for part in bill()["components"]}
    sources = {name: sha256_bytes(content) for name, content in FILES.items() if name.startswith("src/")}
    assert listed == {"model.tflite": "e" * 64} | sources


def test_it_lists_packages_with_the_hashes_of_the_lock_file_and_programs() -> None:
    (formula,) = bill()["formulation"]
    parts = {part["name"]: part for part in formula["components"]}
    assert parts["numpy"]["version"] == metadata.version("numpy")
    assert parts["gcc"]["version"] == "gcc (Debian 12.2.0-14) 12.2.0"
    assert {"python", "qemu-system-arm", "tensorflow", "onnx"} <= parts.keys()
    (place,) = parts["tensorflow"]["externalReferences"]
    assert len(place["hashes"]) > 1
    assert all(re.fullmatch("[0-9a-f]{64}", hashed["content"]) for hashed in place["hashes"])
    assert len({part["bom-ref"] for part in formula["components"]}) == len(formula["components"])


def test_a_package_of_another_version_than_the_lock_file_has_no_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sbom, "locked_packages", lambda: (LockedPackage("numpy", "1.0", ("f" * 64,)),))
    parts = {part["name"]: part for part in bill()["formulation"][0]["components"]}
    assert "externalReferences" not in parts["numpy"]
    monkeypatch.setattr(sbom, "locked_packages", lambda: ())
    parts = {part["name"]: part for part in bill()["formulation"][0]["components"]}
    assert parts["tensorflow"]["version"] == metadata.version("tensorflow")


def test_equal_bundles_have_equal_bills_and_others_do_not() -> None:
    assert bill() == bill()
    assert bill()["serialNumber"] != bill(FILES | {"src/edge_model.c": b"int y;"})["serialNumber"]
