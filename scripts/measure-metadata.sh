#!/usr/bin/env bash
# Measures what clients ask of the catalog at connect, on a lake of many tables and on a real PostgreSQL with the same.
#
#   scripts/measure-metadata.sh [TABLES [COLUMNS]]     10000 and 50 unless said otherwise
#
# Builds the release server and the program that measures; psql and a PostgreSQL 15 are found as the tests find them. Every
# table is a hard link of one small file, so the lake takes little room. Prints for each statement the best of twenty runs on
# either server, in milliseconds, and their ratio; "first" is the first run, which has to open what it shows. Then the same for
# whole conversations of clients (benches/conversations), from the connection to the last answer, each about another table.
set -euo pipefail
cd "$(dirname "$0")/.."
tables=${1:-10000} columns=${2:-50}
cargo build --release --locked --workspace --bin lakeport --bin bench-metadata
target=$(cargo metadata --format-version 1 --no-deps --locked | sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
lakeport=$target/release/lakeport
. scripts/test-servers.sh

work=$(mktemp -d)
chmod 755 "$work"
finish() {
    [ -z "${server:-}" ] || kill "$server" 2>/dev/null || true
    [ -z "${postgres_bin:-}" ] || as_postgres "$postgres_bin/pg_ctl" -D "$work/postgres/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$work"
}
trap finish EXIT

# ---- the lake
mkdir -p "$work/lake/wide"
list=$(seq -s, 1 "$columns" | sed 's/[0-9][0-9]*/& AS c&/g')
"$lakeport" sql --format parquet "SELECT $list" "$work/lake" >"$work/one.parquet"
for number in $(seq 1 "$tables"); do
    mkdir "$work/lake/wide/t$number"
    # A file has only so many names.
    [ $((number % 10000)) != 1 ] || cp "$work/one.parquet" "$work/copy.$number"
    ln "$work/copy.$((number - (number - 1) % 10000))" "$work/lake/wide/t$number/part.parquet"
done
cat >"$work/lakeport.toml" <<CONFIG
[stores.lake.local]
folder = "lake"
[schemas.wide]
from = "lake/wide/"
CONFIG
port=$(free_port)
"$lakeport" serve --config "$work/lakeport.toml" --listen "127.0.0.1:$port" >"$work/server.log" 2>&1 &
server=$!

# ---- PostgreSQL
postgres_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)
postgres_port=$(free_port)
mkdir "$work/postgres"
[ "$(id -u)" != 0 ] || chown postgres "$work/postgres"
as_postgres "$postgres_bin/initdb" -D "$work/postgres/data" -U postgres -A trust -E UTF8 --no-locale -N >/dev/null
as_postgres "$postgres_bin/pg_ctl" -D "$work/postgres/data" -w -l "$work/postgres/log" -o "-p $postgres_port \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c max_locks_per_transaction=4096" start >/dev/null
definition=$(seq -s, 1 "$columns" | sed 's/[0-9][0-9]*/c& int/g')
PGHOST=127.0.0.1 PGPORT=$postgres_port PGUSER=postgres psql -qX <<SQL
CREATE SCHEMA wide;
DO \$\$ BEGIN FOR n IN 1..$tables LOOP EXECUTE format('CREATE TABLE wide.t%s ($definition)', n); END LOOP; END \$\$;
VACUUM ANALYZE;
SQL

