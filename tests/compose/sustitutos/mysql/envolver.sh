#!/bin/bash
# A program of MySQL's under its own loader and libraries.
raiz=/opt/mysql/usr
cargador=$(echo $raiz/lib/*/ld-linux-*.so.*)
programa=$(basename "$0")
for carpeta in sbin bin; do
    if [ -x "$raiz/$carpeta/$programa" ]; then
        exec "$cargador" --library-path "${cargador%/*}:$raiz/lib/mysql/private" \
            "$raiz/$carpeta/$programa" "$@"
    fi
done
