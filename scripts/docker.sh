#!/usr/bin/env bash
# The first run with Docker, and every other: makes the secrets once, looks for what would stop it
# half-way, and brings everything up.
#   --demo            with the demonstration programme, its users and its keys
#   --solo-secretos   nothing but the secrets, into .env; `docker compose up` is then enough
set -euo pipefail
cd "$(dirname "$0")/.."

SECRETOS="SECRET_KEY MYSQL_ROOT_PASSWORD MYSQL_ALPES_PASSWORD MYSQL_DBZ_PASSWORD REDIS_PASSWORD"
# What the parts were seen to need, with some room.
MEMORIA_MIB=3500

fallar() {
    echo "docker.sh: $*" >&2
    exit 1
}

demo="" solo=""
for opcion in "$@"; do
    case $opcion in
        --demo) demo=1 ;;
        --solo-secretos) solo=1 ;;
        *) fallar "no conozco $opcion: use --demo o --solo-secretos." ;;
    esac
done

# A variable as Compose would read it: of the shell, else of .env (or of the one about to be).
leer() {
    if [ -n "${!1-}" ]; then
        printf '%s' "${!1}"
    elif [ -f "${2:-.env}" ]; then
        sed -n "s/^$1=//p" "${2:-.env}" | tail -n 1
    fi
}

motor() { docker info >/dev/null 2>&1; }

poner_secretos() {
    local nombre faltan=""
    for nombre in $SECRETOS; do
        [ -n "$(leer "$nombre")" ] || faltan+=" $nombre"
    done
    # New passwords would open nothing of what was kept with the old ones.
    if [ -n "$faltan" ] && motor && docker volume inspect alpespartner_mysql >/dev/null 2>&1; then
        fallar "hay datos de antes y en .env falta:$faltan. Recupere su .env; o, si los datos no importan, bórrelos con docker volume rm."
    fi
    trap 'rm -f .env.nuevo' EXIT
    (
        umask 077
        {
            # A last line without its end would swallow the first of ours.
            if [ -f .env ]; then sed -e '$a\' .env; fi
            for nombre in $faltan; do
                echo "$nombre=$(od -An -N32 -tx1 /dev/urandom | tr -d ' \n')"
            done
        } >.env.nuevo
        for nombre in $SECRETOS; do
            declare -x "$nombre=$(leer "$nombre" .env.nuevo)"
        done
        sh connectors/secretos.sh
    )
    if [ -n "$faltan" ]; then
        mv .env.nuevo .env
        echo "Secretos nuevos en .env: guárdelo, sin él los datos no se abren."
    fi
    if [ -f .env ]; then chmod go-rwx .env; fi
}

mirar_nombres() {
    local nombre nombres
    IFS=, read -ra nombres <<<"$(leer ALPES_HOSTS)"
    for nombre in "${nombres[@]}"; do
        [[ $nombre =~ ^\.?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$ || $nombre == "[::1]" ]] ||
            fallar "ALPES_HOSTS: «$nombre» no es un nombre: sin https://, puerto ni espacios, separados por comas."
    done
}

mirar_maquina() {
    local puerto memoria
    puerto=$(leer ALPES_PUERTO)
    puerto=${puerto:-8000}
    [[ $puerto =~ ^[0-9]+$ ]] || fallar "ALPES_PUERTO: «$puerto» no es un puerto."
    command -v docker >/dev/null || fallar "falta Docker, con su plugin compose: instálelo y repita."
    docker compose version >/dev/null 2>&1 || fallar "a Docker le falta el plugin compose: instálelo y repita."
    motor || fallar "Docker no contesta: arránquelo, o entre en el grupo docker, y repita."
    memoria=$(($(docker info --format '{{.MemTotal}}') / 1048576))
    [ "$memoria" -ge "$MEMORIA_MIB" ] ||
        fallar "Docker tiene $memoria MiB de memoria y hacen falta $MEMORIA_MIB."
    # Ours, when it is up already.
    if [ -z "$(docker compose ps --quiet web 2>/dev/null)" ] &&
        (exec 3<>"/dev/tcp/127.0.0.1/$puerto") 2>/dev/null; then
        fallar "el puerto $puerto está ocupado: libérelo o elija otro con ALPES_PUERTO en .env."
    fi
}

# What runs of another version stops before the database changes under it: it would go on writing as
# it knows. The new one is built meanwhile, so nobody waits for that.
parar_la_de_antes() {
    local de
    docker compose build || fallar "no se pudo construir: arriba dice por qué; lo que estaba en marcha sigue."
    de=$(docker compose ps --quiet web | xargs --no-run-if-empty docker inspect --format '{{.Image}}' | sort -u)
    if [ -n "$de" ] && [ "$de" != "$(docker image inspect --format '{{.Id}}' alpespartner:local)" ]; then
        docker compose config --services | grep -E '^(web|pruebas|worker.*|beat|consumidor-.*)$' |
            xargs docker compose stop
    fi
}

[ -n "$solo" ] || { mirar_nombres && mirar_maquina; }
poner_secretos
[ -z "$solo" ] || exit 0

if [ -n "$demo" ]; then export ALPES_DEMO=1; fi
parar_la_de_antes
docker compose up --detach --no-build --wait ||
    fallar "no arrancó: 'docker compose ps --all' dice qué parte, y 'docker compose logs PARTE' por qué."
if [ -n "$demo" ]; then
    docker compose run --rm --no-deps --no-TTY demo
    (umask 077 && docker compose exec --no-TTY web cat /datos/test_data_ids.json >test_data_ids.json)
else
    url=http://localhost:$(docker compose port web 8000 | sed 's/.*://')
    echo "AlpesPartner está en marcha: $url/admin/  (docker compose down lo para todo)"
    echo "La primera persona: docker compose exec web python manage.py createsuperuser"
fi
