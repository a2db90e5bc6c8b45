"""The rules of the house that a linter does not know."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PACKAGES = (
    "contract", "dashboard", "edge_agent", "health_kiosk", "ingest", "simulators", "tests",
)  # fmt: skip
FILES = sorted(file for package in PACKAGES for file in (ROOT / package).rglob("*.py"))
BANNED = {"util", "utils", "helper", "helpers", "common", "base", "core", "manager", "misc"}


def _ids(file: Path) -> str:
    return str(file.relative_to(ROOT))


def _functions(tree: ast.AST) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


@pytest.mark.parametrize("file", FILES, ids=_ids)
def test_a_file_is_a_small_room_with_a_sign_on_its_door(file: Path) -> None:
    source = file.read_text(encoding="utf-8")
    assert len(source.splitlines()) <= 300
    tree = ast.parse(source)
    sign = ast.get_docstring(tree)
    assert sign, "a module opens with one sentence that says what lives there"
    assert sign.split("\n\n")[0].rstrip().endswith((".", ":"))
    assert not BANNED & set(file.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("file", FILES, ids=_ids)
def test_a_function_fits_on_a_screen(file: Path) -> None:
    for function in _functions(ast.parse(file.read_text(encoding="utf-8"))):
        assert (function.end_lineno or 0) - function.lineno < 40, function.name


@pytest.mark.parametrize("file", [file for file in FILES if "tests" not in file.parts], ids=_ids)
def test_what_is_public_says_what_it_promises(file: Path) -> None:
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            private = node.name.startswith("_")
            assert private or ast.get_docstring(node), f"{node.name} has no docstring"


def test_the_project_names_no_registry_and_no_machine() -> None:
    constraints = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in constraints if line and not line.startswith("#")]
    assert pins
    assert all(line.count("==") == 1 and "/" not in line and " " not in line for line in pins)
