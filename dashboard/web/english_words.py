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
