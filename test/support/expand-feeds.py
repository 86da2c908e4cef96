"""Expands calendars with icalendar and python-dateutil, which share nothing with our own reading.

Reads {"from", "to", "zone", "feeds": [base64]} on its input; prints for each feed the occurrences that end after `from` and start before
`to`, as "UID start end title" in UTC, sorted. Cancelled ones are left out. Prints {"missing": module} where a module is not installed.
"""
import base64
import json
import re
import sys
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

try:
    from dateutil.rrule import rruleset, rrulestr
    from icalendar import Calendar
except ModuleNotFoundError as error:
    print(json.dumps({"missing": error.name}))
    sys.exit()

task = json.load(sys.stdin)
FROM, TO = (datetime.fromisoformat(task[name].replace("Z", "+00:00")) for name in ("from", "to"))
ZONE = ZoneInfo(task["zone"])


def is_day(value):
    return not isinstance(value, datetime)


def instant(value):
    if is_day(value):
        value = datetime(value.year, value.month, value.day, tzinfo=ZONE)
    return value.astimezone(timezone.utc)


def listed(event, name):
    given = event.get(name, [])
    return [one.dt for part in (given if isinstance(given, list) else [given]) for one in part.dts]


def length(event):
    """The end for any start."""
    start, end = event["DTSTART"].dt, event["DTEND"].dt
    if is_day(start):
        return lambda at: instant(at + (end - start))
    return lambda at: instant(at) + (instant(end) - instant(start))


def starts(event):
    start = event["DTSTART"].dt
    if "RRULE" not in event and "RDATE" not in event:
        return [start]
    # Whole days are repeated as times without a zone.
    plain = (lambda value: datetime(value.year, value.month, value.day)) if is_day(start) else (lambda value: value)
    found = rruleset()
    found.rdate(plain(start))
    if "RRULE" in event:
        rule = event["RRULE"].to_ical().decode()
        repeated = rrulestr(rule, dtstart=plain(start))
        # The start is the first occurrence that COUNT counts, also where the rule does not give it.
        if "COUNT=" in rule and next(iter(repeated), None) != plain(start):
            left = int(event["RRULE"]["COUNT"][0]) - 1
            repeated = repeated.replace(count=left) if left > 0 else None
        if repeated is not None:
            found.rrule(repeated)
    for value in listed(event, "RDATE"):
        found.rdate(plain(value))
    for value in listed(event, "EXDATE"):
        found.exdate(plain(value))
    least, most = FROM - timedelta(days=3), TO + timedelta(days=3)
    if is_day(start):
        least, most = least.replace(tzinfo=None), most.replace(tzinfo=None)
        return [at.date() for at in found.between(least, most, inc=True)]
    return found.between(least, most, inc=True)


def expand(feed):
    # icalendar does not put characters together that a fold has cut.
    unfolded = re.sub(rb"\r\n[ \t]", b"", base64.b64decode(feed))
    events = Calendar.from_ical(unfolded).walk("VEVENT")
    moved = {(str(event["UID"]), instant(event["RECURRENCE-ID"].dt)) for event in events if "RECURRENCE-ID" in event}
    rows = set()
    for event in events:
        if str(event.get("STATUS", "")) == "CANCELLED":
            continue
        uid, title, end_of = str(event["UID"]), " ".join(str(event["SUMMARY"]).split()), length(event)
        is_exception = "RECURRENCE-ID" in event
        for at in [event["DTSTART"].dt] if is_exception else starts(event):
            begin, end = instant(at), end_of(at)
            if (is_exception or (uid, begin) not in moved) and end > FROM and begin < TO:
                rows.add(f"{uid} {begin:%Y-%m-%dT%H:%M:%SZ} {end:%Y-%m-%dT%H:%M:%SZ} {title}")
    return sorted(rows)


print(json.dumps([expand(feed) for feed in task["feeds"]]))
