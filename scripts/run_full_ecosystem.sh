#!/usr/bin/env bash
# The whole ecosystem: the real stack, the site and its consumers. The same as `make stack`.
set -euo pipefail
cd "$(dirname "$0")/.."
exec make stack
