"""The documents against the tree: every file they name exists, every command they show works."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
DOCUMENTS = ("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md")
PACKAGES = ("contract", "edge_agent", "ingest", "dashboard", "simulators", "health_kiosk")


def _text(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def _named_paths(text: str) -> set[str]:
    folders = "|".join((*PACKAGES, "tests", "deploy", "docs"))
    return set(re.findall(rf"[`(]((?:{folders})/[\w./-]*)[`)]", text))


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_file_that_a_document_names_exists(document: str) -> None:
    named = _named_paths(_text(document))
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_every_link_between_documents_leads_somewhere() -> None:
    for document in DOCUMENTS:
        for target in re.findall(r"\]\(([^)#:]+)\)", _text(document)):
            assert (ROOT / target).exists(), f"{document} links to {target}"


def test_the_make_targets_that_documents_show_exist() -> None:
    targets = set(re.findall(r"^([a-z]+):", _text("Makefile"), re.MULTILINE))
    shown = {
        target
        for document in DOCUMENTS
        for target in re.findall(r"(?:`|^)make ([a-z]+)", _text(document), re.MULTILINE)
    }
    assert shown >= {"demo", "test", "format", "schemas"}
    assert shown <= targets


def test_architecture_names_every_package_and_every_door() -> None:
    text = _text("ARCHITECTURE.md")
    for package in PACKAGES:
        assert f"| `{package}` |" in text
    doors = {"bleak": "edge_agent/radio/", "sqlite3": "edge_agent/outbox/"}
    for library, door in doors.items():
        assert f"`{door}`" in text
        importers = [
            str(file.relative_to(ROOT))
            for file in (ROOT / "edge_agent").rglob("*.py")
            if re.search(rf"^(?:import|from) {library}\b", file.read_text(), re.MULTILINE)
        ]
        assert importers
        assert all(importer.startswith(door) for importer in importers)
