"""What all tests share: quiet TensorFlow, real data, reproducible property tests, an output of every stage."""

import os
from pathlib import Path

import pytest
from hypothesis import settings
from sampleoutputs import SampleOutputs, make_sample_outputs

from edge_nas.core.tensorflowlog import quiet_tensorflow

quiet_tensorflow()
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")


@pytest.fixture(scope="session")
def sample_outputs() -> SampleOutputs:
    return make_sample_outputs()


@pytest.fixture(scope="session")
def test_data() -> Path:
    """The folder of real data; tests that ask for it skip where it is absent."""
    root = Path(__file__).parents[1]
    folder = Path(os.environ.get("EDGE_NAS_TEST_DATA", root.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no real data: {folder} is no folder (EDGE_NAS_TEST_DATA names it)")
    return folder
