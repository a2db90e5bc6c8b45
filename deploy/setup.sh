#!/bin/sh
# Prepares this machine: Debian packages that are missing, a virtual environment, the project in it.
# usage: deploy/setup.sh demo|dev
set -eu
cd "$(dirname "$0")/.."

EXTRA=${1:?usage: deploy/setup.sh demo|dev}
VENV=${VENV:-.venv}
PYTHON=${PYTHON:-python3}

say() { echo "setup: $*" >&2; }
fail() { say "$*"; exit 1; }

packages="mosquitto dbus-daemon"
# libatomic1: the node that Playwright ships needs it, and a minimal Debian has it not.
[ "$EXTRA" = dev ] && packages="$packages bluez openssl systemd chromium docker-compose fonts-noto-cjk influxdb iproute2 libatomic1 libfaketime mosquitto-clients nginx-light postgresql prometheus"

is_installed() {
    case "$(dpkg-query --show --showformat='${Status}' "$1" 2>/dev/null)" in
        *" installed") return 0 ;;
    esac
    return 1
}

install_packages() {
    if [ "$(id -u)" = 0 ]; then as_root=""
    elif command -v sudo >/dev/null; then as_root="sudo"
    else fail "missing:$*. As root, run: apt-get install$*"
    fi
    say "installing Debian packages:$*"
    $as_root apt-get update -q >/dev/null \
        || fail "cannot reach Debian's packages; check the network, then run make again"
    # Tests start servers of their own: the packages' services stay off, now and after a restart.
    policy=/usr/sbin/policy-rc.d
    if [ "$EXTRA" = dev ] && [ ! -e $policy ]; then
        printf '#!/bin/sh\nexit 101\n' | $as_root tee $policy >/dev/null
        $as_root chmod +x $policy
        # shellcheck disable=SC2064  # as_root is known now
        trap "$as_root rm -f $policy" EXIT
        trap 'exit 1' INT TERM
    fi
    # shellcheck disable=SC2086  # as_root is empty or one word, the packages are words
    $as_root env DEBIAN_FRONTEND=noninteractive \
        apt-get install -y -q --no-install-recommends $* >/dev/null \
        || fail "cannot install$*; see the lines above, then run make again"
    case "$*" in
        *influxdb*|*prometheus*) $as_root systemctl --quiet disable influxdb nginx prometheus 2>/dev/null || true ;;
    esac
}

"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
    || fail "$PYTHON is older than Python 3.11; name a newer one: make PYTHON=python3.12"
"$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || packages="$packages python3-venv"

if command -v dpkg-query >/dev/null; then
    missing=""
    for package in $packages; do
        is_installed "$package" || missing="$missing $package"
    done
    [ -z "$missing" ] || install_packages "$missing"
else
    say "this is not Debian; install what corresponds to: $packages"
fi

[ -x "$VENV/bin/python" ] || "$PYTHON" -m venv "$VENV"
say "installing the project and its Python packages (a minute or two the first time)"
"$VENV/bin/python" -m pip install --quiet --disable-pip-version-check \
    --constraint constraints.txt --editable ".[$EXTRA]" \
    || fail "cannot install the Python packages; check the network, then run make again"
touch "$VENV/.$EXTRA"
say "ready"