# ---- the statements: a name, then SQL on one line
statements() {
    cat <<'SQL'
select 1|SELECT 1
ADBC: every column of every relation|SELECT attrelid, attname, atttypid FROM pg_catalog.pg_attribute ORDER BY attrelid, attnum
psql \d: the table by name|SELECT c.oid, n.nspname, c.relname FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relname OPERATOR(pg_catalog.~) '^(t77)$' COLLATE pg_catalog.default AND n.nspname OPERATOR(pg_catalog.~) '^(wide)$' COLLATE pg_catalog.default ORDER BY 2, 3
psql \d: its columns|SELECT a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull FROM pg_catalog.pg_attribute a WHERE a.attrelid = 'wide.t77'::regclass AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum
psql \dt|SELECT n.nspname, c.relname, c.relkind, pg_catalog.pg_get_userbyid(c.relowner) FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r','p','') AND n.nspname <> 'pg_catalog' AND n.nspname !~ '^pg_toast' AND n.nspname <> 'information_schema' ORDER BY 1,2
pgjdbc: getTables, one schema|SELECT NULL AS TABLE_CAT, n.nspname AS TABLE_SCHEM, c.relname AS TABLE_NAME, d.description AS REMARKS FROM pg_catalog.pg_namespace n, pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_description d ON (c.oid = d.objoid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass) WHERE c.relnamespace = n.oid AND n.nspname LIKE 'wide' AND c.relkind = 'r' ORDER BY TABLE_SCHEM, TABLE_NAME
pgjdbc: getColumns, one table|SELECT * FROM (SELECT n.nspname, c.relname, a.attname, a.atttypid, a.attnotnull OR (t.typtype = 'd' AND t.typnotnull) AS attnotnull, a.atttypmod, a.attlen, row_number() OVER (PARTITION BY a.attrelid ORDER BY a.attnum) AS attnum, pg_catalog.pg_get_expr(def.adbin, def.adrelid) AS adsrc, dsc.description, t.typbasetype, t.typtype FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_class c ON (c.relnamespace = n.oid) JOIN pg_catalog.pg_attribute a ON (a.attrelid = c.oid) JOIN pg_catalog.pg_type t ON (a.atttypid = t.oid) LEFT JOIN pg_catalog.pg_attrdef def ON (a.attrelid = def.adrelid AND a.attnum = def.adnum) LEFT JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) LEFT JOIN pg_catalog.pg_class dc ON (dc.oid = dsc.classoid AND dc.relname = 'pg_class') LEFT JOIN pg_catalog.pg_namespace dn ON (dc.relnamespace = dn.oid AND dn.nspname = 'pg_catalog') WHERE c.relkind IN ('r','p','v','f','m') AND a.attnum > 0 AND NOT a.attisdropped AND n.nspname LIKE 'wide' AND c.relname LIKE 't77') c ORDER BY nspname, c.relname, attnum
information_schema.columns, one table|SELECT column_name, data_type FROM information_schema.columns WHERE table_schema = 'wide' AND table_name = 't77' ORDER BY ordinal_position
DBeaver: tables of a schema|SELECT c.oid, c.*, d.description FROM pg_catalog.pg_class c LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid = c.oid AND d.objsubid = 0 AND d.classoid = 'pg_class'::regclass WHERE c.relnamespace = 'wide'::regnamespace AND c.relkind NOT IN ('i','I','c')
DBeaver: columns of a table|SELECT c.relname, a.*, pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) AS def_value, dsc.description FROM pg_catalog.pg_attribute a INNER JOIN pg_catalog.pg_class c ON (a.attrelid = c.oid) LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid = ad.adrelid AND a.attnum = ad.adnum) LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid = dsc.objoid AND a.attnum = dsc.objsubid) WHERE NOT a.attisdropped AND c.oid = 'wide.t77'::regclass ORDER BY a.attnum
only planned|SELECT * FROM wide.t77 WHERE (0=1)
SQL
}

# Twenty times on one connection, in milliseconds.
times() {
    { echo '\timing on'; for _ in $(seq 20); do echo "$2;"; done; } |
        psql -X -h 127.0.0.1 -p "$1" -U postgres -d postgres -o /dev/null 2>&1 | sed -n 's/^Time: \([0-9.]*\) ms.*/\1/p'
}

until psql -X -h 127.0.0.1 -p "$port" -U postgres -d postgres -c 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server" || { cat "$work/server.log"; exit 1; }
    sleep 0.2
done
printf '%-40s %10s %10s %10s %7s\n' "$tables tables of $columns columns" first lakeport postgres ratio
while IFS='|' read -r name sql; do
    own=$(times "$port" "$sql") other=$(times "$postgres_port" "$sql")
    first=$(head -n 1 <<<"$own") best=$(sort -g <<<"$own" | head -n 1) judge=$(sort -g <<<"$other" | head -n 1)
    printf '%-40s %10s %10s %10s %7s\n' "$name" "${first:-failed}" "${best:-failed}" "$judge" \
        "$(awk -v a="${best:-0}" -v b="$judge" 'BEGIN { printf "%.1f", a / b }')"
done < <(statements)
"$target/release/bench-metadata" benches/conversations "127.0.0.1:$port" "127.0.0.1:$postgres_port"
