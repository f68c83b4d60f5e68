from pathlib import Path

import pytest

from tools.circles import circles, import_graph


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of two modules and a package with one, none of which imports another."""
    files = ("net/__init__.py", "net/a.py", "net/b.py", "net/inner/__init__.py", "net/inner/c.py")
    for name in files:
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("import json\nfrom collections.abc import Sequence\n")
    return tmp_path / "net"


def found(package: Path, **modules: str) -> list[list[str]]:
    """Returns the circles after the modules were given these texts."""
    for name, text in modules.items():
        (package / f"{name.replace('__', '/')}.py").write_text(text)
    return circles(import_graph(package))


def test_modules_are_named_from_the_outermost_package(package: Path) -> None:
    assert set(import_graph(package)) == {"net", "net.a", "net.b", "net.inner", "net.inner.c"}
    assert set(import_graph(package / "inner")) == {"net.inner", "net.inner.c"}


def test_imports_one_way_are_no_circle(package: Path) -> None:
    assert found(package, a="from net import b\nfrom net.inner.c import Thing\n", b="import net.inner.c\n") == []
    graph = import_graph(package)
    assert graph["net.a"] == {"net.b", "net.inner.c"}
    assert graph["net.b"] == {"net.inner.c"}


@pytest.mark.parametrize(
    "text",
    [
        "from net.a import thing",
        "import net.a as other",
        "from net import a",
        "from .a import thing",
        "from . import a",
    ],
)
def test_two_that_import_each_other_are_found(package: Path, text: str) -> None:
    assert found(package, a="from net.b import thing\n", b=text + "\n") == [["net.a", "net.b"]]


def test_an_import_inside_of_a_function_counts(package: Path) -> None:
    late = "def later():\n    if True:\n        from net.a import thing\n"
    assert found(package, a="import net.b\n", b=late) == [["net.a", "net.b"]]


def test_what_the_type_checker_alone_imports_does_not(package: Path) -> None:
    hidden = "if TYPE_CHECKING:\n    from net.a import Thing\nelse:\n    import net.inner\n"
    assert found(package, a="import net.b\n", b=hidden) == []
    assert import_graph(package)["net.b"] == {"net.inner"}


def test_a_circle_through_three_is_one(package: Path) -> None:
    circle = found(package, a="import net.b", b="from net.inner.c import thing", inner__c="from .. import a")
    assert circle == [["net.a", "net.b", "net.inner.c"]]


def test_a_name_out_of_a_package_comes_from_its_init(package: Path) -> None:
    (package / "__init__.py").write_text("from net.a import thing\n")
    assert found(package, a="from net import something\n") == [["net", "net.a"]]
