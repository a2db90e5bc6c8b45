"""A virtual BlueZ: it owns `org.bluez` on a private bus, and virtual peripherals live behind it."""
