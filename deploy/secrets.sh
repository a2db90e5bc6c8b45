#!/bin/sh
# Makes every secret of docker-compose.yml, once: .env, an authority and the broker's certificate,
# passwords. Shows none of them; running it again keeps what is there.
#
# usage: deploy/secrets.sh [NAME]...
#        deploy/secrets.sh stations INVENTORY.csv
#
#   NAME      a name or address under which stations reach the broker (default: localhost)
#   stations  also a password for each station of the inventory that has none yet; they are in
#             deploy/secrets/stations.csv, for EDGE__MQTT__PASSWORD of each station
#
# The broker's certificate lasts two years; delete broker.pem and run this again to have a new one.
# Needs openssl, and mosquitto_passwd or docker.
set -eu
umask 077
cd "$(dirname "$0")/.."

DIRECTORY=${SECRETS_DIRECTORY:-deploy/secrets}
ENVIRONMENT=${SECRETS_ENVIRONMENT:-.env}
BROKER_IMAGE=eclipse-mosquitto:2.0.22
# Users of deploy/mosquitto.acl that are no stations.
RESERVED="ingest operator probe"

say() { echo "secrets: $*" >&2; }
fail() { say "$*"; exit 1; }
random() { openssl rand -hex 32; }

# Hashes the passwords in the file of user:password lines; they are on no command line.
hash_passwords() {
    if command -v mosquitto_passwd >/dev/null; then
        mosquitto_passwd -U "$1"
    else
        docker run --rm --user "$(id -u):$(id -g)" --volume "$(cd "$DIRECTORY" && pwd):/secrets" \
            "$BROKER_IMAGE" mosquitto_passwd -U "/secrets/$(basename "$1")"
    fi
}

# Adds the user:password lines of the file to the broker's passwords, and deletes it.
add_passwords() {
    hash_passwords "$1"
    cat "$1" >>"$DIRECTORY/broker-passwords"
    rm -f "$1" "$1.tmp"
    # The container's user reads it; the directory keeps everybody else out.
    chmod 644 "$DIRECTORY/broker-passwords"
}

make_environment() {
    [ ! -e "$DIRECTORY/broker-passwords" ] \
        || fail "$ENVIRONMENT is lost: restore it, or delete $DIRECTORY and begin anew"
    new="$DIRECTORY/new-passwords"
    {
        echo "# Secrets of docker-compose.yml, made by deploy/secrets.sh."
        for name in INFLUX_TOKEN INFLUX_PASSWORD POSTGRES_PASSWORD GRAFANA_PASSWORD; do
            echo "$name=$(random)"
        done
    } >"$ENVIRONMENT.new"
    : >"$new"
    for user in $RESERVED; do
        password=$(random)
        echo "$user:$password" >>"$new"
        upper=$(echo "$user" | tr '[:lower:]' '[:upper:]')
        echo "BROKER_${upper}_PASSWORD=$password" >>"$ENVIRONMENT.new"
    done
    add_passwords "$new"
    : >"$DIRECTORY/stations.csv"
    chmod 644 "$DIRECTORY/stations.csv"
    mv "$ENVIRONMENT.new" "$ENVIRONMENT"
    say "made $ENVIRONMENT and the broker's passwords"
}

make_authority() {
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 \
        -subj "/CN=health-kiosk broker authority" -addext "basicConstraints=critical,CA:TRUE" \
        -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout "$DIRECTORY/broker-ca.key" -out "$DIRECTORY/broker-ca.pem" 2>/dev/null
    chmod 644 "$DIRECTORY/broker-ca.pem"
    say "made an authority; stations need $DIRECTORY/broker-ca.pem"
}

# The names in the container network come first.
alternatives() {
    list="DNS:broker,DNS:localhost,IP:127.0.0.1"
    for name in "$@"; do
        case "$name" in
            *[!0-9.]*:* | *:*:*) list="$list,IP:$name" ;;
            *[!0-9.]*) list="$list,DNS:$name" ;;
            *) list="$list,IP:$name" ;;
        esac
    done
    echo "$list"
}

make_certificate() {
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=broker" \
        -keyout "$DIRECTORY/broker.key" -out "$DIRECTORY/broker.csr" 2>/dev/null
    printf 'subjectAltName=%s\nextendedKeyUsage=serverAuth\n' "$(alternatives "$@")" \
        >"$DIRECTORY/broker.ext"
    openssl x509 -req -in "$DIRECTORY/broker.csr" -days 730 -CA "$DIRECTORY/broker-ca.pem" \
        -CAkey "$DIRECTORY/broker-ca.key" -set_serial "0x$(openssl rand -hex 16)" \
        -extfile "$DIRECTORY/broker.ext" -out "$DIRECTORY/broker.pem" 2>/dev/null
    rm -f "$DIRECTORY/broker.csr" "$DIRECTORY/broker.ext"
    chmod 644 "$DIRECTORY/broker.pem" "$DIRECTORY/broker.key"
    say "made the broker's certificate for $(alternatives "$@")"
}

add_stations() {
    [ -e "$1" ] || fail "there is no file $1"
    new="$DIRECTORY/new-passwords" added=0
    : >"$new"
    for station in $(tail -n +2 "$1" | cut -d, -f1 | tr -d '"\r'); do
        case " $RESERVED " in *" $station "*) fail "no station may be called $station" ;; esac
        case "$station" in *[!A-Za-z0-9-]*) fail "$station is not the id of a station" ;; esac
        if grep -q "^$station," "$DIRECTORY/stations.csv" || grep -q "^$station:" "$new"; then
            continue
        fi
        echo "$station:$(random)" >>"$new"
        added=$((added + 1))
    done
    tr : , <"$new" >"$DIRECTORY/new-stations"
    if [ "$added" -gt 0 ]; then add_passwords "$new"; else rm -f "$new"; fi
    cat "$DIRECTORY/new-stations" >>"$DIRECTORY/stations.csv"
    rm -f "$DIRECTORY/new-stations"
    say "made passwords for $added stations; then: docker compose kill -s HUP broker"
}

command -v openssl >/dev/null || fail "openssl is missing"
command -v mosquitto_passwd >/dev/null || command -v docker >/dev/null \
    || fail "mosquitto_passwd is missing, and docker too"
mkdir -p "$DIRECTORY"
if [ "${1:-}" = stations ]; then
    [ $# = 2 ] || fail "usage: deploy/secrets.sh stations INVENTORY.csv"
    [ -e "$ENVIRONMENT" ] || fail "run deploy/secrets.sh without arguments first"
    add_stations "$2"
    exit
fi
case "${1:-}" in -*) fail "usage: deploy/secrets.sh [NAME]..., or: stations INVENTORY.csv" ;; esac
[ -e "$ENVIRONMENT" ] || make_environment
[ -e "$DIRECTORY/broker-ca.pem" ] || { make_authority; rm -f "$DIRECTORY/broker.pem"; }
[ -e "$DIRECTORY/broker.pem" ] || make_certificate "$@"
