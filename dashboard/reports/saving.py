"""Writes a document whole or not at all."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from dashboard.reports.api import DocumentError


def save(path: Path, content: bytes) -> None:
    """Replace the file at `path`; raises DocumentError if it cannot be written."""
    beside = None
    try:
        with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            beside = Path(file.name)
            file.write(content)
        beside.chmod(0o644)
        beside.replace(path)
    except OSError as error:
        if beside is not None:
            beside.unlink(missing_ok=True)
        raise DocumentError(
            zh=f"写不了文件 {path}：{error.strerror}",
            en=f"cannot write {path}: {error.strerror}",
        ) from error
