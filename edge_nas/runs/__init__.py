"""A run: its folder, what it was made from, who is told how far it is, and what a stage is lent of it."""
