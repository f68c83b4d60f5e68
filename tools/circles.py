"""Import circles of a package: modules that import each other, at the top of the file or inside a function.

    print(circles(import_graph(Path("edge_nas"))))

Imports for the type checker alone (under `if TYPE_CHECKING:`) load nothing and do not count.
"""

import ast
from collections.abc import Iterator, Mapping
from pathlib import Path

Graph = Mapping[str, frozenset[str]]
"""Module -> modules under the same folder that it imports."""


def import_graph(package: Path) -> Graph:
    """Returns who imports whom among the modules under a package's folder.

    A module is called by its whole dotted name, such as "edge_nas.codegen.memory", whichever of its packages the folder
    is; a package by its name without "__init__". What imports a name out of a package depends on the package's
    __init__, unless the name is that of a module.
    """
    root = package.resolve()
    while (root.parent / "__init__.py").is_file():
        root = root.parent
    files = {_module_name(path, root): path for path in sorted(package.resolve().rglob("*.py"))}
    graph = {}
    for module, path in files.items():
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
        home = module if path.name == "__init__.py" else module.rpartition(".")[0]
        imported = {_module_of(name, files) for name in _imported_names(tree, home)}
        graph[module] = frozenset(name for name in imported if name is not None and name != module)
    return graph


def circles(graph: Graph) -> list[list[str]]:
    """Returns every set of modules of which each reaches each other by imports, sorted; empty where there is none."""
    reached = {module: _reached(module, graph) for module in graph}
    found: list[list[str]] = []
    for module in sorted(graph):
        seen_before = any(module in circle for circle in found)
        if module in reached[module] and not seen_before:
            found.append(sorted(other for other in reached[module] if module in reached[other]))
    return found


def _reached(module: str, graph: Graph) -> set[str]:
    """Returns the modules that a module imports, directly or through others; itself only where it is on a circle."""
    reached: set[str] = set()
    waiting = [module]
    while waiting:
        for imported in graph[waiting.pop()] - reached:
            reached.add(imported)
            waiting.append(imported)
    return reached


def _module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _module_of(name: str, modules: Mapping[str, Path]) -> str | None:
    """Returns the module that a dotted name is, or is defined in; None where it is not of this package."""
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name or None


def _imported_names(node: ast.AST, home: str) -> Iterator[str]:
    """Yields the dotted names that a piece of code imports; relative ones are completed from the package `home`."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    elif isinstance(node, ast.ImportFrom):
        source = node.module or ""
        if node.level:
            # One dot is the package itself, each further one the package around it.
            package = home.split(".")
            package = package[: len(package) - node.level + 1]
            source = ".".join([*package, source]).rstrip(".")
        yield from (f"{source}.{alias.name}" for alias in node.names)
    elif isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
        for statement in node.orelse:
            yield from _imported_names(statement, home)
    else:
        for child in ast.iter_child_nodes(node):
            yield from _imported_names(child, home)
