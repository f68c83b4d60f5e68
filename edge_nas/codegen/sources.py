"""How a kernel's C source is written, and how its text in edge_model.c comes of it.

A source is C but for this:

    #include "edge_planar.h"          the kernel wants that file of `kernels`, once, somewhere before it; perhaps only
                                      with some parameters, between the lines @if and @end below
    typedef struct {...} EdgeName;    its descriptor, with what else all functions of the source share
    /* function */                    from here on once for each function, with its parameters put in
    @include name_row.c@              the text of that file, with the parameters put in
    @if target planar@                the lines up to `@else@` or `@end@` are for functions whose `target` is `planar`
    @unless target planar@            ... or is something else; nothing but one word is compared, what else there is
                                      to decide is decided in Python, which gives a place of its own for it
    @note ...@                        for who reads the source; not in edge_model.c
    @shift@                           anywhere in a line: the value of a place
    @kernel@ void @function@(...)     how the function of a step is declared; `@short_kernel@` where it has a few lines,
                                      `@row_kernel@` where it has with DSP instructions; `@called_kernel@` where
                                      in plain C even a single step calls it, `@called_row_kernel@` where it
                                      does with the first Thumb instructions alone

Instruction sets: where `dsp/FILE`, `helium/FILE` or `thumb/FILE` exist, they take the place of FILE on cores with those
instructions (`thumb`: on cores with no others), be it what follows `/* function */`, an included or a wanted file. In
edge_model.c all of them stand, between `#if EDGE_MVE`, `#elif EDGE_DSP`, `#elif EDGE_THUMB`, `#else` and `#endif`.
"""

import re
from collections import ChainMap
from collections.abc import Iterable, Mapping
from fnmatch import fnmatch
from importlib import resources

from edge_nas.codegen.program import InstructionSet, Kernel

Places = Mapping[str, object]

_SHARED_FILE = "edge_intrinsics.h"
_FUNCTION_MARK = "/* function */\n"
_WANTED = re.compile(r'^#include "(edge_\w+)\.h"\n', re.MULTILINE)
_DIRECTIVE = re.compile(r"@(if|unless|else|end|include|note)\b ?(.*)@")
_PLACE = re.compile(r"@(\w+)@")
# What C asks for an instruction set, in this order: a core with Helium has DSP instructions as well.
_CONDITIONS: Mapping[InstructionSet, str] = {"helium": "EDGE_MVE", "dsp": "EDGE_DSP", "thumb": "EDGE_THUMB"}


class KernelTexts:
    """The kernels of a network as text: each wanted file, each source and each function once, where first used."""

    def __init__(self, only: frozenset[str] = frozenset()) -> None:
        """Begins with nothing written.

        Args:
            only: functions that one step alone calls.
        """
        self._only = only
        self._written: set[str] = set()

    def texts_of(self, kernel: Kernel) -> Iterable[str]:
        """Yields what has to stand before a kernel's first call and does not stand there yet."""
        file = f"{kernel.source}.c"
        shared, function = _text(file).split(_FUNCTION_MARK)
        places = {"function": kernel.function, **kernel.parameters, **kernel.places, **self._declarations(kernel)}
        shared = filled(shared, places)
        for name in _WANTED.findall(shared):
            yield from self._once(name, with_versions(f"{name}.h", _text(f"{name}.h"), {}))
        yield from self._once(kernel.source, _WANTED.sub("", shared))
        text = with_versions(file, function, places, kernel.without)
        yield from self._once(kernel.function, text, " ".join(f"{k} {v}," for k, v in kernel.parameters.items()))

    def _declarations(self, kernel: Kernel) -> dict[str, str]:
        """Returns how a kernel's function is declared, by what its source says of its length."""
        macros = {"kernel": "EDGE_KERNEL", "short_kernel": "EDGE_SHORT_KERNEL", "row_kernel": "EDGE_ROW_KERNEL"}
        only = dict.fromkeys(macros, "EDGE_ONLY_KERNEL")
        called = {"called_kernel": "EDGE_KERNEL", "called_row_kernel": "EDGE_ROW_KERNEL"}
        only_called = {name: f"EDGE_ONLY_{name.upper()}" for name in called}
        return {**only, **only_called} if kernel.function in self._only else {**macros, **called}

    def _once(self, name: str, text: str, parameters: str = "") -> Iterable[str]:
        """Yields a text under its name, with the parameters that made it, if it has not been yielded before."""
        if name not in self._written:
            self._written.add(name)
            note = f": {parameters.rstrip(',')}" if parameters else ""
            yield f"/* Kernel: {name}{note}. */\n{text.strip()}\n"


