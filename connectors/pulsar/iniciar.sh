#!/bin/bash
# Starts Pulsar inside its image with our settings after its own. PULSAR_HOST is the name by which
# the other containers reach it.
set -euo pipefail
conf=/tmp/standalone.conf
{
    cat conf/standalone.conf
    echo
    cat /alpes/standalone.conf
    echo "advertisedAddress=$PULSAR_HOST"
} >"$conf"
export PULSAR_STANDALONE_CONF=$conf
exec bin/pulsar standalone --no-functions-worker --no-stream-storage \
    --config="$conf" --advertised-address="$PULSAR_HOST"
