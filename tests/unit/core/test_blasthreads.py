"""BLAS computes small matrices with one thread, and is left as it was."""

from collections.abc import Iterator

import numpy as np
import pytest
from threadpoolctl import threadpool_info, threadpool_limits

from edge_nas.core.blasthreads import WORTH_THREADS, blas_threads_for


@pytest.fixture(autouse=True)
def two_threads() -> Iterator[None]:
    if not _threads():
        pytest.skip(f"unknown BLAS: {np.show_config(mode='dicts')['Build Dependencies']['blas']}")
    with threadpool_limits(limits=2, user_api="blas"):
        yield


def _threads() -> set[int]:
    """Returns how many threads the BLAS libraries of this process have: numpy and scipy bring one each."""
    return {pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"}


def test_small_matrices_have_one_thread() -> None:
    with blas_threads_for(WORTH_THREADS - 1):
        assert _threads() == {1}
    assert _threads() == {2}


def test_wide_matrices_have_all() -> None:
    with blas_threads_for(WORTH_THREADS):
        assert _threads() == {2}


def test_an_error_inside_leaves_the_threads_of_before() -> None:
    with pytest.raises(ZeroDivisionError), blas_threads_for(1):
        raise ZeroDivisionError
    assert _threads() == {2}
