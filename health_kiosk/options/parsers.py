"""How a command gets its parser, and the options that several commands share."""

import argparse
from pathlib import Path

Commands = argparse._SubParsersAction  # argparse names no public type for what it returns


def add(
    commands: "Commands[argparse.ArgumentParser]",
    name: str,
    summary: str,
    *,
    module: str,
    extra: str | None = None,
    examples: str | None = None,
) -> argparse.ArgumentParser:
    """A command that `health_kiosk.commands.{module}` runs and the extra named `extra` brings."""
    parser = commands.add_parser(
        name,
        help=summary,
        description=f"{summary[0].upper()}{summary[1:]}.",
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.set_defaults(module=module, extra=extra or name)
    return parser


def add_group(
    commands: "Commands[argparse.ArgumentParser]", name: str, summary: str
) -> "Commands[argparse.ArgumentParser]":
    """A command that has commands."""
    parser = commands.add_parser(
        name, help=summary, description=f"{summary[0].upper()}{summary[1:]}."
    )
    return parser.add_subparsers(title="commands", required=True, metavar="COMMAND")


def add_ingest_config(parser: argparse.ArgumentParser, *, below: bool = False) -> None:
    """`--config ingest.toml`; `below` a command that has it too, whose value must not be lost."""
    parser.add_argument(
        "--config",
        type=Path,
        metavar="ingest.toml",
        default=argparse.SUPPRESS if below else None,
        help="INGEST__… variables override it",
    )


def add_station_config(parser: argparse.ArgumentParser) -> None:
    """`--config station.toml`, which is required."""
    parser.add_argument(
        "--config",
        type=Path,
        required=True,
        metavar="station.toml",
        help="EDGE__… variables override it",
    )
