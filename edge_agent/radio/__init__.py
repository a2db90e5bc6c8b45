"""The Bluetooth side of a station: the only rooms that know bleak and BlueZ."""
