"""Networks of the kinds that people build: narrowed is masked; int8 and C come out as docs/architectures.md says.

A handful goes through with every run. All of them, and the page: make architectures.
"""

import json
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
from architectures import ARCHITECTURES
from architectures.outcomes import Outcome, outcome_of, table

from edge_nas.errors import ModelWarning
from edge_nas.models.outside import as_tf_keras

TESTS = Path(__file__).parents[1]
PAGE = TESTS.parent / "docs" / "architectures.md"
TEXT = """# What becomes of networks of many kinds

Made by `make architectures`. Each network is small and has random weights. Half of the channels of every free group go,
the readers are repaired on 32 random inputs, and the result becomes int8 without training, and C.

- Groups: how many of the channel groups inside of the network are free, and why the first of the others is not.
- Narrowed - masked: largest difference of the cut network from the one whose removed channels are zeros, as a share of
  the largest output.
- Left after repair, off by: root mean square of the difference, as a share of what varies between inputs. Random
  weights hold little that is there twice, so that half of the channels cost much here.
- C: whether it gives the bytes of TFLite's reference kernels on this machine.

"""


PRUNE_MOBILENET = """
import json, pathlib, re, time
import tf_keras
from architectures.registry import smooth
from edge_nas import prune_model

tf_keras.utils.set_random_seed(1)
network = tf_keras.applications.MobileNetV2((96, 96, 3), alpha=0.35, weights=None, classes=2)
images = smooth(32, (96, 96, 3), 0)
before = time.process_time()
prune_model(network, images, ratio=0.5)
status = pathlib.Path("/proc/self/status").read_text()
kibibytes = int(re.search(r"VmHWM:\\s*(\\d+)", status)[1])  # getrusage knows the peak of who started this as well
print(json.dumps({"cpu_s": time.process_time() - before, "peak_mb": kibibytes * 1024 / 1e6}))
"""


@pytest.fixture(scope="module")
def page() -> dict[str, tuple[str, ...]]:
    """The rows of the page, by title."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines[2:]]
    return {row[0]: row for row in rows}


def taken(name: str) -> Outcome:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ModelWarning)  # of random weights: the table says how far int8 is off
        return outcome_of(ARCHITECTURES[name])


def require_sound(outcome: Outcome) -> None:
    assert outcome.difference <= 1e-5
    assert isinstance(outcome.int8, float) or outcome.int8.startswith(("refused: ", "made"))
    # What the reference kernels do not take cannot be compared.
    assert outcome.c == 8 or str(outcome.c).startswith(("refused: ", "-", "not tried"))


@pytest.mark.parametrize("name", [name for name, one in ARCHITECTURES.items() if one.in_ci])
def test_a_network_comes_to_what_the_page_says(name: str, page: dict[str, tuple[str, ...]]) -> None:
    outcome = taken(name)
    require_sound(outcome)
    row = page[outcome.title]
    assert (*outcome.cells[:4], outcome.cells[-1]) == (*row[:4], row[-1])
    assert row[-2].startswith("off by") == isinstance(outcome.int8, float)


def test_the_page_has_every_network(page: dict[str, tuple[str, ...]]) -> None:
    assert set(page) == {one.title for one in ARCHITECTURES.values()}


@pytest.mark.architectures
def test_all_networks_and_the_page() -> None:
    """Writes the page anew where EDGE_NAS_ARCHITECTURES is `write`; `make architectures` then shows what changed."""
    outcomes = []
    for name in ARCHITECTURES:
        outcomes.append(taken(name))
        print(" | ".join(outcomes[-1].cells), flush=True)
        require_sound(outcomes[-1])
    if os.environ.get("EDGE_NAS_ARCHITECTURES") == "write":
        PAGE.write_text(TEXT + table([outcome.cells for outcome in outcomes]), encoding="utf-8")


@pytest.mark.architectures
@pytest.mark.parametrize("name", ["MobileNetV3Small", "EfficientNetV2B0", "ConvNeXtTiny"])
def test_networks_that_keras_3_brings_are_converted(name: str) -> None:
    """The conversion itself holds both networks' outputs against each other, to 1e-5 of the largest."""
    import keras

    given = getattr(keras.applications, name)(input_shape=(32, 32, 3), weights=None, classes=3)
    converted = as_tf_keras(given)
    assert converted.count_params() == given.count_params()


@pytest.mark.architectures
def test_pruning_a_mobilenet_takes_seconds() -> None:
    """At most 15 CPU s and 1 GB, TensorFlow included, whatever the number of cores; waiting threads cost 9 s once."""
    child = subprocess.run(
        [sys.executable, "-c", PRUNE_MOBILENET], cwd=TESTS, capture_output=True, text=True, check=True
    )
    cost = json.loads(child.stdout.splitlines()[-1])
    print(cost)
    assert cost["cpu_s"] <= 15.0
    assert cost["peak_mb"] <= 1_000.0
