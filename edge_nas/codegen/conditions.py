"""What of a C text the compiler of a core sees: the lines for its instruction set, and of those the code.

    code_for(text, "dsp")

In come files of `kernels` or generated C; out comes what a count or a pace that was taken of it depends on. Conditions
of other kinds, such as a compiler's name, stay as they are.
"""

import functools
import re
from collections.abc import Iterator, Mapping

from edge_nas.codegen.program import InstructionSet

_CONDITION = re.compile(r"#\s*(if|elif|else|endif)\w*\s*(.*)")
# What C asks for an instruction set, and on which of them the answer is yes.
_ANSWERS: Mapping[str, tuple[InstructionSet, ...]] = {
    "EDGE_MVE": ("helium",),
    "EDGE_DSP": ("dsp", "helium"),
    "EDGE_THUMB": ("thumb",),
}
# Of a comment of C, and of a source's note to its reader (`edge_nas.codegen.sources`).
_REMARK = re.compile(r"/\*.*?\*/|@note\b[^\n]*@", re.DOTALL)


def text_for(text: str, instructions: InstructionSet | None) -> str:
    """Returns C without what stands in it for other instruction sets than a core's; None: for portable C."""
    return "".join(_lines_for(text.splitlines(keepends=True), instructions))


@functools.cache  # a hash of every kernel asks for the files that all of them include
def code_for(text: str, instructions: InstructionSet | None) -> str:
    """Returns what of a text a core executes: without remarks, and with one blank where lines and words part.

    A remark that is written anew, or lines that are wrapped in another way, leave it as it is.
    """
    return " ".join(_REMARK.sub(" ", text_for(text, instructions)).split())


def _lines_for(lines: list[str], instructions: InstructionSet | None) -> Iterator[str]:
    # Of each open condition: whether it is about an instruction set, whether its lines are kept, whether some were.
    conditions: list[tuple[bool, bool, bool]] = []
    for line in lines:
        directive = _CONDITION.match(line)
        if directive is not None:
            word, question = directive.groups()
            fits = word == "else" or instructions in _ANSWERS.get(question.strip(), ())
            if word == "if":
                conditions.append((question.strip() in _ANSWERS, fits, fits))
                if conditions[-1][0]:
                    continue
            elif conditions[-1][0]:
                is_known, _, some = conditions.pop()
                if word != "endif":
                    conditions.append((is_known, fits and not some, fits or some))
                continue
            elif word == "endif":
                conditions.pop()
        if all(kept for is_known, kept, _ in conditions if is_known):
            yield line
