import shutil
import subprocess
from pathlib import Path

import pytest

from edge_nas.deployment.ctext import c_real, c_string
from edge_nas.deployment.task import output_task
from edge_nas.results.artifacts import TensorSpec
from edge_nas.tasks import TaskCard


def spec(*shape: int) -> TensorSpec:
    return TensorSpec(name="y", shape=shape, dtype="int8", scale=0.5, zero_point=-3)


@pytest.mark.parametrize(
    ("task", "classes", "shape", "expected"),
    [
        ("binary_segmentation", (), (1, 6, 8, 1), (("background", "foreground"), 48, True)),
        ("segmentation", ("a", "b", "c"), (1, 6, 8, 3), (("a", "b", "c"), 48, False)),
        ("classification", (), (1, 3), (("0", "1", "2"), 1, False)),
        ("regression", (), (1, 2), ((), 2, False)),
    ],
)
def test_what_outputs_mean(task: str, classes: tuple[str, ...], shape: tuple[int, ...], expected: object) -> None:
    found = output_task(TaskCard(task=task, classes=classes), spec(*shape))
    assert found is not None
    assert (found.classes, found.places, found.is_binary) == expected
    assert (found.scale, found.zero_point, found.code_type) == (0.5, -3, "int8_t")


def test_what_is_not_known_is_not_guessed() -> None:
    assert output_task(None, spec(1, 2)) is None
    assert output_task(TaskCard(task="classification", classes=("a", "b", "c")), spec(1, 2)) is None
    assert output_task(TaskCard(task="counting_of_somebody"), spec(1, 2)) is None


def test_text_is_text_in_c_whatever_is_in_it(tmp_path: Path) -> None:
    if shutil.which("gcc") is None:
        pytest.skip("gcc is not installed: apt-get install gcc")
    texts = ["plain name", 'a "b" \\', "caf\u00e9", "??=7", "\n*/ #include", "1\x012"]
    prints = "".join(f"fwrite({c_string(text)}, 1, {len(text.encode())}, stdout);" for text in texts)
    (tmp_path / "a.c").write_text(f"#include <stdio.h>\nint main(void) {{ {prints} return 0; }}\n")
    subprocess.run(["gcc", "-std=c99", "-trigraphs", "-o", tmp_path / "a", tmp_path / "a.c"], check=True)
    said = subprocess.run([tmp_path / "a"], check=True, capture_output=True).stdout
    assert said == "".join(texts).encode()


def test_numbers_of_single_precision() -> None:
    assert c_real(2.0) == "2.0f"
    assert c_real(0.1) == "0.100000001f"
    assert c_real(1e-9) == "9.99999972e-10f"
