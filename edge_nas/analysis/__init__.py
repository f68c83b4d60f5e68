"""The redundancy of a model in hand, and redundancy as a table, as files and as plots."""
