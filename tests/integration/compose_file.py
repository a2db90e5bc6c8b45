"""What docker-compose.yml gives a service, with places of this machine for those of containers."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from tests.integration.compose_secrets import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
VARIABLE = re.compile(r"\$\{(\w+)(?::\?[^}]*)?\}")


def environment(service: str, variables: Mapping[str, str]) -> dict[str, str]:
    """The environment of a service, filled with the variables of .env."""
    wanted: dict[str, str] = SERVICES[service]["environment"]
    return {
        name: VARIABLE.sub(lambda found: variables[found[1]], str(value))
        for name, value in wanted.items()
    }
