"""Writes NAME.yaml and, where the data have to be arranged or drawn, the folder NAME_data beside it."""

import re
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from edge_nas.boards import load_board
from edge_nas.core import atomic
from edge_nas.core.configfile import load_config
from edge_nas.core.extensions import TASKS
from edge_nas.data.layout import IMAGE_FOLDERS, MASK_FOLDERS, Layout, contents, find_layout
from edge_nas.data.listing import existing_folder
from edge_nas.data.terrain import TerrainSpec, draw_terrain
from edge_nas.errors import ConfigError, DataError
from edge_nas.project.arrange import arrange
from edge_nas.project.guess import Guess, guess, require_some
from edge_nas.project.sizes import other_sizes
from edge_nas.results.init import Begun

_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_-]{0,63}$")
_DRAWN = TerrainSpec(train_images=24, val_images=8, test_images=8)
"""Forty pictures: enough to see the layout, drawn in a second. No network learns much from 24."""
_DRAWN_SHAPE = (96, 128, 3)
_LAYOUTS = "{train,val[,test]}/{img,mask}, {train,val[,test]}/CLASS or {train,val[,test]}.npz"
_FEW = 100
"""Training pictures below which a network is more luck than learning."""


def begin(name: str, data: Path | None, *, task: str | None, board: str | None) -> Begun:
    """Writes a project and says what it came to.

    Args:
        name: of the configuration, its file and the run.
        data: somebody's samples; None: forty pictures are drawn.
        task: the task; None: the labels tell.
        board: the board; None: that of a build that names none.

    Raises:
        ConfigError: the name cannot be one, NAME.yaml or NAME_data is there already, an unknown task or board, or
            labels of another task.
        DataError: no layout that is known, or a file that cannot be read.
        ResourceError: nothing can be written here.
        UnsafeError: a link that leads out of the data.
    """
    if not _NAME.match(name):
        raise ConfigError(f"{name!r} cannot be a name: letters, digits, - and _, with a letter first, at most 64")
    config = Path(f"{name}.yaml")
    if config.exists():
        raise ConfigError(f"{config} is there already; choose another NAME, or change that file")
    if board is not None:
        load_board(board)
    if task is not None:
        TASKS.require(task)
    board = board or load_config().deploy.board
    if data is None:
        if task not in (None, "binary_segmentation"):
            raise ConfigError(
                f"--task {task} needs data of yours: --data DIR; what is drawn here is binary_segmentation"
            )
        return _drawn(name, config, board)
    return _of_data(name, config, data, task, board)


def _drawn(name: str, config: Path, board: str) -> Begun:
    folder = Path(f"{name}_data")
    if folder.exists():
        raise ConfigError(f"{folder} is there already; remove it, or choose another NAME")
    splits = draw_terrain(_DRAWN, _DRAWN_SHAPE)
    for split, arrays in splits.items():
        for part in ("img", "mask"):
            atomic.make_folder(folder / split / part)
        for stem, image, mask in zip(arrays.names, arrays.images, arrays.labels, strict=True):
            Image.fromarray(image).save(folder / split / "img" / f"{stem}.png")
            Image.fromarray(255 * mask).save(folder / split / "mask" / f"{stem}.png")
    because = "the drawn masks hold 0 and 255"
    size = (_DRAWN_SHAPE[0], _DRAWN_SHAPE[1])
    guessed = Guess("binary_segmentation", because, (48, 64, 3), "terrain_net", size)
    atomic.write_text(config, config_text(name, "folder", folder, guessed, board))
    notes = (f"put your own pictures into {folder} in the same way, at least {_FEW} into train/img and train/mask",)
    counts = {str(split): len(arrays.names) for split, arrays in splits.items()}
    return _Project(name, folder, "forty drawn pictures", guessed, counts, notes).begun()


def _of_data(name: str, config: Path, data: Path, task: str | None, board: str) -> Begun:
    existing_folder(data)
    layout = find_layout(data)
    if layout is None:
        raise DataError(
            f"{data}: no data set that is known; seen: {contents(data)}. A build takes {_LAYOUTS}; init arranges "
            f"pictures and masks in two folders (called {', '.join(IMAGE_FOLDERS)}; {', '.join(MASK_FOLDERS)}), "
            "name.jpg beside name_mask.png, or a folder of pictures for each class"
        )
    require_some(layout, data)
    guessed = guess(data, layout, task)
    folder, notes = data, list[str]()
    counts = {str(split or ""): len(samples) for split, samples in layout.samples.items()}
    numbers = guessed.numbers
    sizes = other_sizes(layout)
    if not layout.is_taken or numbers is not None or sizes:
        folder = Path(f"{name}_data")
        arranged = arrange(layout, folder, numbers, sizes, in_colour=guessed.in_colour)
        counts = {str(split): count for split, count in arranged.counts.items()}
        notes += _arranged_notes(layout, data, folder, arranged.copied)
        if numbers is not None:
            notes.append(_renumbered_note(numbers, guessed, config))
        if sizes:
            notes.append(f"{len(sizes)} masks had another size than their picture and were written anew at its size")
    notes += _sample_notes(layout, counts, guessed)
    source = {"masks": "folder", "classes": "classes", "arrays": "npz"}[layout.kind]
    atomic.write_text(config, config_text(name, source, folder, guessed, board))
    return _Project(name, folder, layout.described, guessed, counts, tuple(notes)).begun()


