import numpy as np

from edge_nas.int8.operators.broadcasting import aligned


def test_new_dimensions_come_between_the_batch_and_the_rest() -> None:
    codes = np.arange(6, dtype=np.int8).reshape(2, 3)
    assert aligned(codes, (4, 5, 3)).shape == (2, 1, 1, 3)
    assert aligned(codes, (3,)).shape == (2, 3)
    assert aligned(np.zeros((1,), np.int8), (4, 5)).shape == (1, 1, 1)
