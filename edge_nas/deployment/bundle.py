"""Writes a bundle: one folder that four build systems take as a library, around the same generated C.

It is at once a CMake library, an ESP-IDF component, a Zephyr module and an Arduino library.

    src/                 generated code; preprocessing and meaning of the outputs, where they are known: the library
    examples/SelfTest/   test vectors and the comparison; an Arduino sketch
    self_test/           the same as a program with `main`; qemu/ has all that it needs on an emulated core
    vectors/             the test vectors as files
    interpreter/         the .tflite as a C array for tflite-micro, for who wants that way; where it runs the network
    README.md, LICENSE, bundle.json, and one or two files per build system
    sbom.cdx.json        what is in it and what it was made with, as CycloneDX
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any, NamedTuple

import jinja2

from edge_nas.boards import Board
from edge_nas.core import atomic
from edge_nas.core.formats import estimate_error
from edge_nas.core.hashing import sha256_bytes, sha256_file
from edge_nas.core.samples import SampleFormat
from edge_nas.deployment import sbom, vela
from edge_nas.deployment.budget import budget_of, latency_of
from edge_nas.deployment.ctext import c_real, c_string
from edge_nas.deployment.interpreter import InterpreterWay, interpreter_way, model_data_source, operator_methods
from edge_nas.deployment.preprocess import Preprocess, preprocess_of, why_no_pixels
from edge_nas.deployment.task import OutputTask, output_task
from edge_nas.deployment.vectors import Vectors, reference_vectors, vectors_source
from edge_nas.emulation import EmulatedCore, find_core
from edge_nas.emulation.frames import packed
from edge_nas.errors import GateError, ResourceError
from edge_nas.int8.reader import read_tflite
from edge_nas.results.artifacts import TensorSpec
from edge_nas.results.compile import CompiledEnd, CompiledModel
from edge_nas.results.deploy import BudgetLine, BundleFile, DeploymentBundle, LatencyEstimate, NpuEstimate
from edge_nas.results.verify import VerificationReport
from edge_nas.tasks import TaskCard

BUNDLE = "bundle.json"
_MARKDOWN = re.compile(r"[\\`*<>|#]")
_MARKDOWN_LINKS = re.compile(r"[\\`*<>|#\[\]]")
_LINK = re.compile(r"\]\s*[(\[:]")
"""Without one of these, brackets are brackets: escaped, the commands that have some could not be copied."""
_REALS = re.compile(r"^[^/*]*\b(?:float|double) \*?\w", re.MULTILINE)
"""A variable of floating point in generated C, not in a comment."""
_PREPROCESS_HEADER = "src/edge_preprocess.h"
_INTERPRETER = ("interpreter/README.md", "interpreter/edge_operators.h", "interpreter/model_data.h")
_TASK = ("src/edge_task.h", "src/edge_task.c")
_QEMU = tuple(f"self_test/qemu/{name}" for name in ("CMakeLists.txt", "platform.cmake", "toolchain.cmake"))
_QEMU_ARM = ("self_test/qemu/core.ld", "self_test/qemu/startup.c")
_EMULATORS = ("qemu-system-arm", "qemu-system-riscv32")
"""Of the cores for which a bundle holds start-up and memory map."""
_TEMPLATES = (
    "CMakeLists.txt",
    "LICENSE",
    "README.md",
    "examples/SelfTest/SelfTest.ino",
    "examples/SelfTest/edge_self_test.c",
    "examples/SelfTest/edge_self_test.h",
    "examples/SelfTest/edge_vectors.h",
    "idf_component.yml",
    "library.properties",
    "self_test/main.c",
    "zephyr/CMakeLists.txt",
    "zephyr/Kconfig",
    "zephyr/module.yml",
)


@dataclass(frozen=True)
class _Facts:
    """What a bundle tells of, found once.

    Attributes:
        board, compiled, report: as they were given.
        coded_input: the int8 input of the network itself.
        task: what its output means; None: nobody has said.
        core: the emulated core on which the bundle tests itself; None: the board has none.
        sample: what its user gives it.
        preprocess: C from a sample to codes; None: nobody knows how, for the reason `preprocess_skipped`.
        table_bytes: constants of the preprocessing.
        vectors: inputs and the reference's outputs.
        interpreter: what the interpreter for microcontrollers makes of the file.
        budget, latency: on the board.
        npu: the estimate for the board's NPU; None: it has none, or for the reason `npu_skipped`.
    """

    board: Board
    compiled: CompiledModel
    report: VerificationReport
    coded_input: TensorSpec
    task: OutputTask | None
    core: EmulatedCore | None
    sample: SampleFormat
    preprocess: Preprocess | None
    preprocess_skipped: str | None
    table_bytes: int
    vectors: Vectors
    interpreter: InterpreterWay
    budget: tuple[BudgetLine, ...]
    latency: LatencyEstimate | None
    npu: NpuEstimate | None
    npu_skipped: str | None


def make_bundle(
    board: Board,
    data: bytes,
    compiled: CompiledModel,
    report: VerificationReport,
    folder: Path,
    *,
    sample: SampleFormat | None = None,
    card: TaskCard | None = None,
    called: str | None = None,
) -> DeploymentBundle:
    """Writes the bundle into an empty folder and returns what it holds; `require_fit` says whether it fits.

    Args:
        board: what it is for.
        data: the int8 .tflite file.
        compiled: the C generated of it.
        report: its verification.
        folder: made if missing; files there are replaced.
        sample: what the network was trained with; None where nobody knows: the bundle takes pixels as networks are
            trained with here if the input looks like it, and has no function else.
        card: what the outputs mean; None where nobody knows: the bundle has no function for that.
        called: what the result calls the folder; default: its path.

    Raises:
        GateError: the C or the report belong to another file.
        ResourceError: the folder cannot be written.
        ArtifactError: the file cannot be read.
    """
    sha256 = sha256_bytes(data)
    if not compiled.model_sha256 == report.model_sha256 == sha256:
        raise GateError("the generated C, its verification and the .tflite do not belong together; compile it again")
    facts = _facts(board, data, compiled, report, _Ends(sample, card))
    files = _files(facts, data)
    for name, content in files.items():
        atomic.make_folder((folder / name).parent)
        atomic.write_bytes(folder / name, content)
    bundle = DeploymentBundle(
        board=board.name,
        model_sha256=sha256,
        folder=called or str(folder),
        files=tuple(_described(folder, name) for name in sorted(files)),
        budget=facts.budget,
        latency=facts.latency,
        interpreter_arena_bytes=facts.interpreter.arena_bytes,
        interpreter_skipped=facts.interpreter.skipped,
        npu=facts.npu,
        npu_skipped=facts.npu_skipped,
        preprocess_skipped=facts.preprocess_skipped,
    )
    atomic.write_json(folder / BUNDLE, bundle.to_data())
    return bundle


class _Ends(NamedTuple):
    """What is known of a network's ends besides its file: of the samples, and of what is asked."""

    sample: SampleFormat | None
    card: TaskCard | None


