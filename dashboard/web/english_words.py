"""Lists of words in English: for codes that ingest and stations use."""

PROBLEMS = {
    "not_storing": "Nothing has been stored since {since}: a database does not take it."
    " Stations keep their data and send it again",
    "store_away": "The time-series database has not answered since {since}",
    "operations_away": "The operational database has not answered since {since}",
    "broker_away": "No connection to the message broker since {since}",
    "quarantine_nearly_full": "The quarantine is {count}% full:"
    " when it is full, the oldest messages are discarded",
    "ledger_unbalanced": "Stations whose ledger does not balance: {count}",
    "storage_full": "Stations that cannot write to their disk: {count}",
    "files_damaged": "Stations that had a damaged file: {count}",
    "clock_waiting": "Stations that do not know the time yet: {count}",
    "radio_deaf": "Stations whose Bluetooth hears nothing: {count}",
}
"""What is wrong now, by ingest's codes."""

CONDITIONS = {
    "clock": "Clock",
    "storage": "Storage",
    "radio": "Bluetooth",
    "space": "Disk space",
    "backlog": "Waiting to leave",
}
"""The things that a station says something of."""

STATES = {
    "synchronised": "synchronised",
    "kept": "kept by itself",
    "waiting": "waiting for the time",
    "sound": "sound",
    "full": "full",
    "read_only": "read-only",
    "hearing": "hearing",
    "deaf": "hears nothing",
    "absent": "no adapter",
    "unused": "not used",
    "ample": "ample",
    "scarce": "scarce",
    "critical": "critical",
    "good": "good",
    "low": "low",
    "empty": "empty",
}
"""What a station and its devices say of themselves."""

HEARD = {
    "week": "heard within a week",
    "month": "heard within a month",
    "longer": "not heard for over a month",
    "never": "never heard",
}
"""How long ago a device was talked to."""

FLEET = {
    "registered": "Registered",
    "online": "Online",
    "offline": "Offline",
    "silent": "Silent while open",
    "never_heard": "Never heard of",
    "backlog": "With a backlog",
    "clock": "Clock unknown",
    "storage": "Disk trouble",
    "radio": "Bluetooth deaf",
    "devices": "Device trouble",
    "ledger": "Ledger not balanced",
    "attention": "Needs attention",
}
"""Stations by their state, and what is counted of the fleet."""

FLEET_NOTES = {
    "silent": "nothing heard for 15 minutes or more in opening hours",
    "never_heard": "in service, but never connected",
    "backlog": "an hour or older; {messages} messages wait in all, the oldest for {hours} h",
    "clock": "data is held back until the time is known",
    "storage": "{full} not writable · {damaged} had a damaged file · {space} nearly full",
    "radio": "cuffs and meters are not heard",
    "devices": "{low} low batteries · {silent} never heard, or not for a month",
    "ledger": "{n} messages are missing",
}
"""What a number of the fleet means."""
