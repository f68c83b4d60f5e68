"""The pages of docs/reference: commands, Python interface and exit codes, made of the code.

python -m tools.reference         writes them; a test fails while one is stale
"""

import inspect
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import edge_nas
from edge_nas.cli.described import EXIT_CODES, description, error_codes
from edge_nas.cli.main import app
from edge_nas.comparison import Policy
from edge_nas.core.frozen import Frozen

DOCS = Path(__file__).parents[1] / "docs"
_MADE = "This page is made of the code by `python -m tools.reference`."
_RULES = re.compile(r"(<!-- rules: begin[^>]*-->\n)(.*?)(<!-- rules: end -->)", re.DOTALL)


def pages() -> dict[Path, str]:
    """Returns path -> content of every page that is made of the code."""
    ci = DOCS / "ci.md"
    return {
        DOCS / "reference/commands.md": "\n".join(_commands()),
        DOCS / "reference/python.md": "\n".join(_python()),
        DOCS / "reference/exit-codes.md": "\n".join(_exit_codes()),
        ci: _with_rules(ci.read_text(encoding="utf-8")),
    }


def _commands() -> Iterator[str]:
    yield f"# Commands\n\n{_MADE} `edge-nas --help --json` is the same as data.\n"
    for name, command in description(app, [])["commands"].items():
        yield f"## edge-nas {name}\n\n{command['help']}\n"
        yield "| argument | meaning |\n|---|---|"
        for parameter in command["parameters"]:
            yield f"| {_called(parameter)} | {_cell(parameter['help'])}{_default(parameter)} |"
        yield ""


def _called(parameter: dict[str, Any]) -> str:
    metavar = "" if parameter["is_flag"] else str(parameter["metavar"] or "").strip()
    words = " / ".join(parameter["options"]) or metavar or parameter["name"].upper()
    return f"`{words}{f' {metavar}' if parameter['options'] and metavar else ''}`".replace("|", "\\|")


def _default(parameter: dict[str, Any]) -> str:
    value = parameter["default"]
    return "" if value is None or parameter["is_flag"] or parameter["required"] else f" Default: `{value}`."


def _python() -> Iterator[str]:
    yield f"# Python\n\n{_MADE} What `import edge_nas` offers; nothing is imported before it is used.\n"
    for name in edge_nas.__all__:
        thing = getattr(edge_nas, name)
        if name.startswith("_"):
            continue
        kind = "class " if inspect.isclass(thing) else ""
        yield f"## {name}\n\n```python\n{kind}{name}{_signature(thing)}\n```\n\n```text\n{inspect.getdoc(thing)}\n```\n"


def _signature(thing: Any) -> str:
    """Returns the names of the arguments and their defaults; types stand in the text."""
    if isinstance(thing, type) and issubclass(thing, Frozen):
        return ""
    try:
        parameters = inspect.signature(thing).parameters.values()
    except (TypeError, ValueError):
        return ""
    plain = [parameter.replace(annotation=inspect.Parameter.empty) for parameter in parameters]
    # A function as a default has no text of its own.
    shown = [parameter.replace(default=...) if callable(parameter.default) and parameter.default is not
             inspect.Parameter.empty else parameter for parameter in plain]  # fmt: skip
    return re.sub(r" at 0x[0-9a-f]+", "", str(inspect.Signature(shown)))


def _exit_codes() -> Iterator[str]:
    errors = error_codes()
    yield f"# Exit codes\n\n{_MADE} With `--json` the same number is `failure.exit_code`.\n"
    yield "| code | meaning | errors of `edge_nas.errors` |\n|---|---|---|"
    for code, meaning in EXIT_CODES.items():
        yield f"| {code} | {meaning} | {', '.join(f'`{name}`' for name in errors.get(code, []))} |"
    yield ""


def _with_rules(page: str) -> str:
    """Returns the page about policies with a row for each rule."""
    rows = "".join(f"| `{name}` | {_cell(str(field.description))} |\n" for name, field in Policy.model_fields.items())
    table = f"| rule | meaning |\n|---|---|\n{rows}"
    return _RULES.sub(lambda match: f"{match[1]}{table}{match[3]}", page)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Writes every page."""
    for path, content in pages().items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
