import numpy as np

from edge_nas.deployment.ctext import integers


def test_sixteen_to_a_line_with_a_comma_after_each() -> None:
    text = integers(np.arange(-2, 16, dtype=np.int8).reshape(3, 6))
    assert text.splitlines() == ["    " + ", ".join(map(str, range(-2, 14))) + ",", "    14, 15,"]
