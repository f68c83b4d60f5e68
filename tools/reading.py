"""What a reader of a package has before him, in figures: sizes, docstrings, nesting, comments, density, import circles.

    python -m tools.reading               # of edge_nas
    python -m tools.reading edge_nas/codegen benchmarks

The figures are there to be looked at from time to time, not to be pleased: text that is easier to read moves them.
"""

import argparse
import ast
import io
import statistics
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.lib.markdown import table
from tools.circles import circles, import_graph

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
_BLOCKS = (ast.If, ast.For, ast.While, ast.With, ast.Try, ast.AsyncFor, ast.AsyncWith, ast.Match)
# Nodes that Python adds by itself: every operator has one beside it, every name says whether it is read or written.
_SILENT = (ast.expr_context, ast.operator, ast.cmpop, ast.boolop, ast.unaryop)


@dataclass(frozen=True)
class Source:
    """A file: its lines, its syntax tree, and the numbers of lines that hold docstrings and comments, from 1."""

    lines: list[str]
    tree: ast.Module
    docstring_lines: frozenset[int]
    comment_lines: frozenset[int]

    @classmethod
    def of(cls, text: str) -> "Source":
        """Reads a file's text."""
        tree = ast.parse(text)
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        comment_lines = frozenset(token.start[0] for token in tokens if token.type == tokenize.COMMENT)
        return cls(text.splitlines(), tree, _docstring_lines(tree), comment_lines)

    @property
    def code_lines(self) -> int:
        """How many lines are neither blank nor docstring nor comment alone."""
        count = 0
        for number, line in enumerate(self.lines, start=1):
            comment_alone = number in self.comment_lines and line.strip().startswith("#")
            count += bool(line.strip()) and number not in self.docstring_lines and not comment_alone
        return count


@dataclass(frozen=True)
class Figures:
    """The figures of a package.

    Attributes:
        file_lines: of the median file and of the longest.
        function_lines: of the function below which nine of ten are, and of the longest; docstrings count.
        documented: share of public functions, methods and classes with a docstring, [0, 1].
        nesting: the deepest one of ifs, loops, withs and tries within a function.
        comment_share: of all lines, those that bear a comment, [0, 1].
        nodes_per_line: nodes of the syntax tree per line of code.
        comprehensions, ternaries: per 100 lines of code.
    """

    file_lines: tuple[float, int]
    function_lines: tuple[int, int]
    documented: float
    nesting: int
    comment_share: float
    nodes_per_line: float
    comprehensions: float
    ternaries: float


def read_package(folder: Path) -> Figures:
    """Returns the figures of all .py files under a folder, which holds a function and a public name at least."""
    sizes: list[int] = []
    functions: list[Definition] = []
    public: list[Definition] = []
    code_lines = comment_lines = nodes = comprehensions = ternaries = 0
    for path in sorted(folder.rglob("*.py")):
        source = Source.of(path.read_text(encoding="utf-8"))
        sizes.append(len(source.lines))
        code_lines += source.code_lines
        comment_lines += len(source.comment_lines)
        for definition, is_public in _definitions(source.tree):
            if not isinstance(definition, ast.ClassDef):
                functions.append(definition)
            if is_public:
                public.append(definition)
        for node in ast.walk(source.tree):
            nodes += not isinstance(node, _SILENT)
            comprehensions += isinstance(node, Comprehension)
            ternaries += isinstance(node, ast.IfExp)
    lengths = sorted(_length(function) for function in functions)
    documented = [definition for definition in public if ast.get_docstring(definition) is not None]
    return Figures(
        file_lines=(statistics.median(sizes), max(sizes)),
        function_lines=(lengths[int(0.9 * len(lengths))], lengths[-1]),
        documented=len(documented) / len(public),
        nesting=max(_nesting(function) for function in functions),
        comment_share=comment_lines / sum(sizes),
        nodes_per_line=nodes / code_lines,
        comprehensions=100 * comprehensions / code_lines,
        ternaries=100 * ternaries / code_lines,
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints a Markdown table with a column per package, and the import circles of each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("packages", type=Path, nargs="*", default=[Path("edge_nas")], metavar="FOLDER")
    folders = parser.parse_args(arguments).packages
    columns = [_column(read_package(folder)) for folder in folders]
    rows = [[name, *(column[name] for column in columns)] for name in columns[0]]
    print(table(["", *map(str, folders)], rows))
    for folder in folders:
        found = circles(import_graph(folder))
        print(f"\nimport circles of {folder}: {len(found) or 'none'}")
        for circle in found:
            print(f"- {', '.join(circle)}")


def _column(figures: Figures) -> dict[str, str]:
    return {
        "file median / max lines": f"{figures.file_lines[0]:g} / {figures.file_lines[1]}",
        "function p90 / max": f"{figures.function_lines[0]} / {figures.function_lines[1]}",
        "public names with docstring": f"{figures.documented:.0%}",
        "deepest nesting": str(figures.nesting),
        "comment lines": f"{figures.comment_share:.1%}",
        "AST nodes per code line": f"{figures.nodes_per_line:.1f}",
        "comprehensions per 100 lines": f"{figures.comprehensions:.1f}",
        "ternaries per 100 lines": f"{figures.ternaries:.1f}",
    }


def _docstring_lines(tree: ast.Module) -> frozenset[int]:
    numbers: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | Definition) and ast.get_docstring(node, clean=False) is not None:
            docstring = node.body[0]
            numbers.update(range(docstring.lineno, _last_line(docstring) + 1))
    return frozenset(numbers)


def _definitions(node: ast.AST, inside: str = "", *, private: bool = False) -> Iterator[tuple[Definition, bool]]:
    """Yields functions and classes, and whether they are public.

    Public is what has no name with an underscore in front on the way to it and does not stand inside a function.

    Args:
        node: where to look.
        inside: what kind of definition the node is: "", "class" or "function".
        private: whether the node is not public itself.
    """
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Definition):
            hidden = private or child.name.startswith("_")
            yield child, not hidden and inside != "function"
            kind = "class" if isinstance(child, ast.ClassDef) else "function"
            yield from _definitions(child, kind, private=hidden)
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _definitions(child, inside, private=private)


def _nesting(node: ast.AST, depth: int = 0) -> int:
    """Returns how deep blocks lie in each other below a node; an elif lies as deep as its if."""
    deepest = depth
    for field, value in ast.iter_fields(node):
        children = value if isinstance(value, list) else [value]
        for child in children:
            if not isinstance(child, ast.AST) or isinstance(child, Definition):
                continue
            elif_branch = isinstance(node, ast.If) and field == "orelse" and len(children) == 1
            deeper = isinstance(child, _BLOCKS) and not (elif_branch and isinstance(child, ast.If))
            deepest = max(deepest, _nesting(child, depth + deeper))
    return deepest


def _length(function: Definition) -> int:
    return _last_line(function) - function.lineno + 1


def _last_line(node: ast.stmt) -> int:
    return node.end_lineno or node.lineno


if __name__ == "__main__":
    main()
