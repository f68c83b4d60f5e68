"""Every name in a configuration, resolved without TensorFlow and without running what it names."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from edge_nas.boards import load_board
from edge_nas.core.config import BuildConfig, ModelSpec
from edge_nas.core.extensions import CRITERIA, MODELS
from edge_nas.core.importing import found_module
from edge_nas.core.modelnames import is_function, is_outside
from edge_nas.emulation.cores import find_core
from edge_nas.errors import ArtifactError, ConfigError, EdgeNasError


def check_names(config: BuildConfig, stages: Collection[str]) -> None:
    """Refuses a name that there is not, of what these stages use; layers are known once the network is built.

    Raises:
        ConfigError: no such model, criterion, core, board or module; its key and the nearest name.
        InputError: no such model file or board file.
    """
    if "train" in stages:
        _check_model(config.model, "model")
        if config.train.teacher is not None:
            _check_model(config.train.teacher, "train.teacher")
    if "prune" in stages:
        with _at("prune.criterion"):
            CRITERIA.require(config.prune.criterion)
    if "verify" in stages:
        for key, cores in (("cores", config.verify.cores), ("step_cores", config.verify.step_cores)):
            for core in cores or ():
                with _at(f"verify.{key}"):
                    find_core(core)
    if "deploy" in stages:
        with _at("deploy.board"):
            load_board(config.deploy.board)


@contextmanager
def _at(key: str) -> Iterator[None]:
    """Puts the key in front of what is wrong with its value; the exit code stays that of the error."""
    try:
        yield
    except EdgeNasError as error:
        raise type(error)(f"{key}: {error}") from error


def _check_model(spec: ModelSpec, key: str) -> None:
    if is_function(spec.name):
        _check_module(spec.name, f"{key}.name")
    elif not is_outside(spec.name):
        with _at(f"{key}.name"):
            MODELS.require(spec.name)
    elif not Path(spec.name).exists():
        raise ArtifactError(f"{key}.name: {spec.name}: no such model file")
    for named in spec.custom_objects:
        _check_module(named, f"{key}.custom_objects")


def _check_module(named: str, key: str) -> None:
    module, colon, name = named.partition(":")
    if not (module and colon and name.isidentifier()):
        raise ConfigError(f"{key}: {named!r} names no class or function; write module:Name, such as my_layers:Swish")
    # Of the outermost package: to look for an inner module would import it.
    if found_module(module.partition(".")[0]) is None:
        raise ConfigError(
            f"{key}: {named} cannot be imported: there is no module {module!r} in {Path.cwd()} or among the installed "
            "packages"
        )
