"""The families that a search knows from the start; one file each."""
