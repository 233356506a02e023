#!/bin/bash
# What the official image documents: as root it changes to mysql; an empty folder is made, given its
# administrator and run through the first-time scripts by a server that listens on its socket only.
set -eo pipefail
shopt -s nullglob

if [ "${1:0:1}" = - ]; then
    set -- mysqld "$@"
fi
if [ "$1" = mysqld ]; then
    if [ "$(id -u)" = 0 ]; then
        find /var/lib/mysql /var/run/mysqld ! -user mysql -exec chown mysql {} +
        exec setpriv --reuid=mysql --regid=mysql --clear-groups "$0" "$@"
    fi
    if [ ! -d /var/lib/mysql/mysql ]; then
        if [ -z "$MYSQL_ROOT_PASSWORD" ]; then
            echo "You need to specify MYSQL_ROOT_PASSWORD" >&2
            exit 1
        fi
        "$@" --initialize-insecure --default-time-zone=SYSTEM
        "$@" --daemonize --skip-networking --default-time-zone=SYSTEM
        mysql --user=root mysql <<-SQL
			SET @@SESSION.SQL_LOG_BIN=0;
			ALTER USER 'root'@'localhost' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
			GRANT ALL ON *.* TO 'root'@'localhost' WITH GRANT OPTION;
			FLUSH PRIVILEGES;
		SQL
        if [ "$MYSQL_ROOT_HOST" != localhost ]; then
            MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --user=root mysql <<-SQL
				CREATE USER 'root'@'${MYSQL_ROOT_HOST:-%}' IDENTIFIED BY '$MYSQL_ROOT_PASSWORD';
				GRANT ALL ON *.* TO 'root'@'${MYSQL_ROOT_HOST:-%}' WITH GRANT OPTION;
			SQL
        fi
        for archivo in /docker-entrypoint-initdb.d/*; do
            case $archivo in
                *.sh) if [ -x "$archivo" ]; then "$archivo"; else . "$archivo"; fi ;;
                *.sql) MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysql --user=root <"$archivo" ;;
            esac
        done
        MYSQL_PWD=$MYSQL_ROOT_PASSWORD mysqladmin --user=root shutdown
    fi
fi
exec "$@"
