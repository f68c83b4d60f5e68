import sys
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from edge_nas.core.config import BuildConfig, ModelSpec
from edge_nas.core.configfile import dump_config, load_config
from edge_nas.core.extensions import SOURCES, TASKS
from edge_nas.core.trust import require_trusted
from edge_nas.errors import UnsafeError, UntrustedCodeError

# Every setting by which a configuration can make code run.
NAMING = {
    "model": "model: planted:call",
    "model.name": "model: {name: 'planted:call', arguments: {a: 1}}",
    "model.custom_objects": "model: {name: net.keras, custom_objects: ['planted:call']}",
    "model.trust": "model: {name: net.keras, trust: true}",
    "train.teacher": "train: {teacher: 'planted:call'}",
    "train.teacher.name": "train: {teacher: {name: 'planted:call'}}",
    "train.teacher.custom_objects": "train: {teacher: {name: net.keras, custom_objects: ['planted:call']}}",
    "train.teacher.trust": "train: {teacher: {name: net.h5, trust: true}}",
    "data.function": "task: classification\ndata: {source: function, function: 'planted:call', classes: [a, b]}",
}
STRANGERS = {
    "os:system": "standard library",
    "posix:system": "standard library",
    "subprocess:run": "standard library",
    "os.path:join": "standard library",
    "builtins:exec": "standard library",
    "yaml:load": "outside the current project",
    "numpy.lib:load": "outside the current project",
    "edge_nas.core.atomic:remove": "outside the current project",
    "not_there:call": "outside the current project",
}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, with a module `planted` that leaves a file `canary` when it is imported or called."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delitem(sys.modules, "planted", raising=False)
    (tmp_path / "planted.py").write_text(
        "from os import system\nfrom pathlib import Path\nPath('canary').touch()\n"
        "def call(**arguments):\n    Path('canary').touch()\n    raise RuntimeError(arguments)\n"
    )
    return tmp_path


@pytest.mark.parametrize("key", NAMING)
def test_a_files_word_runs_nothing(key: str, folder: Path) -> None:
    (folder / "own.yaml").write_text(NAMING[key])
    config = load_config("own.yaml")
    with pytest.raises(UntrustedCodeError, match=r"own.yaml:\d: .* runs code\n.*--trust-config") as refused:
        require_trusted(config)
    assert key in str(refused.value)
    require_trusted(load_config("own.yaml", trust=True))
    assert not (folder / "canary").exists()


@pytest.mark.parametrize("key", NAMING)
def test_the_configuration_of_a_run_is_a_file(key: str, folder: Path) -> None:
    (folder / "own.yaml").write_text(NAMING[key])
    (folder / "config.yaml").write_text(dump_config(load_config("own.yaml", trust=True)))
    with pytest.raises(UntrustedCodeError):
        require_trusted(load_config("config.yaml"))


@pytest.mark.parametrize("named", STRANGERS)
def test_strangers_are_refused_although_the_file_is_trusted(named: str, folder: Path) -> None:
    (folder / "own.yaml").write_text(f"model: '{named}'")
    with pytest.raises(UnsafeError, match=STRANGERS[named]) as refused:
        load_config("own.yaml", trust=True)
    assert not isinstance(refused.value, UntrustedCodeError)
    with pytest.raises(UnsafeError, match=STRANGERS[named]):
        require_trusted(load_config("own.yaml"))


def test_a_folder_of_modules_is_of_the_project(folder: Path) -> None:
    (folder / "nets").mkdir()
    (folder / "nets" / "wide.py").write_text("")
    (folder / "own.yaml").write_text("model: 'nets.wide:make'")
    load_config("own.yaml", trust=True)


