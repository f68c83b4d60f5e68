"""Every error a user can cause, each with the exit code of the command that meets it.

    EdgeNasError            1  internal: a promise of ours is broken
    ├── ConfigError         2  usage or configuration
    ├── InputError          3  bad input file or data, or a path that is not there
    │   ├── DataError          images, masks, folders
    │   ├── ArtifactError      a model file
    │   ├── GraphError         a network that cannot be taken apart
    │   └── DivergedError      a loss that became NaN or infinite
    ├── GateError           4  a gate was not met (accuracy, parity, budget)
    ├── LockedError         5  another process works in this run
    ├── ResourceError       6  disk, memory, permission, missing tool
    └── UnsafeError         7  refused as unsafe
        └── UntrustedCodeError code that a file names; the command line can say that it is trusted

A message says what is wrong, where (file, key, layer, tensor), what was seen, what is allowed and what to do.
"""

INTERRUPTED_EXIT_CODE = 130


class EdgeNasError(Exception):
    """Base of all errors raised on purpose; `exit_code` is what the command returns."""

    exit_code = 1


class ConfigError(EdgeNasError):
    """A configuration, an argument or a combination of them is not allowed."""

    exit_code = 2


class InputError(EdgeNasError):
    """A file, folder or data set given by the user is not there or cannot be used."""

    exit_code = 3


class DataError(InputError):
    """Images or masks are missing, unreadable or do not belong together."""


class ArtifactError(InputError):
    """A model file is malformed or holds what this tool does not read."""


class GraphError(InputError):
    """A network cannot be flattened, pruned or quantized; the message names the layer and the way round."""


class DivergedError(InputError):
    """The loss of a training became NaN or infinite; the message names the epoch and the step."""


class GateError(EdgeNasError):
    """A result is worse than the configuration allows."""

    exit_code = 4


class LockedError(EdgeNasError):
    """Another process is working in the run folder."""

    exit_code = 5


class ResourceError(EdgeNasError):
    """The machine lacks disk, memory, a permission or a tool that was asked for."""

    exit_code = 6


class UnsafeError(EdgeNasError):
    """A file would run code or reach outside its place."""

    exit_code = 7


class UntrustedCodeError(UnsafeError):
    """A configuration file names code, and nobody has said that it may run; the message lists it."""


class ModelWarning(UserWarning):
    """Something about a network that was dealt with and that its owner should know; the command line shows it."""


def is_out_of_memory(error: BaseException) -> bool:
    """Returns whether an exception says that there is no memory left, Python's own or TensorFlow's."""
    # TensorFlow's, by its name: this module imports nothing.
    return isinstance(error, MemoryError) or type(error).__name__ in ("ResourceExhaustedError", "OutOfMemoryError")
