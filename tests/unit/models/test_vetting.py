"""Hostile and broken Keras files: refused by exit code, nothing run, nothing read or written elsewhere."""

import json
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import Any

import h5py
import kerasfiles
import numpy as np
import pytest
from canaries.keras_files import HOSTILE, STRUCTURE, with_lambda, with_layer
from kerasfiles import CANARY, LAYOUTS, write

from edge_nas.cli.main import run
from edge_nas.errors import ArtifactError, InputError, UnsafeError
from edge_nas.models import extraction
from edge_nas.models.kerasfiles import load_keras_file
from edge_nas.models.vetting import vetted

EVIL_MODULE = f"open({CANARY!r}, 'w').close()\nclass Boom: ...\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a module that leaves a canary when it is imported, and a secret to read."""
    (tmp_path / "evil_module.py").write_text(EVIL_MODULE, encoding="utf-8")
    np.arange(3, dtype=np.float32).tofile(tmp_path / "secret.bin")
    with h5py.File(tmp_path / "secret.h5", "w") as file:
        file["kernel"] = np.zeros((1, 1, 3, 1), np.float32)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_corpus_is_large_enough() -> None:
    assert len(HOSTILE) >= 25


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_refused_and_does_nothing(case: str, place: Path, capsys: pytest.CaptureFixture[str]) -> None:
    layout, make = HOSTILE[case]
    path = place / f"net{Path(layout).suffix}"
    make(path)
    before = {file.name: file.read_bytes() for file in place.iterdir()}
    assert run(["evaluate", str(path), "--data", str(place)]) == 7
    told = capsys.readouterr().err
    assert told.startswith(f"edge-nas: {path}: ")
    assert "nothing was loaded" in told
    assert {file.name: file.read_bytes() for file in place.iterdir()} == before
    assert "evil_module" not in sys.modules


@pytest.mark.parametrize("layout", LAYOUTS)
def test_what_holds_code_names_layer_and_the_way_to_trust_it(layout: str, place: Path) -> None:
    path = place / "net.h5"
    with_lambda(layout)(path)
    with pytest.raises(UnsafeError, match=r"net\.h5: layer 'evil' is a Lambda, .*--trust-model"), vetted(path):
        pass


@pytest.mark.parametrize("case", STRUCTURE)
def test_trust_is_about_code_and_lets_nothing_reach_outside(case: str, place: Path) -> None:
    write(place / "net.h5", "k2.h5", weights=STRUCTURE[case])
    with pytest.raises(UnsafeError), vetted(place / "net.h5", trust=True):
        pass


@pytest.mark.smoke
@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_harmless_file_is_copied_and_the_copy_cleared_away(layout: str, tmp_path: Path) -> None:
    path = write(tmp_path / "net", layout)  # the content decides, not the name
    with vetted(path) as file:
        copy = file.copy
        assert (file.keras, file.elements) == (int(layout[1]), 4)
        assert copy.suffix == Path(layout).suffix
        assert copy.is_file()
    assert not copy.parent.exists()


def test_what_training_left_behind_is_not_judged(tmp_path: Path) -> None:
    def compiled(config: dict[str, Any]) -> None:
        config["compile_config"] = {"loss": {"class_name": "MyLoss", "module": "mine", "config": {}}}

    with vetted(write(tmp_path / "net.keras", "k3.keras", config=compiled)) as file:
        assert "compile_config" not in json.loads(zipfile.ZipFile(file.copy).read("config.json"))


def test_own_classes_are_let_through_by_name_and_mean_the_given_ones(tmp_path: Path) -> None:
    path = tmp_path / "net.keras"
    with_layer("k2.keras", class_name="Pathy", module="somewhere.else", registered_name="mine>Pathy")(path)
    with vetted(path, own={"Pathy": Path}) as file:
        layer = json.loads(zipfile.ZipFile(file.copy).read("config.json"))["config"]["layers"][1]
    assert (layer["class_name"], layer["module"], layer["registered_name"]) == ("Pathy", Path.__module__, "Pathy")


