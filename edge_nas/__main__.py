"""`python -m edge_nas`: the same as the command `edge-nas`."""

from edge_nas.cli.start import main

if __name__ == "__main__":
    main()