def resource(name: str) -> str:
    """Returns a file of `kernels` as it is."""
    return _text(name)


def kernel_files(source: str, instructions: InstructionSet | None) -> dict[str, bytes]:
    """Returns the files that a source's functions are made of on cores with an instruction set, by name.

    A file whose name holds a place stands for all that fit it.
    """
    folder = resources.files("edge_nas.codegen.kernels")
    # The last version that there is counts; the portable file is that of functions that have to do `without`.
    sets: tuple[str, ...] = ("dsp", "helium") if instructions == "helium" else (instructions,) if instructions else ()
    versions = [{file.name: f"{each}/{file.name}" for file in folder.joinpath(each).iterdir()} for each in sets]
    portable = {file.name: file.name for file in folder.iterdir() if file.is_file()}
    names = {*portable, *dict(ChainMap(*reversed(versions), portable)).values()}
    texts: dict[str, bytes] = {}
    wanted = [f"{source}.c", _SHARED_FILE]
    while wanted:
        pattern = wanted.pop()
        for name in names - set(texts):
            if fnmatch(name.rpartition("/")[2], pattern.rpartition("/")[2]):
                texts[name] = folder.joinpath(name).read_bytes()
                wanted += _files_in(texts[name].decode())
    return texts


def _files_in(text: str) -> list[str]:
    """Returns what a text wants and includes, with a star for each place."""
    included = [_PLACE.sub("*", file) for word, file in _DIRECTIVE.findall(text) if word == "include"]
    return [*(f"{file}.h" for file in _WANTED.findall(text)), *included]


def with_versions(file: str, portable: str, places: Places, without: frozenset[InstructionSet] = frozenset()) -> str:
    """Returns a text and its versions for instruction sets, with the places of all filled.

    Args:
        file: a file of `kernels`, whose versions are those of the text.
        portable: the text for all other cores.
        places: what is put in.
        without: instruction sets whose versions are left out.
    """
    folder = resources.files("edge_nas.codegen.kernels")
    parts: list[str] = []
    for instructions, condition in _CONDITIONS.items():
        version = folder.joinpath(instructions, file)
        if version.is_file() and instructions not in without:
            parts.append(f"#{'elif' if parts else 'if'} {condition}\n")
            parts.append(filled(version.read_text(encoding="utf-8"), places, without))
    if not parts:
        return filled(portable, places, without)
    return "".join([*parts, "#else\n", filled(portable, places, without), "#endif\n"])


def filled(text: str, places: Places, without: frozenset[InstructionSet] = frozenset()) -> str:
    """Returns a text with every place filled, files included, and of conditional lines those that fit.

    Raises:
        KeyError: a place has no value.
    """
    kept: list[str] = []
    open_conditions: list[bool] = []
    for line in text.splitlines(keepends=True):
        directive = _DIRECTIVE.fullmatch(line.strip())
        if directive is None:
            if all(open_conditions):
                kept.append(_substituted(line, places))
            continue
        word, argument = directive.groups()
        if word in ("if", "unless"):
            name, value = argument.split()
            # Inside lines that are left out, a place need not have a value.
            fits = all(open_conditions) and (str(places[name]) == value) == (word == "if")
            open_conditions.append(fits)
        elif word == "else":
            open_conditions[-1] = not open_conditions[-1]
        elif word == "end":
            open_conditions.pop()
        elif word == "include" and all(open_conditions):
            file = _substituted(argument, places)
            kept.append(with_versions(file, _text(file), places, without))
    return "".join(kept)


def _substituted(text: str, places: Places) -> str:
    return _PLACE.sub(lambda place: str(places[place[1]]), text)


def _text(name: str) -> str:
    return resources.files("edge_nas.codegen.kernels").joinpath(name).read_text(encoding="utf-8")
