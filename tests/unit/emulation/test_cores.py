import pytest

from edge_nas.emulation.cores import CORES, find_core
from edge_nas.errors import ConfigError


def test_the_cores_are_those_promised() -> None:
    promised = [
        *("cortex-m0plus", "cortex-m3", "cortex-m4", "cortex-m7", "cortex-m33", "cortex-m55", "rv32imac", "lx106"),
    ]
    assert list(CORES) == promised
    assert all(find_core(name).name == name for name in promised)


def test_an_instruction_is_never_less_than_a_count() -> None:
    # Else a count could not be read back to single instructions.
    assert min(core.counts_per_instruction for core in CORES.values()) >= 1


def test_an_unknown_core_names_the_nearest() -> None:
    with pytest.raises(
        ConfigError, match=r"unknown core 'cortex-m44'; known: cortex-m0plus, .*; did you mean 'cortex-m4'"
    ):
        find_core("cortex-m44")
