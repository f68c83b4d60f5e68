from pathlib import Path

import numpy as np
import pytest

from edge_nas.emulation.cores import find_core
from edge_nas.emulation.elf import code_range, functions, memory_bytes
from edge_nas.emulation.image import IMAGE, measure_image
from edge_nas.errors import ResourceError


@pytest.mark.parametrize("content", [b"", b"\x7fELF\x02\x01" + bytes(60), b"no ELF at all, just some text"])
def test_other_files_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "file").write_bytes(content)
    for read in (memory_bytes, code_range, functions):
        with pytest.raises(ResourceError, match="not a 32-bit little-endian ELF file"):
            read(tmp_path / "file")


@pytest.mark.mcu
def test_an_image_has_its_functions_where_its_code_is(tmp_path: Path, small_model: Path) -> None:
    core = find_core("cortex-m33")
    sizes = measure_image(core, small_model, tmp_path)
    flash, ram = memory_bytes(tmp_path / IMAGE)
    assert flash > sizes.flash_bytes
    assert ram >= sizes.ram_bytes == 32
    base, size = code_range(tmp_path / IMAGE)
    assert base == core.code.origin
    assert 0 < size <= flash
    known = functions(tmp_path / IMAGE)
    assert {"main", "edge_model_run", "reset"} <= {function.name for function in known}
    addresses = np.array([function.address for function in known])
    assert (np.diff(addresses) >= 0).all()
    assert (addresses % 2 == 0).all()
    assert (addresses >= base).all()
    assert (addresses < base + size).all()
