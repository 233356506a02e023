#!/bin/bash
# Starts Debezium Server inside its image with the rendered configuration.
set -euo pipefail
cd /debezium
mkdir -p config
umask 077
bash /alpes/renderizar.sh </alpes/application.properties >config/application.properties
exec ./run.sh
