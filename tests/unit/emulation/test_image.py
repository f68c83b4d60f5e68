import shutil
from pathlib import Path

import pytest

from edge_nas.emulation.cores import CORES, find_core
from edge_nas.emulation.image import measure_image
from edge_nas.errors import GateError

pytestmark = pytest.mark.mcu


@pytest.mark.parametrize("name", CORES)
def test_sizes_are_those_of_the_network_alone(name: str, small_model: Path, tmp_path: Path) -> None:
    (tmp_path / "work").mkdir()
    small = measure_image(find_core(name), small_model, tmp_path / "work")
    folder = shutil.copytree(small_model, tmp_path / "larger")
    # A second file, with a table that is used and one that is not.
    (folder / "edge_more.c").write_text(
        "#include <stdint.h>\nuint8_t edge_more(uint32_t at);\nstatic const uint8_t table[800] = {1};\n"
        "const uint8_t edge_unused[5000] = {2};\nuint8_t edge_more(uint32_t at) { return table[at % 800]; }\n"
    )
    text = (folder / "edge_model.c").read_text().replace("spin(turns);", "arena[31] = (int8_t)edge_more(turns);")
    (folder / "edge_model.c").write_text(
        text.replace("#include <string.h>", "#include <string.h>\nuint8_t edge_more(uint32_t at);")
    )
    large = measure_image(find_core(name), folder, tmp_path / "work")
    assert large.ram_bytes == small.ram_bytes == 32
    # The M0+ and the lx106 divide by a library function.
    most = {"cortex-m0plus": 1300, "lx106": 1000}.get(name, 900)
    assert 800 <= large.flash_bytes - small.flash_bytes < most


def test_c_that_does_not_compile_is_blamed(small_model: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(small_model, tmp_path / "model")
    (folder / "edge_more.c").write_text("int edge_more(void) { int unread; return 1; }\n")
    with pytest.raises(GateError, match=r"edge_more.c does not compile with .*arm-none-eabi-gcc"):
        measure_image(find_core("cortex-m4"), folder, tmp_path)
    (folder / "edge_more.c").write_text("int main(void) { return 1; }\n")
    with pytest.raises(GateError, match="cortex-m4: the generated C does not link"):
        measure_image(find_core("cortex-m4"), folder, tmp_path)
