#!/bin/sh
# Compiles apps and libs into dist when a source is newer than the last build. Says nothing when all is well.
set -eu
cd "$(dirname "$0")"

# One at a time, where the machine has flock.
if [ -z "${BUILDING:-}" ] && command -v flock >/dev/null; then exec env BUILDING=1 flock .swcrc ./build.sh; fi
if [ -e dist/.built ] && [ -z "$(find apps libs .swcrc package-lock.json -newer dist/.built -print -quit)" ]; then exit 0; fi

# Built aside and moved into place, so that a failed or interrupted build is never started.
trap 'rm -rf "dist.$$"' EXIT
mkdir "dist.$$"
touch "dist.$$/.built" # Before compiling: what changes meanwhile is newer, and makes the next build.
swc apps libs --out-dir "dist.$$" --copy-files --ignore '**/*.spec.ts,**/*.md' --quiet
rm -rf dist
mv "dist.$$" dist
