-- postgres_fdw
-- Its settings, IMPORT FOREIGN SCHEMA, scans by cursors with conditions pushed down, estimates by EXPLAIN, and ANALYZE's sampling.

--- five settings [simple]
SET search_path = pg_catalog;SET timezone = 'UTC';SET datestyle = ISO;SET intervalstyle = postgres;SET extra_float_digits = 3

--- whether the schema exists [simple]
SELECT 1 FROM pg_catalog.pg_namespace WHERE nspname = 'public'

--- the schema's tables [simple]
SELECT relname, attname, format_type(atttypid, atttypmod), attnotnull, attgenerated, pg_get_expr(adbin, adrelid), collname, collnsp.nspname
FROM pg_class c JOIN pg_namespace n ON relnamespace = n.oid LEFT JOIN pg_attribute a ON attrelid = c.oid AND attnum > 0 AND NOT attisdropped LEFT JOIN pg_attrdef ad ON adrelid = c.oid AND adnum = attnum
LEFT JOIN pg_collation coll ON coll.oid = attcollation LEFT JOIN pg_namespace collnsp ON collnsp.oid = collnamespace
WHERE c.relkind IN ('r','v','f','m','p') AND n.nspname = 'public' AND c.relname IN ('orders', 'customers') ORDER BY c.relname, a.attnum

--- a transaction [simple]
START TRANSACTION ISOLATION LEVEL REPEATABLE READ

--- a scan with conditions [simple]
DECLARE c1 CURSOR FOR
SELECT id, customer_id, amount FROM public.orders WHERE ((amount > 5.00)) AND ((ordered_at >= '2024-01-01 00:00:00+00'::timestamp with time zone)) AND ((note IS NULL) OR ((note <> ALL ('{a,b}'::text[])))) ORDER BY id ASC NULLS LAST

--- its rows [simple]
FETCH 100 FROM c1

--- closed [simple]
CLOSE c1

--- a savepoint of a subtransaction [simple]
SAVEPOINT s2

--- and back [simple]
ROLLBACK TO SAVEPOINT s2; RELEASE SAVEPOINT s2

--- a join that was pushed down [simple]
SELECT r1.id, r2.name FROM (public.orders r1 INNER JOIN public.customers r2 ON (((r1.customer_id = r2.id)))) WHERE ((r2.country = 'PT'::text)) ORDER BY r1.id ASC NULLS LAST

--- an aggregate that was pushed down [simple]
SELECT customer_id, count(*), sum(amount), avg(amount) FROM public.orders GROUP BY 1 ORDER BY 1 ASC NULLS LAST

--- committed [simple]
COMMIT TRANSACTION

--- an estimate [simple, columns]
EXPLAIN SELECT id FROM public.orders WHERE ((amount > 5.00))

--- pages of a table [simple, columns]
SELECT pg_catalog.pg_relation_size('public.orders'::pg_catalog.regclass) / 8192

--- rows of a table [simple, columns]
SELECT reltuples FROM pg_catalog.pg_class WHERE oid = 'public.orders'::pg_catalog.regclass

--- a prepared statement with a parameter [talk]
> parse - 0: DECLARE c2 CURSOR WITH HOLD FOR SELECT id FROM public.orders WHERE ((customer_id = $1::bigint)) ORDER BY id
> bind - - 0/0: 1
> execute - 0
> sync
> read
> query: FETCH 100 FROM c2
> query: CLOSE c2
