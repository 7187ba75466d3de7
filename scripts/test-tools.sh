# Installs what the tests need, once, by the ordinary package managers. Sourced by ./test.
#
# Sets LAKEPORT_TEST_PYTHON, LAKEPORT_TEST_NODE and LAKEPORT_TEST_AZURITE_BIN. Versions are pinned here and nowhere else.

tools="$HOME/.cache/lakeport/tools"
mkdir -p "$tools"

AZURITE_VERSION=3.37.0
PYTHON_PACKAGES='
    pyarrow==26.0.1 azure-storage-blob==12.31.1
    psycopg[binary,pool]==3.3.9 psycopg2-binary==2.9.13 pyodbc==5.5.0 asyncpg==0.32.0 pg8000==1.31.6
    adbc-driver-manager==1.13.0 adbc-driver-postgresql==1.13.0
    SQLAlchemy==2.1.9 pandas==3.1.1 polars==2.1.0 connectorx==0.4.6'
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

# Python's packages, in an environment of their own. It is named after what is in it, so that two branches keep theirs.
environment="$tools/python-$(echo "$PYTHON_PACKAGES" | sha256sum | cut -c 1-12)"
export LAKEPORT_TEST_PYTHON="$environment/bin/python"
if [ ! -e "$environment/complete" ]; then
    rm -rf "$environment"
    python3 -m venv "$environment"
    # shellcheck disable=SC2086
    "$LAKEPORT_TEST_PYTHON" -m pip install --quiet --disable-pip-version-check $PYTHON_PACKAGES
    touch "$environment/complete"
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