def _facts(board: Board, data: bytes, compiled: CompiledModel, report: VerificationReport, ends: _Ends) -> _Facts:
    coded_input, sample = compiled.inputs[0].codes, ends.sample
    skipped = why_no_pixels(coded_input) if sample is None else None
    if compiled.has_several_ends:
        # `edge_preprocess` fills one input of one sample; which of several that is, nobody has said.
        skipped = "the network has several inputs or outputs; fill each input yourself, see the table above"
    taken = sample or SampleFormat(shape=coded_input.shape[1:])
    preprocess = None if skipped is not None else preprocess_of(taken, coded_input)
    table_bytes = 0 if preprocess is None else preprocess.constant_bytes
    npu, npu_skipped = _npu(board, data)
    return _Facts(
        board=board,
        compiled=compiled,
        report=report,
        coded_input=coded_input,
        task=None if compiled.has_several_ends else output_task(ends.card, compiled.outputs[0].codes),
        core=_emulated_core(board),
        sample=taken,
        preprocess=preprocess,
        preprocess_skipped=skipped,
        table_bytes=table_bytes,
        vectors=reference_vectors(data, compiled),
        interpreter=interpreter_way(data),
        budget=budget_of(board, compiled, report, table_bytes),
        latency=latency_of(board, report),
        npu=npu,
        npu_skipped=npu_skipped,
    )


