"""What all tests share: quiet TensorFlow, the same random numbers, real data, an output of every stage."""

import os
import random
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from sampleoutputs import SampleOutputs, make_sample_outputs

from edge_nas.core.tensorflowlog import quiet_tensorflow

quiet_tensorflow()
# Networks of tests are small, and tests run in as many processes as there are cores: a thread for each operator saves a
# fifth of the time. Programs that tests start have it as well.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
settings.register_profile("tests", deadline=None, derandomize=True)
settings.load_profile("tests")


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Starts every generator anew, before fixtures: weights of a test's network must not differ from run to run."""
    random.seed(0)  # tf_keras takes the seeds of initializers from here where it has none
    np.random.seed(0)  # noqa: NPY002 - that of third parties
    if "tf_keras" in sys.modules:
        sys.modules["tf_keras"].utils.set_random_seed(0)


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
