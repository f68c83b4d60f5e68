"""Everything that runs a network on this machine behind one `run(batch)`."""
