-- Npgsql 8 to 10
-- Type loading as one message with comments, the schema queries of GetSchema and of columns, and the reset of a pool.

--- versions and types in one message [simple, columns]
SELECT version();

SELECT ns.nspname, t.oid, t.typname, t.typtype, t.typnotnull, t.elemtypoid
FROM (
    -- what is an array is seen by its receiver, first of the type and then of its element
    SELECT one.oid, one.typnamespace, one.typname, one.typtype, one.typnotnull, one.relkind, el.oid AS elemtypoid, el.typname AS elemtypname, elcls.relkind AS elemrelkind,
        CASE WHEN elproc.proname='array_recv' THEN 'a' ELSE el.typtype END AS elemtyptype
    FROM (
        SELECT inn.oid, typnamespace, typname, typnotnull, relkind,
            CASE WHEN fn.proname='array_recv' THEN 'a' ELSE inn.typtype END AS typtype,
            CASE
                WHEN fn.proname='array_recv' THEN inn.typelem
                WHEN inn.typtype='r' THEN rngsubtype
                WHEN inn.typtype='m' THEN (SELECT rngtypid FROM pg_range WHERE rngmultitypid = inn.oid)
                WHEN inn.typtype='d' THEN inn.typbasetype
            END AS elemoid
        FROM pg_type AS inn
        LEFT JOIN pg_class AS cls ON (cls.oid = inn.typrelid)
        LEFT JOIN pg_proc AS fn ON fn.oid = inn.typreceive
        LEFT JOIN pg_range ON (pg_range.rngtypid = inn.oid)
    ) AS one
    LEFT JOIN pg_type AS el ON el.oid = elemoid
    LEFT JOIN pg_class AS elcls ON (elcls.oid = el.typrelid)
    LEFT JOIN pg_proc AS elproc ON elproc.oid = el.typreceive
) AS t
JOIN pg_namespace AS ns ON (ns.oid = typnamespace)
WHERE
    typtype IN ('b', 'r', 'm', 'e', 'd') OR -- what has values of its own
    (typtype = 'c' AND relkind='c') OR -- composites that are no table's
    (typtype = 'p' AND typname IN ('record', 'void', 'unknown')) OR
    (typtype = 'a' AND (elemtyptype IN ('b', 'r', 'm', 'e', 'd') OR (elemtyptype = 'p' AND elemtypname IN ('record', 'void')) OR (elemtyptype = 'c' AND elemrelkind='c')))
ORDER BY CASE WHEN typtype IN ('b', 'e', 'p') THEN 0 WHEN typtype = 'c' THEN 1 WHEN typtype = 'r' THEN 2 ELSE 3 END; -- what others need comes first

-- fields of composites
SELECT ty.oid, att.attname, att.atttypid
FROM pg_type AS ty
JOIN pg_namespace AS ns ON (ns.oid = ty.typnamespace)
JOIN pg_class AS cls ON (cls.oid = ty.typrelid)
JOIN pg_attribute AS att ON (att.attrelid = ty.typrelid)
WHERE (ty.typtype = 'c' AND cls.relkind='c') AND attnum > 0 AND NOT attisdropped
ORDER BY ty.oid, att.attnum;

-- labels of enumerations
SELECT pg_type.oid, enumlabel FROM pg_enum JOIN pg_type ON pg_type.oid=enumtypid ORDER BY oid, enumsortorder;

--- the kinds of columns of a result
--! rows: @updatable
SELECT typ.oid AS typoid, nspname, relname, attname, attrelid, attnum, attnotnull, attidentity != '' AS isidentity,
  CASE WHEN typ.typtype = 'd' THEN typ.typtypmod ELSE atttypmod END AS typmod,
  CASE WHEN atthasdef THEN (SELECT pg_get_expr(adbin, cls.oid) FROM pg_attrdef WHERE adrelid = cls.oid AND adnum = attr.attnum) ELSE NULL END AS default,
  CASE WHEN ((cls.relkind = ANY (ARRAY['r'::"char",'p'::"char"])) OR ((cls.relkind = ANY (ARRAY['v'::"char",'f'::"char"])) AND pg_column_is_updatable((cls.oid)::regclass, attr.attnum, false)))
    AND attr.attidentity NOT IN ('a') THEN 'true'::boolean ELSE 'false'::boolean END AS is_updatable,
  EXISTS (SELECT * FROM pg_index WHERE pg_index.indrelid = cls.oid AND pg_index.indisprimary AND attnum = ANY (indkey)) AS isprimarykey,
  EXISTS (SELECT * FROM pg_index WHERE pg_index.indrelid = cls.oid AND pg_index.indisunique AND pg_index.indnkeyatts = 1 AND attnum = pg_index.indkey[0]) AS isunique
