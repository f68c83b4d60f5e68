"""The public names: there, documented, and free of TensorFlow until they are used."""

import subprocess
import sys

import pytest

import edge_nas


@pytest.mark.parametrize("name", edge_nas.__all__)
def test_every_public_name_is_there_and_documented(name: str) -> None:
    assert getattr(edge_nas, name).__doc__
    assert name in dir(edge_nas)


def test_the_lazy_names_are_the_public_ones() -> None:
    assert set(edge_nas._HOMES) | {"__version__"} == set(edge_nas.__all__)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'buld'"):
        edge_nas.buld  # noqa: B018  # reading it is the test


def test_importing_the_package_and_the_pipeline_loads_no_tensorflow() -> None:
    code = (
        "import sys, edge_nas, edge_nas.pipeline; print(sorted({'tensorflow', 'tf_keras', 'keras'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
