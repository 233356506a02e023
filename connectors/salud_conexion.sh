#!/bin/bash
# salud_conexion.sh PORT: succeeds while this container holds a connection to that port of another.
# What serves nothing (a consumer, a worker, the clock) is well while it listens to whoever feeds it.
set -euo pipefail
puerto=$(printf '%04X' "$1")
while read -r _ _ remoto estado _; do
    # 01: established.
    if [[ $remoto == *:"$puerto" && $estado == 01 ]]; then
        exit 0
    fi
done < <(cat /proc/net/tcp /proc/net/tcp6 2>/dev/null)
exit 1
