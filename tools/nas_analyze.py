"""The redundancy of any model on any images: the command `edge-nas analyze MODEL --data DIR`, as a script.

    python -m tools.nas_analyze my_module:make_model --data my_images --out analysis

MODEL is a .npz, .keras or .h5 file, a run folder, or module:function; --help lists the options.
"""

import sys

from edge_nas.cli.main import run

if __name__ == "__main__":
    sys.exit(run(["analyze", *sys.argv[1:]]))
