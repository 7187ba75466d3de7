# Starts the servers that tests speak to, each private to this run, and stops them again. Sourced by ./test.
#
# start_test_servers sets LAKEPORT_TEST_POSTGRES (host:port of a PostgreSQL without passwords) and
# LAKEPORT_TEST_AZURITE (the URL of an Azurite that keeps its blobs in memory).

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# PostgreSQL refuses to run as root.
as_postgres() {
    if [ "$(id -u)" = 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_test_servers() {
    test_servers=$(mktemp -d)
    chmod 755 "$test_servers"
    postgres_bin=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

    local port
    port=$(free_port)
    mkdir "$test_servers/postgres"
    [ "$(id -u)" != 0 ] || chown postgres "$test_servers/postgres"
    as_postgres "$postgres_bin/initdb" -D "$test_servers/postgres/data" -U postgres -A trust -E UTF8 --no-locale -N >"$test_servers/initdb.log"
    as_postgres "$postgres_bin/pg_ctl" -D "$test_servers/postgres/data" -w -l "$test_servers/postgres/log" \
        -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories='' -c fsync=off -c autovacuum=off" start >/dev/null
    export LAKEPORT_TEST_POSTGRES="127.0.0.1:$port"

    port=$(free_port)
    "$LAKEPORT_TEST_AZURITE_BIN" --blobHost 127.0.0.1 --blobPort "$port" --inMemoryPersistence --skipApiVersionCheck \
        --silent --disableTelemetry >"$test_servers/azurite.log" 2>&1 &
    azurite_pid=$!
    local tries=0
    until curl -s -o /dev/null "http://127.0.0.1:$port/"; do
        tries=$((tries + 1))
        [ "$tries" -lt 300 ] || { echo 'Azurite does not start:'; cat "$test_servers/azurite.log"; return 1; }
        sleep 0.2
    done
    export LAKEPORT_TEST_AZURITE="http://127.0.0.1:$port"
}

stop_test_servers() {
    [ -z "${azurite_pid:-}" ] || kill "$azurite_pid" 2>/dev/null || true
    as_postgres "$postgres_bin/pg_ctl" -D "$test_servers/postgres/data" -m immediate stop >/dev/null 2>&1 || true
    rm -rf "$test_servers"
}
