#!/usr/bin/env bash
# Set up everything `make run` and `make test` need. Run again, it changes nothing.
set -euo pipefail
cd "$(dirname "$0")/.."

fallar() { echo "preparar: $*" >&2; exit 1; }

PYTHON=${PYTHON:-python3}

# mysqlclient compiles: it needs a compiler and the client library's headers. WeasyPrint, which makes
# the documents, loads Pango's libraries.
falta_sistema() {
    for orden in "$PYTHON" gcc pkg-config; do
        command -v "$orden" >/dev/null || return 0
    done
    pkg-config --exists mysqlclient || pkg-config --exists libmariadb || return 0
    ! "$PYTHON" -c 'import ctypes, ensurepip, venv
for biblioteca in ("libpango-1.0.so.0", "libpangoft2-1.0.so.0", "libharfbuzz-subset.so.0"):
    ctypes.CDLL(biblioteca)' 2>/dev/null
}

# Without the letters of every script, a document shows boxes where a name should be.
faltan_letras() {
    local letra
    for letra in "DejaVu Sans" "WenQuanYi Micro Hei" Symbola Unifont; do
        fc-list "$letra" | grep -q . || return 0
    done
    return 1
}

puede_instalar() { command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; }

PAQUETES="python3 python3-venv python3-dev gcc pkg-config default-libmysqlclient-dev
    libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core fonts-wqy-microhei
    fonts-symbola fonts-unifont"

instalar_sistema() {
    if puede_instalar; then
        echo "Instalando paquetes del sistema: $PAQUETES"
        apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $PAQUETES >/dev/null
    else
        fallar "faltan paquetes del sistema. En Debian o Ubuntu: sudo apt-get install $PAQUETES"
    fi
}

crear_entorno() {
    if falta_sistema || { puede_instalar && faltan_letras; }; then instalar_sistema; fi
    "$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        fallar "hace falta Python 3.11 o posterior; $PYTHON es $("$PYTHON" --version)"
    [ -x .venv/bin/python ] || "$PYTHON" -m venv .venv
    echo "Instalando dependencias en .venv (la primera vez tarda alrededor de un minuto)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -r requirements.txt
    cp requirements.txt .venv/instalado.txt
}

cmp -s requirements.txt .venv/instalado.txt || crear_entorno

if [ ! -f .env ]; then
    (umask 077 && .venv/bin/python -c \
        'import secrets; print("SECRET_KEY=" + secrets.token_urlsafe(64))' >.env)
fi

# Compiled translations and static files are made from sources, so they are not in git.
viejo() { [ ! -e "$1" ] || [ -n "$(find "${@:2}" -newer "$1" -print -quit)" ]; }
if viejo .venv/textos.listo locale -name '*.po' ||
    [ ! -e locale/es/LC_MESSAGES/django.mo ] || [ ! -e locale/en/LC_MESSAGES/django.mo ]; then
    .venv/bin/python scripts/compilar_textos.py
    touch .venv/textos.listo
fi
if viejo staticfiles/.listo static .venv/instalado.txt; then
    # Not those of pages that are not there: another reader of the document, the API as pages.
    .venv/bin/python manage.py collectstatic --noinput --clear -v0 \
        --ignore redoc --ignore rest_framework
    touch staticfiles/.listo
fi
