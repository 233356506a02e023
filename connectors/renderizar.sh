#!/bin/bash
# Fills the @@NAME@@ marks of a template (standard input) from the environment, to standard output.
# Pure bash: it runs inside images that have little else. stack/render.py does the same natively.
set -euo pipefail
text=$(cat; printf .)
text=${text%.}
while [[ $text =~ @@([A-Z][A-Z0-9_]*)@@ ]]; do
    mark=${BASH_REMATCH[0]} name=${BASH_REMATCH[1]}
    if [[ ! -v $name ]]; then
        echo "Falta $name: añádala al entorno del servicio en docker-compose.yml." >&2
        exit 1
    fi
    value=${!name}
    # A value is never read as a template, nor its & as the mark.
    printf '%s%s' "${text%%"$mark"*}" "$value"
    text=${text#*"$mark"}
done
printf '%s' "$text"
