"""The colours of blood pressure can be told apart by everybody, in both colour schemes."""

import re
from itertools import pairwise
from pathlib import Path

import pytest

import dashboard.web
from dashboard.web.class_figures import CATEGORIES

Rgb = tuple[float, float, float]

# Machado, Oliveira and Fernandes 2009, severity 1.0, on linear RGB.
SIGHTS: dict[str, tuple[Rgb, Rgb, Rgb]] = {
    "usual": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protanopia": (
        (0.152286, 1.052583, -0.204868),
        (0.114503, 0.786281, 0.099216),
        (-0.003882, -0.048116, 1.051998),
    ),
    "deuteranopia": (
        (0.367322, 0.860646, -0.227968),
        (0.280085, 0.672501, 0.047413),
        (-0.011820, 0.042940, 0.968881),
    ),
    "tritanopia": (
        (1.255528, -0.076749, -0.178779),
        (-0.078411, 0.930809, 0.147602),
        (0.004733, 0.691367, 0.303900),
    ),
}

CLEARLY_DIFFERENT = 15
"""A distance in CIE L*a*b*; about 2.3 is just noticeable."""


def schemes() -> list[list[str]]:
    """The colours of the categories, calm to strong, once per colour scheme."""
    return named(*(f"bp-{name}" for name in CATEGORIES))


def named(*names: str) -> list[list[str]]:
    """Colours by name, once per colour scheme."""
    css = (Path(dashboard.web.__file__).parent / "static" / "style.css").read_text()
    found = [re.findall(rf"--{name}: (#\w{{6}});", css) for name in names]
    return [list(scheme) for scheme in zip(*found, strict=True)]


def seen(colour: str, sight: str) -> Rgb:
    """A colour in L*a*b* as an eye with that sight has it."""
    channels = [value / 255 for value in bytes.fromhex(colour[1:])]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    r, g, b = (
        min(1, max(0, sum(weight * c for weight, c in zip(row, linear, strict=True))))
        for row in SIGHTS[sight]
    )
    x = _root((0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505)
    y = _root(0.2126 * r + 0.7152 * g + 0.0722 * b)
    z = _root((0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def test_there_is_a_light_and_a_dark_palette() -> None:
    assert len(schemes()) == 2


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_neighbouring_categories_differ_for_every_kind_of_sight(scheme: int, sight: str) -> None:
    colours = [seen(colour, sight) for colour in schemes()[scheme]]
    for one, other in pairwise(colours):
        distance = sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        assert distance > CLEARLY_DIFFERENT


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_low_glucose_differs_from_what_it_stands_on_for_every_kind_of_sight(
    scheme: int, sight: str
) -> None:
    drawn = named("glu-low", "bp-normal", "bp-grade1", "bp-grade2_or_higher")[scheme]
    colours = [seen(colour, sight) for colour in drawn]
    for one, other in pairwise(colours):
        distance = sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
        assert distance > CLEARLY_DIFFERENT


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_the_two_lines_of_a_chart_differ_for_every_kind_of_sight(scheme: int, sight: str) -> None:
    one, other = (seen(colour, sight) for colour in named("accent", "second")[scheme])
    distance = sum((a - b) ** 2 for a, b in zip(one, other, strict=True)) ** 0.5
    assert distance > CLEARLY_DIFFERENT


@pytest.mark.parametrize("sight", SIGHTS)
@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_stronger_is_darker_above_the_calm_blue(scheme: int, sight: str) -> None:
    lightness = [seen(colour, sight)[0] for colour in schemes()[scheme]]
    assert lightness[1:] == sorted(lightness[1:], reverse=True)


def _root(share: float) -> float:
    return share ** (1 / 3) if share > 0.008856 else 7.787 * share + 16 / 116
