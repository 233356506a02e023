-- Accounts, their passwords and their least privileges. Idempotent: the native server runs it at
-- every start (--init-file, so one statement per line), Docker's once. The starter fills the marks.
-- Not for the binlog: Debezium and replicas have no use for them.
SET SESSION sql_log_bin = 0;
CREATE DATABASE IF NOT EXISTS alpes CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
CREATE DATABASE IF NOT EXISTS dbz_state CHARACTER SET utf8mb4 COLLATE utf8mb4_0900_bin;
-- The application. The second grant is for its test databases.
CREATE USER IF NOT EXISTS 'alpes'@'@@MYSQL_CLIENT_HOST@@';
ALTER USER 'alpes'@'@@MYSQL_CLIENT_HOST@@' IDENTIFIED BY '@@MYSQL_ALPES_PASSWORD@@';
GRANT ALL PRIVILEGES ON alpes.* TO 'alpes'@'@@MYSQL_CLIENT_HOST@@';
GRANT ALL PRIVILEGES ON `test\_alpes%`.* TO 'alpes'@'@@MYSQL_CLIENT_HOST@@';
-- Debezium: it reads one table and the binlog, and keeps its place in a schema of its own.
CREATE USER IF NOT EXISTS 'dbz'@'@@MYSQL_CLIENT_HOST@@';
ALTER USER 'dbz'@'@@MYSQL_CLIENT_HOST@@' IDENTIFIED BY '@@MYSQL_DBZ_PASSWORD@@';
-- FLUSH_TABLES: a snapshot holds the global read lock while it notes its place in the binlog.
-- Without the lock (snapshot.locking.mode=none) nothing ties the two, and a row could fall between.
GRANT REPLICATION SLAVE, REPLICATION CLIENT, FLUSH_TABLES ON *.* TO 'dbz'@'@@MYSQL_CLIENT_HOST@@';
GRANT CREATE, SELECT, INSERT, UPDATE, DELETE ON dbz_state.* TO 'dbz'@'@@MYSQL_CLIENT_HOST@@';
-- A grant on a table that migrations have yet to create is accepted only with CREATE in it.
GRANT SELECT, CREATE ON alpes.outbox_event TO 'dbz'@'@@MYSQL_CLIENT_HOST@@';
REVOKE CREATE ON alpes.outbox_event FROM 'dbz'@'@@MYSQL_CLIENT_HOST@@';
