"""The section about the generated C."""

import pytest

from edge_nas.reporting.material import Material
from edge_nas.reporting.microcontroller import microcontroller, step_label


def test_cores_that_ran_stand_apart_from_those_that_could_not(material: Material) -> None:
    section = microcontroller(material)
    assert list(section.cores) == ["cortex-m4"]
    assert section.skipped == {"rv32imac": "qemu-system-riscv32 is missing: install qemu-system-misc"}
    assert [program.name for program in section.programs] == [
        "numpy interpreter",
        "tflite-micro",
        "generated C on this machine",
        "C with gcc",
    ]
    assert (section.arena_bytes, section.constant_bytes) == (20_480, 5_120)
    assert section.bundle.board == "stm32l4r5"


def test_instructions_of_each_step_and_the_arena_over_time(material: Material) -> None:
    steps, arena = microcontroller(material).charts
    assert steps.caption == "Instructions of each step on cortex-m4, in thousands"
    assert "stem 2.00\N{NO-BREAK SPACE}M, 80 %" in steps.svg
    assert "logit 499.0\N{NO-BREAK SPACE}k, 20 %" in steps.svg
    assert arena.caption.startswith("The arena, 20.0\N{NO-BREAK SPACE}KiB")
    assert "image 9216 bytes at 0, steps 0 to 0" in arena.svg
    assert "stem 11264 bytes at 9216, steps 0 to 1" in arena.svg


def test_each_step_has_its_layer_its_instructions_and_the_arena_it_needs(material: Material) -> None:
    stem, logit = microcontroller(material).steps
    assert (stem.number, stem.layer, stem.operator, stem.together) == (0, "stem", "", (0, 1))
    assert (stem.instructions, stem.arena_bytes) == ({"cortex-m4": 2_000_000}, 9_216 + 11_264)
    assert (logit.instructions, logit.arena_bytes) == ({"cortex-m4": 499_000}, 11_264)


def test_without_counted_steps_there_is_the_arena_alone(material: Material, changed) -> None:
    uncounted = {name: core.model_copy(update={"steps": ()}) for name, core in material.verify.cores.items()}
    section = microcontroller(changed(material, "verify", cores=uncounted))
    assert [chart.caption[:9] for chart in section.charts] == ["The arena"]
    assert [step.instructions for step in section.steps] == [{}, {}]


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("CONV_2D: net/quant_encoder_0_relu/Relu;net/quant_encoder_0/BiasAdd;net/ReadVariableOp1", "encoder_0_relu"),
        ("layout: net/quantize_layer/AllValuesQuantize/Vars", "quantize_layer"),
        ("stem", "stem"),
    ],
)
def test_a_step_is_called_after_its_layer(name: str, label: str) -> None:
    assert step_label(name) == label