FROM pg_attribute AS attr JOIN pg_type AS typ ON attr.atttypid = typ.oid JOIN pg_class AS cls ON cls.oid = attr.attrelid JOIN pg_namespace AS ns ON ns.oid = cls.relnamespace
WHERE atttypid <> 0 AND relkind IN ('r', 'v', 'm') AND NOT attisdropped AND nspname NOT IN ('pg_catalog', 'information_schema') AND attnum > 0 AND relname IN ('orders', 'late_orders')
ORDER BY relname, attnum

--- GetSchema: databases [columns]
SELECT d.datname, u.usename, pg_catalog.pg_encoding_to_char(d.encoding) FROM pg_database d LEFT JOIN pg_user u ON d.datdba = u.usesysid

--- GetSchema: tables
SELECT table_catalog, table_schema, table_name, table_type FROM information_schema.tables WHERE table_type IN ('BASE TABLE', 'FOREIGN', 'FOREIGN TABLE') AND table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 2, 3

--- GetSchema: columns
SELECT table_catalog, table_schema, table_name, column_name, ordinal_position, column_default, is_nullable, udt_name::regtype::text AS data_type, character_maximum_length, character_octet_length, numeric_precision, numeric_precision_radix, numeric_scale, datetime_precision,
  character_set_catalog, character_set_schema, character_set_name, collation_catalog FROM information_schema.columns WHERE table_schema = 'public' AND table_name = 'orders' ORDER BY ordinal_position

--- GetSchema: views
--! rows: @updatable
SELECT table_catalog, table_schema, table_name, check_option, is_updatable FROM information_schema.views WHERE table_schema NOT IN ('pg_catalog', 'information_schema') ORDER BY 2, 3

--- GetSchema: materialized views
SELECT current_database() AS table_catalog, schemaname, matviewname, matviewowner, tablespace, hasindexes, ispopulated, definition FROM pg_catalog.pg_matviews

--- GetSchema: indexes [unordered]
SELECT current_database() AS table_catalog, n.nspname AS table_schema, t.relname AS table_name, i.relname AS index_name, '' AS type_desc
FROM pg_catalog.pg_class i JOIN pg_catalog.pg_index ix ON ix.indexrelid = i.oid JOIN pg_catalog.pg_class t ON ix.indrelid = t.oid LEFT JOIN pg_catalog.pg_user u ON u.usesysid = i.relowner LEFT JOIN pg_catalog.pg_namespace n ON n.oid = i.relnamespace
WHERE i.relkind IN ('i', 'I') AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND t.relkind IN ('r', 'm')

--- GetSchema: users [columns]
SELECT usename, usesysid FROM pg_catalog.pg_user

--- GetSchema: constraints
SELECT pgc.conname AS constraint_name, pgc.conrelid AS table_oid, pgc.contype AS constraint_type FROM pg_catalog.pg_constraint pgc JOIN pg_catalog.pg_class pgtable ON pgc.conrelid = pgtable.oid WHERE pgtable.relname = 'orders' ORDER BY 1

--- the reset of a pool [simple]
SET SESSION AUTHORIZATION DEFAULT;RESET ALL;CLOSE ALL;UNLISTEN *;SELECT pg_advisory_unlock_all();DISCARD SEQUENCES;DISCARD TEMP

--- a transaction in one packet [talk]
> query: BEGIN TRANSACTION ISOLATION LEVEL READ COMMITTED
> parse -: SELECT count(*) FROM orders
> bind - - /1:
> describe portal -
> execute - 0
> sync
> query: COMMIT

--- a batch with a sync behind each statement [talk]
--! order: what fails in a constant is told when it runs, PostgreSQL tells it when it is bound
> parse - int4: SELECT $1 + 1
> bind - - 1/1: \x00000001
> describe portal -
> execute - 0
> sync
> parse -: SELECT 1/0
> bind - - /1:
> describe portal -
> execute - 0
> sync
> parse -: SELECT 3
> bind - - /1:
> describe portal -
> execute - 0
> sync
