#!/usr/bin/env bash
# Copies of a site that runs with Docker, and a site made of one.
#   respaldo.sh hacer CARPETA       with the site up: nobody waits for it
#   respaldo.sh restaurar CARPETA   where there is no site yet
# A copy has the database at one moment with its place in the binlog, the files, and .env: without
# its keys the bank data of the database cannot be read. Keep it where secrets are kept.
set -euo pipefail
cd "$(dirname "$0")/.."
PARTES="base.sql.gz datos.tar env"

fallar() {
    echo "respaldo.sh: $*" >&2
    exit 1
}

[ $# = 2 ] || fallar "use: respaldo.sh hacer|restaurar CARPETA."
carpeta=$2

hacer() {
    [ ! -e "$carpeta" ] || fallar "$carpeta ya existe: dé otra, no se escribe encima."
    [ -f .env ] || fallar "no hay .env: sin sus claves la copia no serviría."
    [ -n "$(docker compose ps --quiet --status running mysql)" ] || fallar "MySQL no está en marcha: docker compose up --wait."
    umask 077
    borrador=$carpeta.nuevo
    rm -rf "$borrador"
    mkdir -p "$borrador"
    trap 'rm -rf "$borrador"' EXIT
    # The database before the files: a payment whose file was written meanwhile is then asked about,
    # never made again.
    # shellcheck disable=SC2016
    docker compose exec -T mysql bash -c 'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysqldump --user=root \
        --single-transaction --quick --source-data=2 --set-gtid-purged=COMMENTED --triggers \
        --no-tablespaces --databases alpes' | gzip >"$borrador/base.sql.gz"
    gzip -cd "$borrador/base.sql.gz" | tail -n 1 | grep -q '^-- Dump completed' ||
        fallar "la copia de la base quedó a medias: mire docker compose logs mysql."
    # 1: a file grew while it was read.
    docker compose exec -T web tar -C /datos -cf - . >"$borrador/datos.tar" || [ $? = 1 ]
    tar -tf "$borrador/datos.tar" >/dev/null || fallar "la copia de los archivos quedó a medias."
    cp .env "$borrador/env"
    (cd "$borrador" && sha256sum $PARTES >sumas.txt)
    mv "$borrador" "$carpeta"
    trap - EXIT
    echo "Copia en $carpeta: $(gzip -cd "$carpeta/base.sql.gz" | sed -n 's/^-- CHANGE REPLICATION SOURCE TO //p;/^USE /q')"
}

restaurar() {
    (cd "$carpeta" 2>/dev/null && sha256sum --quiet --check sumas.txt) ||
        fallar "$carpeta no es una copia entera."
    for volumen in mysql datos redis pulsar debezium; do
        ! docker volume inspect "alpespartner_$volumen" >/dev/null 2>&1 ||
            fallar "aquí ya hay un sitio (volumen alpespartner_$volumen): no se escribe encima."
    done
    if [ -f .env ] && ! cmp -s .env "$carpeta/env"; then
        fallar "el .env de aquí no es el de la copia: apártelo."
    fi
    (umask 077 && cp "$carpeta/env" .env)
    docker compose build --quiet
    docker compose up --detach --wait mysql
    # shellcheck disable=SC2016
    gzip -cd "$carpeta/base.sql.gz" | docker compose exec -T mysql bash -c \
        'MYSQL_PWD=$MYSQL_ROOT_PASSWORD exec mysql --user=root'
    docker compose run --rm --no-deps -T inicio tar -C /datos -xf - <"$carpeta/datos.tar"
    docker compose up --detach --wait
    docker compose exec -T web python manage.py verificar --cadena
}

case $1 in
    hacer) hacer ;;
    restaurar) restaurar ;;
    *) fallar "use: respaldo.sh hacer|restaurar CARPETA." ;;
esac
