"""The lock files hold hashes for all that is installed, and agree with each other and with pyproject.toml."""

import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tools.lock import BUILD_TOOLS, CONSTRAINTS, DEV_LOCK, EXTRAS, LOCK, ROOT, pins


def test_pins_of_a_lock_file() -> None:
    lock = (
        "# made by\nabsl-py==1.4.0 \\\n    --hash=sha256:00 \\\n    --hash=sha256:11\n"
        "colorama==0.4.6 ; sys_platform == 'win32' \\\n    --hash=sha256:22\n"
    )
    assert pins(lock) == {"absl-py": "1.4.0", "colorama": "0.4.6"}


@pytest.mark.parametrize("lock", [LOCK, DEV_LOCK], ids=lambda path: path.name)
def test_every_package_has_a_hash_and_no_index_is_named(lock: object) -> None:
    text = lock.read_text()  # type: ignore[attr-defined]
    entries = re.split(r"\n(?=[a-z0-9])", text.strip())
    assert len(entries) == len(pins(text)) > 50
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry
    assert "://" not in text


def test_what_pyproject_asks_for_is_locked_in_a_version_that_it_allows() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for lock, extras in EXTRAS.items():
        locked = pins(lock.read_text())
        wanted = [*project["dependencies"], *BUILD_TOOLS.split()]
        wanted += [entry for extra in extras for entry in project["optional-dependencies"][extra]]
        for entry in wanted:
            requirement = Requirement(entry)
            assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)], prereleases=True), entry


def test_the_three_files_agree() -> None:
    constraints = pins(CONSTRAINTS.read_text())
    assert constraints == pins(DEV_LOCK.read_text())
    assert pins(LOCK.read_text()).items() <= constraints.items()
    assert "--hash" not in CONSTRAINTS.read_text()
