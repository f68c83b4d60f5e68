"""OpenBLAS computes small matrices with one thread, and is left as it was."""

from pathlib import Path

import numpy as np
import pytest

from edge_nas.core.blasthreads import WORTH_THREADS, _function, _open_blas, blas_threads_for

MAPS = Path("/proc/self/maps")


@pytest.fixture
def threads() -> object:
    """Asks numpy's OpenBLAS, set to two threads, how many it has."""
    libraries = [library for library in _open_blas(MAPS) if "numpy" in library._name]
    if not libraries:
        pytest.skip(f"numpy's BLAS is no OpenBLAS here: {np.show_config(mode='dicts')['Build Dependencies']['blas']}")
    ask, tell = _function(libraries[0], "get_num_threads"), _function(libraries[0], "set_num_threads")
    assert ask is not None
    assert tell is not None
    before = ask()
    tell(2)
    yield ask
    tell(before)


def test_small_matrices_have_one_thread(threads) -> None:
    with blas_threads_for(WORTH_THREADS - 1):
        assert threads() == 1
    assert threads() == 2


def test_wide_matrices_have_all(threads) -> None:
    with blas_threads_for(WORTH_THREADS):
        assert threads() == 2


def test_an_error_inside_leaves_the_threads_of_before(threads) -> None:
    with pytest.raises(ZeroDivisionError), blas_threads_for(1):
        raise ZeroDivisionError
    assert threads() == 2


def test_a_system_without_such_a_list_changes_nothing(threads, tmp_path: Path) -> None:
    with blas_threads_for(1, maps=tmp_path / "none"):
        assert threads() == 2
