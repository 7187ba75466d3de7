# Installs what the tests need, once, by the ordinary package managers. Sourced by ./test.
#
# Sets LAKEPORT_TEST_PYTHON and LAKEPORT_TEST_AZURITE_BIN. Versions are pinned here and nowhere else.

tools="$HOME/.cache/lakeport/tools"
mkdir -p "$tools"

AZURITE_VERSION=3.37.0
PYTHON_PACKAGES='psycopg[binary]==3.3.9 pyarrow==26.0.1 pyodbc==5.5.0 asyncpg==0.32.0 azure-storage-blob==12.31.1'
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

# Python's packages, in an environment of their own.
export LAKEPORT_TEST_PYTHON="$tools/python/bin/python"
if [ "$(cat "$tools/python/packages" 2>/dev/null)" != "$PYTHON_PACKAGES" ]; then
    rm -rf "$tools/python"
    python3 -m venv "$tools/python"
    # shellcheck disable=SC2086
    "$LAKEPORT_TEST_PYTHON" -m pip install --quiet --disable-pip-version-check $PYTHON_PACKAGES
    echo "$PYTHON_PACKAGES" > "$tools/python/packages"
fi

# Azurite, Microsoft's own emulator of Azure Storage.
export LAKEPORT_TEST_AZURITE_BIN="$tools/azurite/node_modules/.bin/azurite-blob"
if [ "$(cat "$tools/azurite/version" 2>/dev/null)" != "$AZURITE_VERSION" ]; then
    rm -rf "$tools/azurite"
    mkdir -p "$tools/azurite"
    npm install --silent --no-fund --no-audit --prefix "$tools/azurite" "azurite@$AZURITE_VERSION"
    echo "$AZURITE_VERSION" > "$tools/azurite/version"
fi
