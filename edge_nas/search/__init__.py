"""The search for the best network within the limits of a board. Imports no TensorFlow until a network is built.

family = FAMILIES.get("fast_u")
signature = Signature(input_shape=(48, 64, 3), outputs=1)
candidate = family.draw(signature, random.Random(0))
model = family.network(candidate)
"""

from edge_nas.search.space import FAMILIES, Candidate, Choice, Family, Signature

__all__ = ["FAMILIES", "Candidate", "Choice", "Family", "Signature"]
