"""The C of the generated network: one unit per file, text with places that the generator fills."""
