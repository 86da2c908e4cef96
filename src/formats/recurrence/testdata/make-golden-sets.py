"""Writes golden-sets.json: whole series (rules, exclusion rules, dates, exclusions) expanded by python-dateutil (2.9.0, Debian's python3-dateutil),
an implementation that shares nothing with ours. Run: python3 make-golden-sets.py > golden-sets.json
Three kinds: series of rules, dates and exclusions; rules below the day and with rare parts; and series whose times fall into the gaps and
repeated hours of clocks: a time that the clock skips is moved on by the length of the gap (dateutil.tz.resolve_imaginary), and counted."""
import json, random
from datetime import datetime, timedelta, timezone
from itertools import islice
from dateutil import tz
from dateutil.rrule import rruleset, rrulestr

DAYS = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
LIMIT = 30


def pick(r, low, high, most):
    return ','.join(str(n) for n in sorted(r.sample(range(low, high + 1), r.randint(1, most))))


def plain_rule(r):
    freq = r.choice(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'])
    parts = ['FREQ=' + freq, 'INTERVAL=%d' % r.choice([1, 1, 1, 2, 3])]
    if freq == 'WEEKLY':
        parts.append('BYDAY=' + ','.join(r.sample(DAYS, r.randint(1, 3))))
    if freq == 'MONTHLY':
        parts.append('BYDAY=%d%s' % (r.choice([1, 2, 3, -1]), r.choice(DAYS)))
    if freq != 'YEARLY':
        parts.append('COUNT=%d' % r.randint(3, 25))
    return ';'.join(parts)


def rare_rule(r):
    kind = r.randint(0, 6)
    if kind == 0:
        return 'FREQ=HOURLY;INTERVAL=%d;BYMINUTE=%s' % (r.choice([1, 5, 7, 25]), pick(r, 0, 59, 3))
    if kind == 1:
        return 'FREQ=MINUTELY;INTERVAL=%d;BYHOUR=%s;BYDAY=%s' % (r.choice([7, 20, 45, 1441]), pick(r, 0, 23, 4), r.choice(DAYS))
    if kind == 2:
        return 'FREQ=SECONDLY;INTERVAL=%d;BYMINUTE=%s;BYHOUR=%s' % (r.choice([15, 40, 600]), pick(r, 0, 59, 2), pick(r, 0, 23, 2))
    if kind == 3:
        # Not 53 nor other week starts: dateutil takes 2 January 2022 for week 53 of 2021, which has 52.
        return 'FREQ=YEARLY;BYWEEKNO=%s;BYDAY=%s;WKST=%s' % (r.choice(['20', '1,30', '2,51', '-2', '10,-10']), ','.join(r.sample(DAYS, 2)), 'MO')
    if kind == 4:
        return 'FREQ=YEARLY;BYDAY=%s;BYSETPOS=%s' % (','.join(r.sample(DAYS, 3)), r.choice(['1,-1', '-2', '100', '7,-7']))
    if kind == 5:
        return 'FREQ=MONTHLY;BYDAY=%s;BYHOUR=%s;BYSETPOS=%s' % (','.join(r.sample(DAYS, 2)), pick(r, 0, 23, 3), r.choice(['1,-1', '2', '-3']))
    return 'FREQ=MONTHLY;INTERVAL=%d;BYMONTHDAY=%s;BYMONTH=%s' % (r.choice([1, 5]), r.choice(['29,30,31', '-31', '-1,1', '31']), pick(r, 1, 12, 5))


def written(r, at, zone):
    """The same moment in one of the forms a maker may choose."""
    form = r.randint(0, 2)
    if form == 0:
        return ':' + at.astimezone(timezone.utc).strftime('%Y%m%dT%H%M%SZ')
    other = zone if form == 1 else r.choice(['America/New_York', 'Asia/Tokyo'])
    return ';TZID=%s:%s' % (other, at.astimezone(tz.gettz(other)).strftime('%Y%m%dT%H%M%S'))


def row(zone, start, lines, found):
    starts = [tz.resolve_imaginary(at).astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ') for at in found]
    # Two wall times in and after a gap can be one instant.
    unique = sorted(set(starts))
    return {'zone': zone, 'start': start.strftime('%Y-%m-%dT%H:%M:%S'), 'lines': lines, 'starts': unique}


def begin(r, zone, rule):
    text = datetime(2019, 1, 1) + timedelta(days=r.randint(0, 1000), minutes=5 * r.randint(0, 287))
    first = list(islice(rrulestr(rule, dtstart=text.replace(tzinfo=tz.gettz(zone))), 1))
    return first[0].replace(tzinfo=None) if first else None


def before_the_end(found):
    kept = []
    for at in islice(found, LIMIT):
        if at.year >= 2037: break
        kept.append(at)
    return kept


def series(r):
    zone = r.choice(['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kolkata', 'UTC'])
    rules = [plain_rule(r) for _ in range(r.randint(0, 3))]
    start = begin(r, zone, rules[0]) if rules else datetime(2020, 5, 4, 9)
    aware = start.replace(tzinfo=tz.gettz(zone))
    # Only a rule that gives the start counts it as dateutil does.
    rules = [rule for rule in rules if next(iter(rrulestr(rule, dtstart=aware)), None) == aware]
    s, lines = rruleset(), []
    s.rdate(aware)
    for rule in rules:
        s.rrule(rrulestr(rule, dtstart=aware))
        lines.append('RRULE:' + rule)
    for _ in range(r.randint(0, 4)):
        at = aware + timedelta(days=r.randint(1, 300), hours=r.randint(0, 9))
        s.rdate(at)
        lines.append('RDATE' + written(r, at, zone))
    if rules and r.random() < .4:
        rule = 'FREQ=%s;INTERVAL=%d;COUNT=60' % (r.choice(['DAILY', 'WEEKLY']), r.randint(2, 5))
        s.exrule(rrulestr(rule, dtstart=aware))
        lines.append('EXRULE:' + rule)
    for at in r.sample(before_the_end(iter(s)) or [aware], 1) * r.randint(0, 1):
        s.exdate(at)
        lines.append('EXDATE' + written(r, at, zone))
    r.shuffle(lines)
    return row(zone, start, lines, before_the_end(iter(s)))


def rare(r):
    zone = r.choice(['Asia/Kolkata', 'UTC', 'Asia/Tokyo'])
    rule = rare_rule(r)
    try:
        start = begin(r, zone, rule)
    except ValueError:
        return None  # dateutil refuses what can never match
    if start is None or start.year >= 2030: return None
    return row(zone, start, ['RRULE:' + rule], before_the_end(rrulestr(rule, dtstart=start.replace(tzinfo=tz.gettz(zone)))))


def clock_change(r):
    zone, days = r.choice([('Europe/Berlin', ['20250326', '20251022']), ('America/New_York', ['20250305', '20251029']),
                           ('Australia/Lord_Howe', ['20251001', '20250402']), ('America/Santiago', ['20250903', '20250402'])])
    at = '%02d%02d' % (r.choice([0, 1, 2, 3]), r.choice([0, 15, 30, 59]))
    start = datetime.strptime(r.choice(days) + 'T' + at, '%Y%m%dT%H%M')
    rule = r.choice(['FREQ=DAILY;COUNT=8', 'FREQ=WEEKLY;BYDAY=SA,SU,MO;COUNT=7', 'FREQ=DAILY;INTERVAL=2;COUNT=6', 'FREQ=DAILY;UNTIL=20251110T000000Z'])
    first = rrulestr(rule, dtstart=start.replace(tzinfo=tz.gettz(zone)))[0]
    start = first.replace(tzinfo=None)
    aware = start.replace(tzinfo=tz.gettz(zone))
    return row(zone, start, ['RRULE:' + rule], before_the_end(rrulestr(rule, dtstart=aware)))


r = random.Random(55452)
sets = [series(r) for _ in range(60)]
rares = [found for found in (rare(r) for _ in range(80)) if found]
changes = list({json.dumps(found): found for found in (clock_change(r) for _ in range(60))}.values())
note = 'Expanded by python-dateutil 2.9.0 with make-golden-sets.py; the first 30 starts of each series before 2037, in UTC.'
block = lambda rows: '[\n%s\n  ]' % ',\n'.join('    ' + json.dumps(found) for found in rows)
print('{\n  "note": %s,\n  "series": %s,\n  "rare": %s,\n  "clockChanges": %s\n}' % (json.dumps(note), block(sets), block(rares), block(changes)))
