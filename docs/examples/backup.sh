#!/bin/sh
# A backup of a running server, and its proof on another machine. BACKUPS is a folder that does not lie on the same disk.
set -eu
cd "$(dirname "$0")/../.."
countersign() { npm run -s countersign -- "$@"; }
file="$BACKUPS/$(date +%Y-%m-%d).jsonl"

# While the server runs. Keep the head that it prints elsewhere: it is what a backup is held to.
countersign backup "$file"
countersign verify "$file"

# On another machine, or beside it: an empty folder becomes an installation that answers the same.
DATA_DIR="$BACKUPS/trial"
export DATA_DIR
countersign restore "$file"
countersign verify
countersign replay --check
