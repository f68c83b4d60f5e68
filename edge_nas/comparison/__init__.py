"""Two builds, or two int8 files, beside each other: what one of them costs and scores that the other does not.

    comparison = compare(read_subject(Path("runs/a")), read_subject(Path("runs/b")), board_name=None)
    checked = check_policy(read_policy(Path("policy.yaml")), comparison)

Runs are read, never changed; nothing here trains, runs a network or imports TensorFlow.
"""

from edge_nas.comparison.compare import compare
from edge_nas.comparison.policy import Policy, check_policy, read_policy
from edge_nas.comparison.subjects import ReadSubject, read_subject

__all__ = ["Policy", "ReadSubject", "check_policy", "compare", "read_policy", "read_subject"]
