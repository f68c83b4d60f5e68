import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from edge_nas.emulation.cores import CORES, find_core
from edge_nas.emulation.emulate import run_on_core
from edge_nas.emulation.profile import StepsUnclearError, functions_on_core, profile_on_core, steps_on_core
from edge_nas.results.artifacts import TensorSpec
from edge_nas.results.compile import CompiledModel, CompiledStep, SourceFile

pytestmark = pytest.mark.mcu

# Three steps; the compiler unrolls the first one's loop, and two calls of one function share a line.
STEPS = """
__attribute__((noinline)) static void work(uint32_t factor, uint32_t turns) { spin(factor * turns); }
__attribute__((always_inline)) inline static void edge_run_0(uint32_t turns) { work(1, turns); }
__attribute__((always_inline)) inline static void edge_run_1(uint32_t turns) { work(2, turns); }
__attribute__((always_inline)) inline static void edge_run_2(uint32_t turns) { work(3, turns); }
"""
CALLS = """for (int i = 0; i < 4; i++) edge_run_0(turns);
    edge_run_1(turns); edge_run_2(turns);
    arena[31] = 1;"""


@pytest.fixture
def stepping(small_model: Path, tmp_path: Path) -> Path:
    """A folder with a network of three steps, which spin 4, 2 and 3 times as often as the frame says."""
    folder = shutil.copytree(small_model, tmp_path / "steps")
    text = (folder / "edge_model.c").read_text().replace("spin(turns);", CALLS)
    text = text.replace("void edge_model_run", f"{STEPS}\nvoid edge_model_run")
    (folder / "edge_model.c").write_text(text.replace("static inline", "__attribute__((noinline)) static"))
    return folder


def compiled(folder: Path, steps: int) -> CompiledModel:
    files = tuple(SourceFile(name=path.name, text=path.read_text(), sha256="") for path in sorted(folder.iterdir()))
    tensor = TensorSpec(name="codes", shape=(1, 12), dtype="int8")
    return CompiledModel(
        files=files,
        model_sha256="",
        input=tensor,
        output=tensor,
        arena_bytes=32,
        arena=(),
        steps=(CompiledStep(name="work", function="work", operators=(), segment=0),) * steps,
        constant_bytes=0,
    )


@pytest.mark.parametrize("name", CORES)
def test_functions_and_steps_add_up_to_the_instructions_counted(
    name: str, stepping: Path, spinning: Callable[[list[int]], np.ndarray]
) -> None:
    core, frame = find_core(name), spinning([5000])
    functions = functions_on_core(core, stepping, frame[0])
    assert functions[0].name.partition(".")[0] == "spin"
    assert 90_000 <= functions[0].instructions <= 90_050
    total = sum(entry.instructions for entry in functions)
    # Two counters that know nothing of each other: SysTick or minstret, and the plugin.
    assert run_on_core(core, stepping, frame).instructions == (total,)
    profile = profile_on_core(core, compiled(stepping, 3), frame[0])
    assert np.allclose(profile.steps, (40_000, 20_000, 30_000), atol=100)
    assert profile.instructions == total
    # What the calls themselves take is their steps'.
    rest = {entry.name: entry.instructions for entry in functions}["edge_model_run"]
    assert 0 < profile.rest < rest


def test_a_step_that_is_inlined_is_told_from_the_others(
    stepping: Path, spinning: Callable[[list[int]], np.ndarray]
) -> None:
    path = stepping / "edge_model.c"
    inlined = "__attribute__((always_inline)) static inline void work"
    path.write_text(path.read_text().replace("__attribute__((noinline)) static void work", inlined))
    core, frame = find_core("cortex-m4"), spinning([5000])[0]
    profile = profile_on_core(core, compiled(stepping, 3), frame)
    assert "work" not in {entry.name for entry in functions_on_core(core, stepping, frame)}
    assert np.allclose(profile.steps, (40_000, 20_000, 30_000), atol=100)
    assert profile.rest < 100


def test_steps_that_are_not_called_are_told(stepping: Path, spinning: Callable[[list[int]], np.ndarray]) -> None:
    with pytest.raises(StepsUnclearError, match="was seen to call 3 steps, not each of the 4"):
        steps_on_core(find_core("cortex-m4"), compiled(stepping, 4), spinning([10])[0])
