"""Which network for this board? A search within its memories and a limit of time.

python examples/board_search.py [--quick]
"""

import sys

from edge_nas.boards import load_board
from edge_nas.cli.main import run


def main(quick: bool) -> None:
    """Says what the board has, and searches for ten minutes."""
    board = load_board("nrf52840")
    assert board.sram_bytes is not None
    print(f"{board.title}: {board.sram_bytes.value:,} bytes of SRAM")
    command = ["search", "terrain_48x64", "--board", "nrf52840", "--latency-ms", "60", "--time", "10m"]
    print(f"$ edge-nas {' '.join(command)}", flush=True)
    if run([*command[:1], "--help"] if quick else command):
        sys.exit(1)


if __name__ == "__main__":
    main("--quick" in sys.argv)
