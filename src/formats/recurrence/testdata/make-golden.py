"""Writes golden-rules.json: the examples of RFC 5545, 3.8.5.3, and random rules, expanded by python-dateutil (2.9.0),
an implementation that shares nothing with ours. Run: pip install python-dateutil && python3 make-golden.py > golden-rules.json
Times stay out of gaps of the clock, about which dateutil differs from the RFC."""
import json, random
from datetime import datetime, timedelta, timezone
from itertools import islice, takewhile
from dateutil import tz
from dateutil.rrule import rrulestr

NY = 'America/New_York'
RFC = [
    ('19970902T090000', 'FREQ=DAILY;COUNT=10'),
    ('19970902T090000', 'FREQ=DAILY;UNTIL=19971224T000000Z'),
    ('19970902T090000', 'FREQ=DAILY;INTERVAL=2'),
    ('19970902T090000', 'FREQ=DAILY;INTERVAL=10;COUNT=5'),
    ('19980101T090000', 'FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA'),
    ('19980101T090000', 'FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1'),
    ('19970902T090000', 'FREQ=WEEKLY;COUNT=10'),
    ('19970902T090000', 'FREQ=WEEKLY;UNTIL=19971224T000000Z'),
    ('19970902T090000', 'FREQ=WEEKLY;INTERVAL=2;WKST=SU'),
    ('19970902T090000', 'FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH'),
    ('19970902T090000', 'FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH'),
    ('19970901T090000', 'FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR'),
    ('19970902T090000', 'FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH'),
    ('19970905T090000', 'FREQ=MONTHLY;COUNT=10;BYDAY=1FR'),
    ('19970905T090000', 'FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR'),
    ('19970907T090000', 'FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU'),
    ('19970922T090000', 'FREQ=MONTHLY;COUNT=6;BYDAY=-2MO'),
    ('19970928T090000', 'FREQ=MONTHLY;BYMONTHDAY=-3'),
    ('19970902T090000', 'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15'),
    ('19970930T090000', 'FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1'),
    ('19970910T090000', 'FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15'),
    ('19970902T090000', 'FREQ=MONTHLY;INTERVAL=2;BYDAY=TU'),
    ('19970610T090000', 'FREQ=YEARLY;COUNT=10;BYMONTH=6,7'),
    ('19970310T090000', 'FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3'),
    ('19970101T090000', 'FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200'),
    ('19970519T090000', 'FREQ=YEARLY;BYDAY=20MO'),
    ('19970512T090000', 'FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO'),
    ('19970313T090000', 'FREQ=YEARLY;BYMONTH=3;BYDAY=TH'),
    ('19970605T090000', 'FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8'),
    ('19980213T090000', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13'),
    ('19970913T090000', 'FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13'),
    ('19961105T090000', 'FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8'),
    ('19970904T090000', 'FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3'),
    ('19970929T090000', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2'),
    ('19970902T090000', 'FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T210000Z'),
    ('19970902T090000', 'FREQ=MINUTELY;INTERVAL=15;COUNT=6'),
    ('19970902T090000', 'FREQ=MINUTELY;INTERVAL=90;COUNT=4'),
    ('19970902T090000', 'FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40'),
    ('19970902T090000', 'FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10,11,12,13,14,15,16'),
    ('19970805T090000', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO'),
    ('19970805T090000', 'FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU'),
    ('20070115T090000', 'FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5'),
]


def expand(zone, start, rule, limit):
    dtstart = datetime.strptime(start, '%Y%m%dT%H%M%S').replace(tzinfo=tz.gettz(zone))
    # dateutil knows no changes of the clock after 2037.
    found = takewhile(lambda at: at.year < 2037, islice(rrulestr(rule, dtstart=dtstart), limit))
    starts = [at.astimezone(timezone.utc).strftime('%Y-%m-%dT%H:%M:%SZ') for at in found]
    return {'zone': zone, 'start': start, 'rule': rule, 'starts': starts}


def random_rule(r):
    freq = r.choice(['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'])
    parts = ['FREQ=' + freq, 'INTERVAL=%d' % r.choice([1, 1, 2, 3, 5])]
    days = r.sample(['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'], r.randint(1, 4))
    if freq == 'WEEKLY':
        parts += ['BYDAY=' + ','.join(days), 'WKST=' + r.choice(['MO', 'SU'])]
    elif freq == 'MONTHLY':
        parts.append(r.choice(['BYDAY=' + ','.join(r.choice(['1', '2', '-1', '']) + d for d in days),
                               'BYMONTHDAY=%d,%d' % (r.randint(1, 31), -r.randint(1, 28)),
                               'BYDAY=%s;BYSETPOS=%d' % (','.join(days), r.choice([1, -1, 2]))]))
    elif freq == 'YEARLY':
        parts.append(r.choice(['BYMONTH=%d;BYDAY=%s%s' % (r.randint(1, 12), r.choice(['1', '-1', '']), days[0]),
                               'BYYEARDAY=%d,-%d' % (r.randint(1, 366), r.randint(1, 300)),
                               'BYWEEKNO=%d;BYDAY=%s' % (r.randint(1, 51), ','.join(days)),
                               'BYMONTH=%d;BYMONTHDAY=%d' % (r.randint(1, 12), r.randint(1, 31))]))
    elif r.random() < .5:
        parts.append(r.choice(['BYDAY=' + ','.join(days), 'BYMONTH=%d' % r.randint(1, 12), 'BYHOUR=8,17;BYMINUTE=15']))
    if r.random() < .3:
        parts.append('COUNT=%d' % r.randint(2, 60))
    return ';'.join(parts)


rows = [expand(NY, start, rule, 40) for start, rule in RFC]
r = random.Random(5545)
for _ in range(150):
    start = (datetime(2019, 1, 1, 9) + timedelta(days=r.randint(0, 1000), minutes=5 * r.randint(0, 100)))
    zone = r.choice(['Europe/Berlin', 'America/Sao_Paulo', 'Asia/Kolkata', 'Australia/Lord_Howe', 'UTC'])
    rule = random_rule(r)
    text = start.strftime('%Y%m%dT%H%M%S')
    first = rrulestr(rule, dtstart=start)[0:1]
    # A start that the rule does not give is an occurrence all the same, which dateutil does not know: begin at one that it gives.
    if first and first[0].year < 2037:
        rows.append(expand(zone, first[0].strftime('%Y%m%dT%H%M%S'), rule, 40))
note = 'Expanded by python-dateutil 2.9.0 with make-golden.py; the first 40 starts of each rule before 2037, in UTC.'
body = ',\n'.join('    ' + json.dumps(row) for row in rows)
print('{\n  "note": %s,\n  "rules": [\n%s\n  ]\n}' % (json.dumps(note), body))
