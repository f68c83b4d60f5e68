"""How many threads numpy's BLAS computes with, for a while: matrices of a few hundred columns are worth one.

OpenBLAS shares every product among all cores, and its threads then wait for the next one in a loop that takes a core
each: pruning a MobileNetV2 0.35 costs 7 CPU s with one thread and 16 with two, of which 9 are spent waiting. It is
no faster for it, and slower where somebody else works on the machine.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from threadpoolctl import threadpool_limits

WORTH_THREADS = 2_000
"""Columns of a matrix from which on all cores take part: its covariance over 20,000 rows then takes a core 4 s."""


@contextmanager
def blas_threads_for(columns: int) -> Iterator[None]:
    """Has every BLAS of the process compute with one thread inside, unless a matrix has `WORTH_THREADS` columns.

    Args:
        columns: of the widest matrix that is worked on inside.
    """
    with threadpool_limits(limits=1 if columns < WORTH_THREADS else None, user_api="blas"):
        yield
