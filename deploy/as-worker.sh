#!/bin/sh
# Runs a command as the first ingest worker that nobody else on this machine is, so that workers
# keep their names over restarts and however many there are: the broker keeps messages by name.
# usage: deploy/as-worker.sh COMMAND [ARGUMENT]...
set -eu

slots=${WORKER_SLOTS:-/run/health-kiosk/workers}
number=1
while [ "$number" -le 64 ]; do
    # The lock is this process's until it ends, whatever it is by then.
    exec 9>"$slots/$number"
    if flock --nonblock 9; then
        export INGEST__MQTT__WORKER="ingest-$number"
        exec "$@"
    fi
    number=$((number + 1))
done
echo "as-worker: 64 workers run already" >&2
exit 1
