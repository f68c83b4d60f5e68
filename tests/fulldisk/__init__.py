"""Commands on folders that are really full, in a mount namespace of their own: `unshare -rm python -m fulldisk FOLDER`.

Prints, as JSON, how each command ended, what it said, and what it left that should not be there.
"""
