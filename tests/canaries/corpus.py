"""Every case of every family."""

from canaries import data_sets, networks, run_folders, settings

CASES = (*networks.CASES, *settings.CASES, *data_sets.CASES, *run_folders.CASES)
