"""Flat functional networks: flattening, channel groups, surgery, folding, cost."""
