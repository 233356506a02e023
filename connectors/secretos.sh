#!/bin/sh
# Refuses a secret that is missing or that somebody could guess, before anything is made with it.
# In the environment, as Compose reads them from .env; scripts/docker.sh writes them there.
set -eu
mal=0

decir() {
    echo "secretos: $*" >&2
    mal=1
}

# mirar NAME LENGTH EXTRA: at least so long, of letters, digits and those characters, and varied.
mirar() {
    eval "valor=\${$1-}"
    if [ -z "$valor" ]; then
        decir "falta $1 en .env: lo pone scripts/docker.sh --solo-secretos"
        return
    fi
    if [ "${#valor}" -lt "$2" ]; then
        decir "$1 es débil: $2 caracteres o más; bórrela de .env y repita scripts/docker.sh"
    elif [ -n "$(printf %s "$valor" | tr -d "A-Za-z0-9$3")" ]; then
        decir "$1 lleva caracteres que no viajan en una URL ni en SQL: solo letras y cifras"
    elif [ "$(printf %s "$valor" | fold -w 1 | sort -u | wc -l)" -lt 8 ]; then
        decir "$1 es débil: repite pocos caracteres; bórrela de .env y repita scripts/docker.sh"
    fi
}

mirar SECRET_KEY 32 _-
mirar MYSQL_ROOT_PASSWORD 20 ''
mirar MYSQL_ALPES_PASSWORD 20 ''
mirar MYSQL_DBZ_PASSWORD 20 ''
mirar REDIS_PASSWORD 20 ''
exit "$mal"
