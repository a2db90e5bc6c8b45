"""Alert rules as Grafana's provisioning has them: `python -m dashboard.grafana.alerts`.

The file is committed beside the other provisioning; a test holds it and the rules together.
"""

from pathlib import Path

from grafana_foundation_sdk.cog.encoder import JSONEncoder

from dashboard.grafana.alerting import group
from dashboard.grafana.fleet_alerts import FLEET_RULES
from dashboard.grafana.ingest_alerts import INGEST_RULES

PROVISIONED = (
    Path(__file__).parent.parent.parent / "deploy/grafana/provisioning/alerting/health-kiosk.json"
)
FOLDER = "健康小站告警 · Health kiosk alerts"
_EVERY = "1m"


def rendered() -> str:
    """The provisioning file, in JSON, which Grafana reads as it does YAML."""
    document = {
        "apiVersion": 1,
        "groups": [
            group("fleet", FOLDER, _EVERY, FLEET_RULES),
            group("ingest", FOLDER, _EVERY, INGEST_RULES),
        ],
    }
    return JSONEncoder(sort_keys=True, indent=2, ensure_ascii=False).encode(document) + "\n"


def main() -> None:
    """Write it."""
    PROVISIONED.parent.mkdir(parents=True, exist_ok=True)
    PROVISIONED.write_text(rendered(), encoding="utf-8")


if __name__ == "__main__":
    main()
