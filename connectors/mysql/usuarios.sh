#!/bin/bash
# Run once by MySQL's image on an empty volume: creates the accounts of usuarios.sql. In a subshell,
# because the image sources a script whose executable bit was lost.
(
    set -euo pipefail
    bash /alpes/renderizar.sh </alpes/usuarios.sql \
        | MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --user=root
)
