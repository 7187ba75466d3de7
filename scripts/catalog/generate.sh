#!/bin/sh
# Writes crates/catalog/data: what PostgreSQL 15 says of itself, as COPY text.
#
# Starts a private PostgreSQL in a temporary folder, reads it with relations.sql and stops it again.
# Run as a user that may start a server (not root): scripts/catalog/generate.sh [folder of PostgreSQL's programs]
set -eu

programs=${1:-/usr/lib/postgresql/15/bin}
here=$(cd "$(dirname "$0")" && pwd)
data=$(cd "$here/../../crates/catalog/data" && pwd)
home=$(mktemp -d)

stop() {
    "$programs/pg_ctl" -D "$home/cluster" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$home"
}
trap stop EXIT

# One locale and one superuser name, so that two runs on two machines write the same bytes.
"$programs/initdb" -D "$home/cluster" -U postgres -A trust --locale=C.UTF-8 -E UTF8 >/dev/null
"$programs/pg_ctl" -D "$home/cluster" -l "$home/log" -w -o "-k $home -c listen_addresses=''" start >/dev/null

ask() {
    "$programs/psql" -X -q -v ON_ERROR_STOP=1 -h "$home" -U postgres -d template1 -At "$@"
}

ask -c "SELECT current_setting('server_version_num')::int / 10000" | grep -qx 15 || {
    echo "these are not the programs of PostgreSQL 15: $programs" >&2
    exit 1
}

# One line per file: its name, a tab, the query that gives its rows.
ask -F "	" -f "$here/relations.sql" | while IFS="	" read -r name query; do
    ask -c "COPY ($query) TO STDOUT" >"$data/$name.tsv"
done
