"""Many processes that build in one folder at the same moment: `python -m builders FOLDER ROUNDS`."""
