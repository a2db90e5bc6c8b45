"""`python -m health_kiosk` is `health-kiosk`."""

from health_kiosk.cli import main

if __name__ == "__main__":
    main()