@pytest.mark.parametrize(
    ("config", "kind", "message"),
    [
        (lambda config: [1, 2], ArtifactError, "its configuration is a list"),
        (lambda config: json.loads("[" * 200 + "]" * 200), ArtifactError, "its configuration is a list"),
        (lambda config: {"a": json.loads("[" * 200 + "]" * 200)}, UnsafeError, "nested more than 100 deep"),
        (lambda config: {"a": [{"class_name": "Dense"}] * 50_010}, UnsafeError, "more than 50000 parts"),
        (lambda config: config.update(class_name=["Functional"]), UnsafeError, "holds code of its own"),
    ],
)
def test_what_is_no_configuration(config: Any, kind: type[Exception], message: str, tmp_path: Path) -> None:
    path = write(tmp_path / "net.keras", "k3.keras", config=config)
    with pytest.raises(kind, match=message), vetted(path):
        pass


def test_weights_without_a_network_say_what_to_do(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "net.h5", "w") as file:
        kerasfiles.write_weights(file, "k2.h5")
    with pytest.raises(ArtifactError, match=r"net\.h5: .*holds weights only.*load_weights.*net:function"):
        vetted(tmp_path / "net.h5").__enter__()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", b"\x80\x04K\x01.", b"text" * 50])
def test_other_bytes_are_no_model(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "net.keras").write_bytes(content)
    with pytest.raises(ArtifactError, match=r"net\.keras: not a Keras model file"), vetted(tmp_path / "net.keras"):
        pass


def outcome(path: Path) -> tuple[int, str]:
    """The exit code that loading the file would end a command with, and the message; any other error is a crash."""
    try:
        load_keras_file(path)
    except (InputError, UnsafeError) as error:
        return error.exit_code, str(error)
    return 0, str(path)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_broken_files_are_refused_or_networks(layout: str, tmp_path: Path) -> None:
    path = tmp_path / f"net{Path(layout).suffix}"
    whole = write(path, layout).read_bytes()
    generator = np.random.default_rng(int(layout[1]))
    seen = set()
    for number in range(5):
        cut = bytearray(whole[: generator.integers(20, len(whole))] if number % 3 == 0 else whole)
        for place in generator.integers(8, len(cut), 4):
            cut[place] = generator.integers(256)
        path.write_bytes(bytes(cut))
        code, told = outcome(path)
        assert str(path) in told
        seen.add(code)
    assert seen & {3, 7}


@pytest.mark.smoke
def test_the_reading_process_can_open_nothing_any_more() -> None:
    tried = "import extraction; extraction._confine(1000); extraction.Path('/etc/hostname').read_text()"
    done = subprocess.run(
        [sys.executable, "-c", tried],
        cwd=Path(extraction.__file__).parent,
        env={"OPENBLAS_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Too many open files" in done.stderr


BOMBS = [
    *(name for name in HOSTILE if name.startswith(("shape bomb", "group in itself"))),
    *("zip bomb", "zip with one name twice"),
]
SECONDS, MEGABYTES = 10, 1000
_MEASURE = """
import os, sys
child = os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ)
_, status, used = os.wait4(child, 0)
print(os.waitstatus_to_exitcode(status), used.ru_maxrss)
"""


@pytest.mark.parametrize("case", BOMBS)
def test_a_bomb_takes_neither_time_nor_memory(case: str, place: Path) -> None:
    """Of the process that reads it, which has limits of its own; it ends long before them."""
    layout, make = HOSTILE[case]
    path = place / f"net{Path(layout).suffix}"
    make(path)
    begin = time.monotonic()
    # By way of a small process: a child counts the peak of whoever starts it as its own, and these tests take much.
    command = [sys.executable, "-I", extraction.__file__, str(path), str(place / "weights.h5")]
    done = subprocess.run([sys.executable, "-I", "-c", _MEASURE, *command], capture_output=True, text=True, check=True)
    code, kilobytes = map(int, done.stdout.split()[-2:])
    assert code == 0
    assert time.monotonic() - begin < SECONDS
    assert kilobytes / 1024 < MEGABYTES