def _files(facts: _Facts, data: bytes) -> dict[str, bytes]:
    """Returns the files of the bundle by their paths, all but the one that lists them."""
    compiled = facts.compiled
    files = _library(facts)
    files |= _rendered(
        (*_TEMPLATES, *_interpreter_templates(facts.interpreter), *_qemu_templates(facts.core)),
        board=facts.board,
        compiled=compiled,
        coded_input=facts.coded_input,
        sample=facts.sample,
        coded_output=compiled.outputs[0].codes,
        input_dtypes=_dtypes(compiled.inputs),
        output_dtypes=_dtypes(compiled.outputs),
        report=facts.report,
        task=facts.task,
        core=facts.core,
        is_arm=_is_arm(facts.core),
        flags_without_cpu=[] if facts.core is None else [f for f in facts.core.flags if not f.startswith("-mcpu=")],
        budget=facts.budget,
        latency=facts.latency,
        npu=facts.npu,
        npu_skipped=facts.npu_skipped,
        methods=operator_methods(read_tflite(data, "the .tflite file")),
        arena_bytes=facts.interpreter.arena_bytes,
        interpreter_skipped=facts.interpreter.skipped,
        vectors=len(facts.vectors.kinds),
        kinds=facts.vectors.kinds,
        model_bytes=len(data),
        has_reals=any(_REALS.search(file.text) for file in compiled.files if file.name.endswith(".c")),
        table_bytes=facts.table_bytes,
        sources=sorted(Path(name).name for name in files if name.endswith(".c")),
        preprocess_skipped=facts.preprocess_skipped,
    )
    if facts.interpreter.skipped is None:
        files["interpreter/model_data.c"] = model_data_source(data).encode()
    files |= _vector_files(facts.vectors)
    bill = sbom.bill_of_materials(facts.board.name, compiled.model_sha256, files, facts.report)
    files[sbom.FILE] = atomic.json_bytes(bill)
    return files


def _dtypes(ends: Sequence[CompiledEnd]) -> str:
    """Returns the dtypes of a frame's tensors in order, such as "int8, float32"."""
    return ", ".join(end.stored.dtype for end in ends)


def _library(facts: _Facts) -> dict[str, bytes]:
    """Returns the files of `src/` by their paths: generated code, preprocessing and outputs where they are known."""
    files = {f"src/{file.name}": file.text.encode() for file in facts.compiled.files}
    if facts.preprocess is not None:
        files["src/edge_preprocess.c"] = facts.preprocess.source.encode()
        files |= _rendered(
            (_PREPROCESS_HEADER,),
            sample=facts.sample,
            c_type=facts.preprocess.c_type,
            code_type=facts.preprocess.code_type,
        )
    if facts.task is not None:
        files |= _rendered(_TASK, task=facts.task)
    return files


def _emulated_core(board: Board) -> EmulatedCore | None:
    """Returns the core on which the bundle can test itself."""
    core = None if board.emulated_core is None else find_core(board.emulated_core)
    return core if core is not None and core.emulator.program in _EMULATORS else None


def _is_arm(core: EmulatedCore | None) -> bool:
    return core is not None and core.emulator.program == "qemu-system-arm"


def _qemu_templates(core: EmulatedCore | None) -> tuple[str, ...]:
    if core is None:
        return ()
    return (*_QEMU, *_QEMU_ARM) if _is_arm(core) else _QEMU


def _interpreter_templates(way: InterpreterWay) -> tuple[str, ...]:
    return _INTERPRETER if way.skipped is None else ()


def _vector_files(vectors: Vectors) -> dict[str, bytes]:
    """Returns the test vectors, as C for the self-test and as files."""
    return {
        "examples/SelfTest/edge_vectors.c": vectors_source(vectors).encode(),
        "vectors/inputs.bin": packed(vectors.inputs).tobytes(),
        "vectors/expected.bin": packed(vectors.outputs).tobytes(),
    }


def _npu(board: Board, data: bytes) -> tuple[NpuEstimate | None, str | None]:
    """Returns the estimate for the board's NPU, or why there is none. The C needs no NPU, so that it stops nothing."""
    if board.npu is None:
        return None, None
    try:
        return vela.estimate(board.npu, data), None
    except ResourceError as error:
        return None, str(error)


def _rendered(names: tuple[str, ...], **values: Any) -> dict[str, bytes]:
    """Returns path in the bundle -> what the template of that name becomes."""
    environment = jinja2.Environment(
        loader=jinja2.FunctionLoader(_template),
        autoescape=False,  # noqa: S701 - C, CMake and Markdown, no HTML
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["markdown"] = as_markdown
    environment.filters["c_string"] = c_string
    environment.filters["c_real"] = c_real
    environment.filters["estimate_error"] = estimate_error
    environment.filters["thousands"] = lambda number: f"{number:,}"
    return {name: environment.get_template(name).render(**values).encode() for name in names}


def as_markdown(text: str) -> str:
    """Returns text, of a board's file say, as Markdown that shows it and nothing else: one line, no links, no HTML."""
    return (_MARKDOWN_LINKS if _LINK.search(text) else _MARKDOWN).sub(r"\\\g<0>", " ".join(text.split()))


def _template(name: str) -> str:
    """Returns the text of a template of this package."""
    return resources.files("edge_nas.deployment").joinpath("templates", *name.split("/")).read_text(encoding="utf-8")


def _described(folder: Path, name: str) -> BundleFile:
    path = folder / name
    return BundleFile(path=name, sha256=sha256_file(path), size_bytes=path.stat().st_size)
