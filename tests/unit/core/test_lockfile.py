"""The lock file as the bill of materials reads it."""

from pathlib import Path

from edge_nas.core.lockfile import LockedPackage, locked_packages, parse

A, B, C = "a" * 64, "b" * 64, "c" * 64


def test_packages_with_markers_and_several_hashes() -> None:
    text = (
        f"# made by hand\nzeta==1.0rc1 \\\n    --hash=sha256:{A} \\\n    --hash=sha256:{B}\n"
        f"alpha-beta==2.0.0 ; sys_platform == 'win32' \\\n    --hash=sha256:{C}\n"
    )
    assert parse(text) == (LockedPackage("alpha-beta", "2.0.0", (C,)), LockedPackage("zeta", "1.0rc1", (A, B)))


def test_the_lock_file_of_this_package_is_found() -> None:
    lock = Path(__file__).parents[3] / "requirements.lock"
    packages = {package.name: package for package in locked_packages()}
    assert len(packages) == sum("==" in line for line in lock.read_text().splitlines())
    assert packages["numpy"].version in lock.read_text()
    assert all(package.sha256 for package in packages.values())
