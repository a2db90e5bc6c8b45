"""`health-kiosk doctor`: looks at everything a station needs; one module for each area."""
