#!/bin/sh
# An organisation by hand, one fact at a time, each from a day: run `npm start` in one terminal and this in another.
set -eu
cd "$(dirname "$0")/../.."
countersign() { npm run -s countersign -- "$@"; }

# A ward with two posts, and three people.
countersign unit set ward-7 --name 'Ward 7'
countersign position set head-7 --title 'Ward Manager' --unit ward-7
countersign position set nurse-7 --title Nurse --superior head-7 --unit ward-7
countersign person add --id kim --username kim --given-name Kim --family-name Aalto --email kim@hospital.example
countersign person add --id ola --username ola --given-name Ola --family-name Berg
countersign person add --id pia --username pia --given-name Pia --family-name Cruz

# Kim is a nurse there. Ola leads the ward in the first half of the year, Pia from July on.
countersign assignment add kim --id kim-1 --position-type staff --position nurse-7 --unit ward-7 --from 2026-01-01
countersign assignment add ola --id ola-1 --position-type staff --position head-7 --unit ward-7 --from 2026-01-01 --to 2026-07-01
countersign assignment add pia --id pia-1 --position-type staff --position head-7 --unit ward-7 --from 2026-07-01
countersign manager add kim-1 ola --from 2026-01-01 --to 2026-07-01
countersign manager add kim-1 pia --from 2026-07-01

# The ward has another name from October on; the past keeps its own.
countersign unit set ward-7 --name 'Ward 7, Surgery' --effective 2026-10-01

# A correction: Ola stayed until the end of August, so all that was to change in July changes in September.
# Pia's link goes first: nobody can have two direct managers at once. The moment before is kept, in whole seconds.
sleep 1
before=$(date -u +%Y-%m-%dT%H:%M:%SZ)
sleep 1
countersign assignment change ola-1 --to 2026-09-01
countersign assignment change pia-1 --from 2026-09-01
countersign manager change kim-1/direct/pia/2026-07-01 --from 2026-09-01
countersign manager change kim-1/direct/ola/2026-01-01 --to 2026-09-01

# Who manages Kim, and the chart, as of a day: as it is known now, and as it was known before the correction.
countersign assignment show kim-1 --as-of 2026-08-01
countersign assignment show kim-1 --as-of 2026-08-01 --known-at "$before"
countersign chart --of units --unit ward-7 --as-of 2026-08-01
countersign chart --of units --unit ward-7 --as-of 2026-08-01 --known-at "$before"
countersign chart --of units --unit ward-7 --as-of 2026-10-01
