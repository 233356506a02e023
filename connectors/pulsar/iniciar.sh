#!/bin/bash
# Starts Pulsar inside its image with our settings after its own. PULSAR_HOST is the name by which
# the other containers reach it.
set -euo pipefail
conf=/tmp/standalone.conf
# What is stored names whoever stores it, and by default that is the container's number on its
# network, which is another after `docker compose down`: nothing of before could be read. It goes on
# by the name that its data was begun with.
cookie=data/standalone/bookkeeper/current/VERSION
bookie=$(sed -n 's/^bookieHost: "\(.*\)"$/\1/p' "$cookie" 2>/dev/null || true)
{
    cat conf/standalone.conf
    echo
    cat /alpes/standalone.conf
    echo "advertisedAddress=$PULSAR_HOST"
    echo "bookieId=${bookie:-$PULSAR_HOST:3181}"
} >"$conf"
export PULSAR_STANDALONE_CONF=$conf
exec bin/pulsar standalone --no-functions-worker --no-stream-storage \
    --config="$conf" --advertised-address="$PULSAR_HOST"
