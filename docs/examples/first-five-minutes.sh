#!/bin/sh
# The first five minutes: run `npm start` in one terminal and this in another.
set -eu
cd "$(dirname "$0")/../.."
countersign() { npm run -s countersign -- "$@"; }
data=test/data/northwood

# An organisation: people with several jobs, each job with its own managers.
countersign import $data/people.csv $data/organisations.csv $data/positions.csv $data/assignments.csv --preset native

# Xenia has two jobs; Dewi manages one of them; Roos is a finance officer.
XENIA=$(countersign token --for xenia.nolen1970)
DEWI=$(countersign token --for dewi.evers225)
ROOS=$(countersign token --for roos.peters4)
export XENIA DEWI ROOS

# Xenia asks, Dewi approves and names Roos, Roos approves.
node docs/examples/first-request.mjs

# Prove the log, and that every list is what a replay of it gives.
countersign verify
countersign replay --check
