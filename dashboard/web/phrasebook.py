"""The languages of the page, and everything that each of them must be able to say."""

from dataclasses import dataclass
from typing import Literal

Language = Literal["zh", "en"]


@dataclass(frozen=True, slots=True)
class Texts:
    """The page's words in one language; `{…}` stands for what is filled in."""

    html_lang: str
    title: str
    skip: str
    language: str
    other_language: str
    area: str
    choose: str
    # How fresh the page is.
    last_data: str
    no_data_yet: str
    connection_lost: str
    seconds_ago: str
    minutes_ago: str
    hours_ago: str
    days_ago: str
    months: tuple[str, ...]
    month_day: str
    # Notices.
    demo: str
    reduced_privacy: str
    # Problems, by ingest's codes.
    problems_heading: str
    problems: dict[str, str]
    problem_unknown: str
    # The city now.
    now_heading: str
    stations_online: str
    of_registered: str
    messages_stored: str
    messages_stored_note: str
    quarantined: str
    quarantined_none: str
    quarantined_some: str
    ledger: str
    ledger_balanced: str
    ledger_balanced_note: str
    ledger_unbalanced: str
    ledger_silent: str
    ledger_silent_note: str
    open_week: str
    open_week_few: str
    open_week_note: str
    # Screening.
    screening: str
    latest_week: str
    latest_hidden: str
    no_week_yet: str
    caution: str
    full_stop: str
    no_age: str
    classes: str
    classes_chart: str
    high: str
    high_chart: str
    high_interval: str
    pressures: str
    pressures_chart: str
    middle_half: str
    categories: dict[str, str]
    series: dict[str, str]
    quantities: dict[str, str]
    hidden: str
    hidden_long: str
    see: dict[str, str]
    few: str
    sessions: str
    low_precision: str
    low_precision_mark: str
    late: str
    late_some: str
    late_few: str
    late_hidden: str
    noise: str
    # Extremes.
    extremes: str
    extremes_note: str
    no_extremes_yet: str
    per_thousand: str
    count: str
    period: str
    # Glucose.
    glucose: str
    glucose_note: str
    glucose_chart: str
    no_glucose_yet: str
    glucose_measures: dict[str, str]
    glucose_parts: dict[str, str]
    glucose_median: str
    # Occupancy.
    occupancy: str
    occupancy_chart: str
    occupancy_note: str
    people: str
    no_data: str
    busiest: str
    weekdays: tuple[str, str, str, str, str, str, str]
    # Stations.
    districts: str
    districts_note: str
    stations: str
    station: str
    search: str
    search_hint: str
    state: str
    online: str
    offline: str
    last_seen: str
    never_seen: str
    ledger_sum: str
    balanced: str
    unbalanced: str
    no_stations_yet: str
    needs_attention: str
    # Tables and failures.
    table: str
    week: str
    dates: str
    section_unavailable: str
    ingest_unavailable: str
    ingest_unavailable_note: str
    database_unavailable: str
    database_unavailable_note: str
    area_unknown: str
    area_unknown_note: str
    home: str
    # The fleet.
    fleet_heading: str
    fleet_at: str
    fleet: dict[str, str]
    fleet_notes: dict[str, str]
    versions: str
    other_versions: str
    any_state: str
    stations_total: str
    none_like_that: str
    # The views and their parts.
    navigation: str
    views: dict[str, str]
    district: str
    venue: str
    span: str
    weeks_span: str
    measure: str
    measures: dict[str, str]
    download: str
    all_details: str
    latest: str
    interval: str
    no_block_yet: str
    entries: str
    too_few: str
    no_usage_yet: str
    week_too_short: str
    last_day: str
    days_heading: str
    days_chart: str
    weekend: str
    workday: str
    day: str
    weekday: str
    summary: str
    days_seen: str
    stay: str
    minutes: str
    stay_note: str
    full: str
    full_note: str
    seats_taken: str
    seats_taken_note: str
    availability: str
    availability_note: str
    peak: str
    peak_note: str
    hour: str
    stations_of: str
    reach: str
    reach_note: str
    reached: dict[str, str]
    reach_chart: str
    residents: str
    per_10000: str
    evenness: str
    evenness_note: str
    spread_of: str
    gini: str
    ratio: str
    below_half: str
    districts_known: str
    uptake: str
    uptake_note: str
    uptake_chart: str
    per_hundred: str
    no_uptake_yet: str
    high_districts: str
    high_districts_chart: str
    share: str
    find: str
    first_page: str
    next_page: str
    pages: str
    facts: str
    number: str
    seats: str
    opening_hours: str
    address: str
    version: str
    retired: str
    condition: str
    no_condition_yet: str
    conditions: dict[str, str]
    states: dict[str, str]
    heard: dict[str, str]
    battery: str
    backlog_told: str
    numbered: str
    stored_column: str
    quarantined_column: str
    dropped: str
    pending: str
    epoch: str
    no_ledger_yet: str
    released_blocks: str
    page_unknown: str
    page_unknown_note: str
    station_unknown: str
    station_unknown_note: str
    key_refused: str
    key_refused_note: str
    too_many: str
    too_many_note: str
