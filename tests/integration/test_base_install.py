"""What is installed without an extra serves a .tflite file; the rest says in a sentence what brings what it needs."""

import subprocess
import sys
from pathlib import Path

from canaries.int8_files import int8_network

from edge_nas.core.installed import TRAIN_MODULES, install_command

# As far as Python can see, the modules of the extra are not there.
_PROBE = """
import sys
from importlib.abc import MetaPathFinder

class Absent(MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.partition(".")[0] in ABSENT:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

ABSENT = frozenset(sys.argv[1].split(","))
sys.meta_path.insert(0, Absent())
from edge_nas.cli.main import run
for line in sys.stdin.read().splitlines():
    print("ended", line.split()[0], run(line.split()), flush=True)
"""
SERVED = (
    "inspect net.tflite --board all",
    "compile net.tflite --out c",
    "verify net.tflite --inputs 2 --slow-inputs 1",
    "deploy net.tflite --board nrf52840 --out bundle",
    "boards",
    "doctor",
    "config show",
    "compare net.tflite net.tflite --board nrf52840",
)
REFUSED = (
    "build",
    "check",
    "init mine",
    "analyze net.npz --data images",
    "evaluate net.tflite --data images",
    "predict net.tflite images --out p",
)


def test_the_base_serves_a_tflite_file_and_the_rest_is_refused_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "net.tflite").write_bytes(int8_network())
    (tmp_path / "net.npz").write_bytes(b"")
    (tmp_path / "images").mkdir()
    probe = subprocess.run(
        [sys.executable, "-c", _PROBE, ",".join(TRAIN_MODULES)],
        input="\n".join((*SERVED, *REFUSED)),
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env={"PATH": str(tmp_path)},  # no compilers: other tests run those, and this one has to be quick
        check=False,
    )
    ends = dict(line.split()[1:] for line in probe.stdout.splitlines() if line.startswith("ended "))
    expected = dict.fromkeys((command.split()[0] for command in SERVED), "0")
    assert ends == expected | dict.fromkeys((command.split()[0] for command in REFUSED), "6"), probe.stderr
    assert probe.stderr.count(install_command("train")) == len(REFUSED)
    assert not (tmp_path / "runs").exists()
    assert not list(tmp_path.glob("mine*"))
