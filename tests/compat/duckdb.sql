-- DuckDB's postgres extension
-- ATTACH and a scan: the snapshot's transaction, six statements in one message for the schema, and COPY of a table in binary.

--- the transaction of a snapshot [simple]
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

--- the version [simple, columns]
SELECT version(), (SELECT COUNT(*) FROM pg_settings WHERE name LIKE 'rds%')

--- whether a snapshot can be shared [simple, columns]
--! status: @functions
SELECT pg_is_in_recovery(), pg_export_snapshot(), (select count(*) from pg_stat_wal_receiver)

--- after that [simple]
ROLLBACK

--- again [simple]
BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY

--- the whole schema in one message [simple, unordered]
--! rows: relpages is 0, since pages are PostgreSQL's
SELECT n.oid, n.nspname FROM pg_namespace n WHERE n.nspname IN ('public', 'sales') ORDER BY n.nspname;
SELECT pg_namespace.oid AS namespace_id, relname, relpages, attname, pg_type.typname type_name, atttypmod type_modifier, pg_attribute.attndims ndim, attnum, pg_attribute.attnotnull AS notnull, NULL constraint_id, NULL constraint_type, NULL constraint_key
FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid JOIN pg_attribute ON pg_class.oid=pg_attribute.attrelid JOIN pg_type ON atttypid=pg_type.oid
WHERE attnum > 0 AND relkind IN ('r', 'v', 'm', 'f', 'p') AND nspname IN ('public', 'sales') AND relname <> 'none' AND relpages >= 0
UNION ALL
SELECT pg_namespace.oid AS namespace_id, relname, NULL relpages, NULL attname, NULL type_name, NULL type_modifier, NULL ndim, NULL attnum, NULL AS notnull, pg_constraint.oid AS constraint_id, contype AS constraint_type, conkey AS constraint_key
FROM pg_class JOIN pg_namespace ON relnamespace = pg_namespace.oid JOIN pg_constraint ON (pg_class.oid=pg_constraint.conrelid)
WHERE relkind IN ('r', 'v', 'm', 'f', 'p') AND contype IN ('p', 'u') AND nspname IN ('public', 'sales');
SELECT n.oid, enumtypid, typname, enumlabel FROM pg_enum e JOIN pg_type t ON e.enumtypid = t.oid JOIN pg_namespace AS n ON (typnamespace=n.oid) ORDER BY n.oid, enumtypid, enumsortorder;
SELECT n.oid, t.typrelid AS id, t.typname as type, pg_attribute.attname, sub_type.typname FROM pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace JOIN pg_class ON pg_class.oid = t.typrelid
JOIN pg_attribute ON attrelid=t.typrelid JOIN pg_type sub_type ON (pg_attribute.atttypid=sub_type.oid) WHERE pg_class.relkind = 'c' AND t.typtype='c' AND n.nspname IN ('public', 'sales') ORDER BY n.oid, t.oid, attrelid, attnum;
SELECT pg_namespace.oid, tablename, indexname FROM pg_indexes JOIN pg_namespace ON (schemaname=nspname) WHERE nspname IN ('public', 'sales') ORDER BY pg_namespace.oid, tablename;

--- a table in binary [simple]
COPY (SELECT "id", "name", "balance", "since", "active" FROM "public"."customers" ORDER BY "id") TO STDOUT (FORMAT "binary")

--- a table by pages [simple]
--! status: @copy
COPY (SELECT "id", "amount" FROM "public"."orders" WHERE ctid BETWEEN '(0,0)'::tid AND '(4294967295,0)'::tid) TO STDOUT (FORMAT "binary")

--- the end [simple]
ROLLBACK

--- back to the pool [simple]
DISCARD ALL
