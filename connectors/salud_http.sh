#!/bin/bash
# salud_http.sh PORT PATH: succeeds when that address of this container answers 200.
# Pure bash: not every image has curl.
set -euo pipefail
exec 3<>"/dev/tcp/127.0.0.1/$1"
printf 'GET %s HTTP/1.0\r\nHost: localhost\r\n\r\n' "$2" >&3
read -r -t 5 status <&3
[[ $status == HTTP/1.?' 200 '* ]]
