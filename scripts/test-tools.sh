# Installs what the tests need, once, by the ordinary package managers. Sourced by ./test.
#
# Sets LAKEPORT_TEST_PYTHON, the same for each program of Python's that is tested, LAKEPORT_TEST_NODE and
# LAKEPORT_TEST_AZURITE_BIN. Versions are pinned here and nowhere else.

tools="$HOME/.cache/lakeport/tools"
mkdir -p "$tools"

AZURITE_VERSION=3.37.0
PYTHON_PACKAGES='
    pyarrow==26.0.1 azure-storage-blob==12.31.1
    psycopg[binary,pool]==3.3.9 psycopg2-binary==2.9.13 pyodbc==5.5.0 asyncpg==0.32.0 pg8000==1.31.6
    adbc-driver-manager==1.13.0 adbc-driver-postgresql==1.13.0
    SQLAlchemy==2.1.9 pandas==3.1.1 polars==2.1.0 connectorx==0.4.6'
DUCKDB_PACKAGES='duckdb==1.5.5 duckdb-extension-postgres-scanner==1.5.5 pgcli==4.7.1'
DBT_PACKAGES='dbt-core==1.11.16 dbt-postgres==1.10.0'
PGADMIN_PACKAGES='pgadmin4==9.18'
# Superset names no upper bounds: the last four are what it runs with and does not ask for.
SUPERSET_PACKAGES='apache-superset==6.1.0 psycopg2-binary==2.9.13 flask-caching==2.3.1 marshmallow-sqlalchemy==1.4.2 cachetools==8.0.0 rich==15.0.0'
NODE_PACKAGES='pg@8.23.1 pg-cursor@2.22.0 pg-query-stream@4.17.0'
DEBIAN_PACKAGES='postgresql postgresql-client libpostgresql-jdbc-java default-jdk-headless odbc-postgresql unixodbc nodejs npm python3-venv curl'

# Debian's packages: only what is not there yet, so that an everyday run needs no root.
missing=''
for package in $DEBIAN_PACKAGES; do
    case "$package" in
        nodejs|npm) command -v "${package/nodejs/node}" >/dev/null && continue ;;
    esac
    dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing="$missing $package"
done
if [ -n "$missing" ]; then
    as_root=''
    [ "$(id -u)" = 0 ] || as_root=sudo
    echo "installing:$missing"
    $as_root apt-get update -qq
    # The servers that tests start are their own: Debian's must not start one at installation.
    $as_root mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
    # shellcheck disable=SC2086
    DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
fi

# Sets `environment` to a folder with these packages of Python's. It is named after what is in it, so that two branches
# keep theirs.
python_environment() {
    environment="$tools/python-$(echo "$*" | sha256sum | cut -c 1-12)"
    [ ! -e "$environment/complete" ] || return 0
    rm -rf "$environment"
    python3 -m venv "$environment"
    "$environment/bin/python" -m pip install --quiet --disable-pip-version-check "$@"
    touch "$environment/complete"
}

# shellcheck disable=SC2086
python_environment $PYTHON_PACKAGES
export LAKEPORT_TEST_PYTHON="$environment/bin/python"

# Whole programs each want an environment of their own.
# shellcheck disable=SC2086
python_environment $DUCKDB_PACKAGES
export LAKEPORT_TEST_DUCKDB="$environment/bin/python"
# shellcheck disable=SC2086
python_environment $DBT_PACKAGES
export LAKEPORT_TEST_DBT="$environment/bin/python"
# shellcheck disable=SC2086
python_environment $PGADMIN_PACKAGES
export LAKEPORT_TEST_PGADMIN="$environment/bin/python"
# shellcheck disable=SC2086
python_environment $SUPERSET_PACKAGES
export LAKEPORT_TEST_SUPERSET="$environment/bin/python"
# Superset keeps what it knows in a database of its own, which takes a while to make: each test copies it.
export LAKEPORT_TEST_SUPERSET_DATABASE="$environment/superset.db"
if [ ! -e "$LAKEPORT_TEST_SUPERSET_DATABASE" ]; then
    making="$environment/making"
    rm -rf "$making"
    mkdir "$making"
    printf 'SECRET_KEY = "of a test"\nSQLALCHEMY_DATABASE_URI = "sqlite:///%s/superset.db"\n' "$making" >"$making/superset_config.py"
    for step in 'db upgrade' init; do
        # shellcheck disable=SC2086
        SUPERSET_CONFIG_PATH="$making/superset_config.py" "$environment/bin/superset" $step >"$making/log" 2>&1 ||
            { tail -n 30 "$making/log"; false; }
    done
    mv "$making/superset.db" "$LAKEPORT_TEST_SUPERSET_DATABASE"
fi

# Node's packages, likewise. Scripts find them by NODE_PATH.
environment="$tools/node-$(echo "$NODE_PACKAGES" | sha256sum | cut -c 1-12)"
export LAKEPORT_TEST_NODE="$environment/node_modules"
if [ ! -e "$environment/complete" ]; then
    rm -rf "$environment"
    mkdir -p "$environment"
    # shellcheck disable=SC2086
    npm install --silent --no-fund --no-audit --prefix "$environment" $NODE_PACKAGES
    touch "$environment/complete"
fi

# Azurite, Microsoft's own emulator of Azure Storage.
export LAKEPORT_TEST_AZURITE_BIN="$tools/azurite/node_modules/.bin/azurite-blob"
if [ "$(cat "$tools/azurite/version" 2>/dev/null)" != "$AZURITE_VERSION" ]; then
    rm -rf "$tools/azurite"
    mkdir -p "$tools/azurite"
    npm install --silent --no-fund --no-audit --prefix "$tools/azurite" "azurite@$AZURITE_VERSION"
    echo "$AZURITE_VERSION" > "$tools/azurite/version"
fi