def test_what_an_environment_in_the_project_holds_is_not_the_project(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("site.getsitepackages", lambda: [str(folder / "venv")])
    (folder / "venv").mkdir()
    (folder / "venv" / "strangers.py").write_text("")
    monkeypatch.syspath_prepend(str(folder / "venv"))
    (folder / "own.yaml").write_text("model: 'strangers:make'")
    with pytest.raises(UnsafeError, match="outside the current project"):
        load_config("own.yaml", trust=True)


@pytest.mark.parametrize(
    "settings",
    [
        ["model=planted:call"],
        ["model=yaml:load"],
        ["model=net.keras", "model.trust=true", "model.custom_objects=[planted:call]"],
        ["train.teacher.name=planted:call"],
        ["task=classification", "data.source=function", "data.function=planted:call", "data.classes=[a,b]"],
    ],
)
def test_the_command_line_is_the_users_word(settings: list[str], folder: Path) -> None:
    require_trusted(load_config(None, settings))
    (folder / "own.yaml").write_text("model: {name: 'other:net', custom_objects: ['a:b'], trust: true}")
    model = [] if settings[0].startswith("model") else ["model=nano_u"]
    cleared = ["model.custom_objects=[]", "model.trust=false"]
    require_trusted(load_config("own.yaml", [*cleared, *model, *settings]))


def test_arguments_of_the_command_line_do_not_make_the_files_code_theirs(folder: Path) -> None:
    (folder / "argument 'x'.yaml").write_text("model: {name: 'planted:call'}")
    with pytest.raises(UntrustedCodeError):
        require_trusted(load_config("argument 'x'.yaml", ["name=x", "model.arguments.a=2", "train.epochs=1"]))


def test_code_that_a_program_names_is_the_programs(folder: Path) -> None:
    (folder / "own.yaml").write_text(NAMING["model"])
    config = load_config("own.yaml")
    own = config.model_copy(update={"model": config.model.model_copy(update={"name": "mine:net"})})
    require_trusted(own)
    with pytest.raises(UntrustedCodeError):
        require_trusted(config.model_copy(update={"seed": 3}))


def test_sections_that_are_not_used_may_name_code(folder: Path) -> None:
    (folder / "own.yaml").write_text(NAMING["model"])
    require_trusted(load_config("own.yaml"), ("data", "task"))


def test_equal_settings_are_equal_wherever_they_are_from(folder: Path) -> None:
    (folder / "own.yaml").write_text("model: 'planted:call'")
    config = load_config("own.yaml")
    made = BuildConfig(name="own", model=ModelSpec(name="planted:call"))
    assert config == load_config("own.yaml", trust=True) == made
    assert config != load_config("own.yaml", ["seed=1"])


@pytest.mark.parametrize("settings", ["task: planted", "data: {source: planted}"])
def test_an_installed_packages_task_or_source_is_not_imported(
    settings: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for registry in (TASKS, SOURCES):
        point = EntryPoint("planted", "planted:call", "edge_nas.any")
        monkeypatch.setitem(registry._named, "planted", point)
        monkeypatch.setitem(registry._installed, "planted", point)
    monkeypatch.syspath_prepend(str(folder))
    (folder / "own.yaml").write_text(settings)
    with pytest.raises(UntrustedCodeError, match=r"own.yaml:1: .* is planted \(planted:call\), which runs code"):
        load_config("own.yaml")
    assert not (folder / "canary").exists()


@pytest.mark.parametrize(
    ("settings", "group"),
    [
        ("prune: {criterion: mine}", "edge_nas.criteria"),
        ("model: mine", "edge_nas.models"),
        ("deploy: {board: mine}", "edge_nas.boards"),
    ],
)
def test_an_installed_packages_criterion_model_or_board_is_code(
    settings: str, group: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    points = {group: [EntryPoint("mine", "planted:call", group)]}
    monkeypatch.setattr("edge_nas.core.trust.entry_points", lambda group: points.get(group, []))
    (folder / "own.yaml").write_text(settings)
    with pytest.raises(UntrustedCodeError, match="is mine, which runs code"):
        require_trusted(load_config("own.yaml"))
    require_trusted(load_config("own.yaml", trust=True))


def test_a_declared_entry_point_may_lie_anywhere(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Distribution:
        entry_points = (EntryPoint("open", "yaml:load", "edge_nas.models"), EntryPoint("x", "yaml:dump", "others"))

    monkeypatch.setattr("edge_nas.core.trust.distributions", lambda: [Distribution()])
    (folder / "own.yaml").write_text("model: 'yaml:load'")
    load_config("own.yaml", trust=True)
    (folder / "own.yaml").write_text("model: 'yaml:dump'")
    with pytest.raises(UnsafeError, match="outside the current project"):
        load_config("own.yaml", trust=True)