def _arranged_notes(layout: Layout, data: Path, folder: Path, copied: int) -> list[str]:
    how = "links to" if not copied else f"{copied} copies and links of"
    notes = [f"{folder} holds {how} the files of {data}, which stay as they are"]
    if not layout.is_split:
        notes.append(
            "split at random; where pictures are frames of a few drives, neighbours make scores too good: name "
            f"the drives in {folder}/train/groups.csv and hold one out with data.holdout_group"
        )
    return notes


def _renumbered_note(numbers: dict[int, int], guessed: Guess, config: Path) -> str:
    changed = ", ".join(f"{guessed.shown(value)} -> {number}" for value, number in numbers.items())
    if guessed.task == "binary_segmentation":
        return f"masks were written anew with 0 for background: {changed}"
    return f"masks were written anew with class numbers: {changed}; name them in {config}: data.classes"


def _sample_notes(layout: Layout, counts: dict[str, int], guessed: Guess) -> list[str]:
    notes = []
    if layout.lonely:
        notes.append(f"{len(layout.lonely)} files without a partner were left out, such as {layout.lonely[0].name}")
    if 0 < counts.get("train", _FEW) < _FEW:
        notes.append(f"{counts['train']} training samples are few; expect little below {_FEW}")
    if guessed.model is None:
        notes.append("no registered network takes such samples: name yours as model.name, my_nets:net")
    return notes


@dataclass(frozen=True)
class _Project:
    """What was found and written: the folder of the data, how it lay, the guesses, samples by split, notes."""

    name: str
    folder: Path
    found: str
    guessed: Guess
    counts: dict[str, int]
    notes: tuple[str, ...]

    def begun(self) -> Begun:
        """Returns it as an answer."""
        return Begun(
            config=f"{self.name}.yaml",
            data=str(self.folder),
            found=self.found,
            task=self.guessed.task,
            task_because=self.guessed.because,
            splits={split: count for split, count in self.counts.items() if split},
            notes=self.notes,
            next_command=f"edge-nas check {self.name}.yaml",
        )


def config_text(name: str, source: str, root: Path, guessed: Guess, board: str) -> str:
    """Returns NAME.yaml: the ten settings that a newcomer changes first, each with what it does."""
    size = "" if guessed.stored_size is None else f"; yours are {' x '.join(map(str, guessed.stored_size))}"
    lines = [
        f"# edge-nas build {name}.yaml    all settings: edge-nas config show {name}.yaml --resolved",
        "",
        _setting(f"name: {name}", f"the run is runs/{name}"),
        _setting(f"task: {guessed.task}", "binary_segmentation, segmentation, classification, regression"),
        "data:",
        _setting(f"  source: {source}", "folder: pictures and masks; classes: class folders; npz: arrays"),
        _setting(f"  root: {_quoted(str(root))}", "holds train, val and test"),
        _setting(f"  input_shape: {list(guessed.input_shape)}", f"what the network sees{size}"),
        *_classes(guessed.classes),
        "model:",
        _setting(f"  name: {guessed.model or 'my_nets:net'}", "terrain_net, fast_u, presence_net, ...; or my_nets:net"),
        "train:",
        _setting("  epochs: 60", "passes over the training samples"),
        "prune:",
        _setting("  ratio: 0.5", "share of the channels that goes; 0: none"),
        "quantize:",
        _setting("  max_drop: 0.01", "gate: how much of the score int8 may lose"),
        "deploy:",
        _setting(f"  board: {board}", "edge-nas boards lists them"),
    ]
    return "\n".join(lines) + "\n"


def _classes(names: tuple[str, ...]) -> list[str]:
    listed = f"  classes: [{', '.join(names)}]"
    return [_setting(listed, "names of the numbers from 0 on: write yours")] if names else []


def _setting(text: str, comment: str) -> str:
    return f"{text:34}# {comment}" if len(text) < 34 else f"{text}  # {comment}"


def _quoted(text: str) -> str:
    """Returns text as YAML that means it and nothing else."""
    return text if re.fullmatch(r"[\w./-]*[A-Za-z/][\w./-]*", text) else "'" + text.replace("'", "''") + "'"
