#!/usr/bin/env bash
# Measures how fast many rows leave Lakeport, beside a PostgreSQL with the same rows and a floor: see docs/performance.md.
#
#   scripts/bench-extract.sh [PART…] [--rows N] [--runs N] …     --help tells the parts and the options
#
# Builds the release server and the program that measures it. The tables that it makes, and PostgreSQL's copy of them,
# stay in a folder for temporary files (--cache names another): 40 million rows take 3 GB and 7 GB.
set -euo pipefail
cd "$(dirname "$0")/.."
cargo build --release --locked --workspace --bin lakeport --bin bench-extract
target=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')

# Where this is ended from outside, the servers that were started end too.
notes=$(mktemp -d)
export LAKEPORT_BENCH_NOTES=$notes
finish() {
    { cat "$notes"/*.pid 2>/dev/null || true; } | while read -r signal process; do kill "-$signal" "$process" 2>/dev/null || true; done
    rm -rf "$notes"
}
trap finish EXIT
"$target/release/bench-extract" "$@" &
trap 'kill $! 2>/dev/null' TERM INT
wait $!
