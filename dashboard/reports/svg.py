"""Pieces of SVG: shapes and words at a place, escaped."""

from collections.abc import Iterable
from html import escape

FONT = "Noto Sans CJK SC"
INK, QUIET, LINE, FAINT = "#1a1a1a", "#595959", "#d0d0d0", "#efefef"
BLUE, SKY, AMBER, RED = "#0072B2", "#56B4E9", "#E69F00", "#B84A00"
"""Colours that everybody can tell apart (Okabe and Ito, the last one darker for words)."""


def drawing(width: float, height: float, pieces: Iterable[str]) -> str:
    """A whole picture."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}"'
        f' width="{width:g}" height="{height:g}" font-family="{FONT}">{"".join(pieces)}</svg>'
    )


def words(
    x: float, y: float, said: str, *, size: float = 8, color: str = INK, anchor: str = "start",
    bold: bool = False,
) -> str:  # fmt: skip
    """Words that begin, end or have their middle at x."""
    weight = ' font-weight="700"' if bold else ""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size:g}" fill="{color}"'
        f' text-anchor="{anchor}"{weight}>{escape(said)}</text>'
    )


def box(x: float, y: float, width: float, height: float, fill: str, stroke: str = "none") -> str:
    """A rectangle."""
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="{height:.1f}" fill="{fill}"'
        f' stroke="{stroke}" stroke-width="0.6"/>'
    )


def stroke(
    points: Iterable[tuple[float, float]], color: str, width: float = 1, dash: str = ""
) -> str:
    """A line through points."""
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<polyline points="{_joined(points)}" fill="none" stroke="{color}"'
        f' stroke-width="{width:g}"{dashed}/>'
    )


def area(points: Iterable[tuple[float, float]], fill: str, opacity: float) -> str:
    """A filled shape."""
    return f'<polygon points="{_joined(points)}" fill="{fill}" fill-opacity="{opacity:g}"/>'


def dot(x: float, y: float, color: str, *, hollow: bool = False, radius: float = 2.6) -> str:
    """A point; hollow says that it is not precise."""
    fill = "#ffffff" if hollow else color
    return (
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{radius:g}" fill="{fill}" stroke="{color}"'
        ' stroke-width="1.2"/>'
    )


def _joined(points: Iterable[tuple[float, float]]) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
