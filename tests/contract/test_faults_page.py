"""The page about faults against the code: every key, kind, amount and poison is on it."""

import re
from pathlib import Path

from simulators.fault_files import _Rule
from simulators.fault_kinds import AMOUNTS, FaultKind
from simulators.fault_poison import REASONS, Poison
from simulators.faults import load_scenario, scenario_names

ROOT = Path(__file__).parent.parent.parent
PAGE = (ROOT / "docs" / "faults.md").read_text(encoding="utf-8")


def rows(heading: str) -> dict[str, list[str]]:
    """The other cells of a section's table, by what is in code in the first."""
    section = PAGE.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    found = re.findall(r"^\| `(\w+)` \|(.*)\|$", section, re.MULTILINE)
    return {name: [cell.strip() for cell in cells.split("|")] for name, cells in found}


def test_every_key_of_a_rule_is_on_the_page() -> None:
    assert list(rows("A rule")) == [
        "fault", "amount", "stations", "district", "venue", "share", "group", "start", "at",
        "duration", "every", "lasting",
    ] == list(_Rule.model_fields)  # fmt: skip


def test_every_kind_of_fault_and_its_amount_is_on_the_page() -> None:
    kinds = rows("The kinds")
    assert set(kinds) == {kind.value for kind in FaultKind}
    for kind in FaultKind:
        told = kinds[kind][0]
        if kind not in AMOUNTS:
            assert told == "none"
            continue
        amount = AMOUNTS[kind]
        assert told.startswith(amount.meaning)
        assert told.endswith(f"usually {amount.usual:g}")
    flapping = AMOUNTS[FaultKind.FLAPPING]
    assert f"from {flapping.low} to {flapping.high}" in kinds["flapping"][0]


def test_every_poison_and_its_reason_is_on_the_page() -> None:
    told = {name: cells[-1].strip("`") for name, cells in rows("Poison").items()}
    assert told == {kind.value: REASONS[kind].value for kind in Poison}


def test_what_the_page_shows_can_be_written(tmp_path: Path) -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    file = tmp_path / "example.toml"
    file.write_text(example)
    (rule,) = load_scenario(file).rules
    assert (rule.districts, rule.share) == (("110105",), 0.25)
    named = set(re.findall(r"--scenario (\S+)", PAGE))
    assert named - {"my-scenario.toml"} <= set(scenario_names())
    for path in re.findall(r"`((?:simulators|tests)/[\w./]+)`", PAGE):
        assert (ROOT / path).exists(), path
