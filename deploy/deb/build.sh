#!/bin/sh
# Builds health-kiosk-edge_<version>_<arch>.deb with everything a station needs, Python aside.
# usage: deploy/deb/build.sh <directory for the package> [--without-venv]
# The package fits the minor version of Python and the architecture that it is built with; Debian's
# own /usr/bin/python3 of the station has to be of that minor version.
set -eu
umask 022
cd "$(dirname "$0")/../.."

OUT=${1:?usage: deploy/deb/build.sh DIRECTORY [--without-venv]}
PYTHON=${PYTHON:-python3}
PREFIX=/opt/health-kiosk

mkdir -p "$OUT"
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
ROOT=$WORK/root
mkdir -m 0755 "$ROOT" "$ROOT/DEBIAN"

version=$(sed -n 's/^version = "\(.*\)"$/\1/p' pyproject.toml)
minor=$("$PYTHON" -c 'import sys; print(sys.version_info.minor)')
arch=$(dpkg --print-architecture)

put() { install -D -m "$1" "$2" "$ROOT$3"; }
put 0644 deploy/systemd/health-kiosk-edge.service /lib/systemd/system/health-kiosk-edge.service
put 0640 deploy/station.toml /etc/health-kiosk/station.toml
put 0640 deploy/deb/edge.env /etc/health-kiosk/edge.env
put 0644 deploy/station.toml $PREFIX/share/station.toml
put 0644 LICENSE /usr/share/doc/health-kiosk-edge/copyright
for script in postinst prerm postrm; do put 0755 deploy/deb/$script /DEBIAN/$script; done
printf '%s\n' /etc/health-kiosk/station.toml /etc/health-kiosk/edge.env >"$ROOT/DEBIAN/conffiles"

if [ "${2:-}" != --without-venv ]; then
    # From a copy, or an old build directory would leave modules in the package that are gone.
    mkdir "$WORK/source"
    cp -r pyproject.toml README.md LICENSE contract edge_agent ingest dashboard simulators \
        health_kiosk "$WORK/source"
    "$PYTHON" -m venv --without-pip "$ROOT$PREFIX"
    "$PYTHON" -m pip --python "$ROOT$PREFIX/bin/python" install --quiet --no-compile \
        --disable-pip-version-check --constraint constraints.txt "$WORK/source[edge,sensors]"
    # At the station the interpreter is Debian's, and the place is $PREFIX.
    for name in python python3 "python3.$minor"; do
        ln -sf /usr/bin/python3 "$ROOT$PREFIX/bin/$name"
    done
    rm -f "$ROOT$PREFIX"/bin/[Aa]ctivate*
    grep -lI "^#!$ROOT" "$ROOT$PREFIX"/bin/* | xargs sed -i "1s|^#!$ROOT|#!|"
    printf 'home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.%s\n' "$minor" \
        >"$ROOT$PREFIX/pyvenv.cfg"
    # Compiled here, as the service may not write there; by content, not by time.
    "$PYTHON" -m compileall -q -s "$ROOT" --invalidation-mode unchecked-hash "$ROOT$PREFIX/lib"
    mkdir -p "$ROOT/usr/bin"
    ln -s $PREFIX/bin/health-kiosk "$ROOT/usr/bin/health-kiosk"
fi

size=$(du -sk --exclude=DEBIAN "$ROOT" | cut -f1)
sed -e "s|@version@|$version|" -e "s|@arch@|$arch|" -e "s|@minor@|$minor|" \
    -e "s|@next@|$((minor + 1))|" -e "s|@size@|$size|" deploy/deb/control >"$ROOT/DEBIAN/control"
(cd "$ROOT" && find opt usr lib -type f -print0 | sort -z | xargs -0 md5sum >DEBIAN/md5sums)

dpkg-deb --root-owner-group -Zxz --build "$ROOT" "$OUT/health-kiosk-edge_${version}_$arch.deb"
