"""Lines that begin with what they are about, broken between words where a terminal would break them anywhere.

    board     stm32l4r5, planned at prune.ratio=0.5: SRAM 17 of 640 KiB, flash 17 of
              2,048 KiB, 2.3 M instructions, ~36 ms (estimate, ±20 %)

In a pipe or a file every line stays one line, for the programs that read it.
"""

import shutil
import sys
import textwrap

import typer

LABEL = 10
"""Characters of the first column."""


def show(label: str, text: str, *, width: int = LABEL, err: bool = False) -> None:
    """Prints a line with its label.

    Args:
        label: what it is about; "" under a line of the same thing.
        text: the rest; one word, such as a command's path, is never broken.
        width: characters of the first column; a label that fills it is followed by a space all the same.
        err: on standard error.
    """
    typer.echo(labelled(label, text, width=width, columns=_columns(err=err)), err=err)


def labelled(label: str, text: str, *, width: int = LABEL, columns: int | None = None) -> str:
    """Returns the line, or the lines that fit a terminal of so many columns; None: one line."""
    start = f"{label:{width - 1}} "
    line = f"{start}{text}"
    if columns is None or len(line) <= columns or columns < 2 * width:
        return line
    wrapped = textwrap.wrap(
        text,
        columns,
        initial_indent=start,
        subsequent_indent=" " * width,
        break_long_words=False,
        break_on_hyphens=False,
    )
    return "\n".join(wrapped)


def _columns(*, err: bool) -> int | None:
    """Returns how wide the terminal is; None where the stream is none."""
    stream = sys.stderr if err else sys.stdout
    return shutil.get_terminal_size().columns if stream.isatty() else None
