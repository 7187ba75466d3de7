-- A real PostgreSQL reads the lake by postgres_fdw, and joins it with a table of its own. Run by psql, with the lake's
-- port as :port and its database as :database.
\set ON_ERROR_STOP 1
CREATE EXTENSION IF NOT EXISTS postgres_fdw;
DROP SERVER IF EXISTS lake CASCADE;
DROP SCHEMA IF EXISTS lake CASCADE;
DROP TABLE IF EXISTS lines;
CREATE SERVER lake FOREIGN DATA WRAPPER postgres_fdw
    OPTIONS (host '127.0.0.1', port :'port', dbname :'database', use_remote_estimate 'true', fetch_size '700');
CREATE USER MAPPING FOR CURRENT_USER SERVER lake OPTIONS (user 'postgres', password_required 'false');
CREATE SCHEMA lake;
IMPORT FOREIGN SCHEMA shop FROM SERVER lake INTO lake;
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
    WHERE c.relnamespace = 'lake'::regnamespace AND a.attnum > 0 ORDER BY c.relname, a.attnum;
CREATE TABLE lines (line int2, word text);
INSERT INTO lines VALUES (1, 'first'), (2, 'second');
SELECT l.word, count(*), sum(o.amount) FROM lines l JOIN lake.orders o USING (line) GROUP BY l.word ORDER BY l.word;
SELECT count(*), sum(number), max(ratio), count(payload) FROM lake.events;
SELECT count(*), max(payload) FROM lake.events WHERE number BETWEEN 5000 AND 9000 AND payload LIKE 'event 6%';
SELECT o.order_id, o.line, c.name, o.placed, o.amount FROM lake.orders o JOIN lake.customers c USING (customer_id)
    WHERE c.country IS NOT DISTINCT FROM 'DE' AND o.note IS NOT NULL ORDER BY o.order_id, o.line LIMIT 5;
SELECT * FROM lake.kinds ORDER BY id;
SELECT * FROM lake."Mixed Case" ORDER BY "Id";
SELECT * FROM lake.by_country ORDER BY country NULLS FIRST;
SELECT count(*) FROM lake.orders a WHERE EXISTS (SELECT FROM lake.customers c WHERE c.customer_id = a.customer_id AND c.country = 'BR');
BEGIN ISOLATION LEVEL REPEATABLE READ;
DECLARE every CURSOR FOR SELECT number FROM lake.events ORDER BY number;
FETCH 3 FROM every;
MOVE 1000 IN every;
FETCH 1 FROM every;
ROLLBACK;
ANALYZE lake.customers;
SELECT reltuples FROM pg_class WHERE oid = 'lake.customers'::regclass;
