-- asyncpg
-- Its introspection of types, its reset of a pooled connection, prepared statements with portals of rows, all values as binary.
--@ client_encoding 'utf-8'

--- whether statements are compiled [simple]
--! rows: PostgreSQL compiles statements and says on; a lake's jit is off
SELECT current_setting('jit') AS cur, set_config('jit', 'off', false) AS new

--- types that it does not know [talk]
> parse __asyncpg_stmt_1__: WITH RECURSIVE typeinfo_tree(oid, ns, name, kind, basetype, elemtype, elemdelim, range_subtype, attrtypoids, attrnames, depth)
AS (
    WITH composite_attrs AS (
        SELECT c.reltype AS comptype_oid, array_agg(ia.atttypid ORDER BY ia.attnum) AS typoids, array_agg(ia.attname::text ORDER BY ia.attnum) AS names
        FROM pg_attribute ia INNER JOIN pg_class c ON (ia.attrelid = c.oid) WHERE ia.attnum > 0 AND NOT ia.attisdropped GROUP BY c.reltype),
    typeinfo AS (
        SELECT t.oid AS oid, ns.nspname AS ns, t.typname AS name, t.typtype AS kind, (CASE WHEN t.typtype = 'd' THEN t.typbasetype ELSE NULL END) AS basetype,
            t.typelem AS elemtype, elem_t.typdelim AS elemdelim, range_t.rngsubtype AS range_subtype,
            (CASE WHEN t.typtype = 'c' THEN (SELECT ca.typoids FROM composite_attrs AS ca WHERE ca.comptype_oid = t.oid) ELSE NULL END) AS attrtypoids,
            (CASE WHEN t.typtype = 'c' THEN (SELECT ca.names FROM composite_attrs AS ca WHERE ca.comptype_oid = t.oid) ELSE NULL END) AS attrnames
        FROM pg_catalog.pg_type AS t INNER JOIN pg_catalog.pg_namespace ns ON (ns.oid = t.typnamespace)
            LEFT JOIN pg_type elem_t ON (t.typlen = -1 AND t.typelem != 0 AND t.typelem = elem_t.oid) LEFT JOIN pg_range range_t ON (t.oid = range_t.rngtypid))
    SELECT ti.oid, ti.ns, ti.name, ti.kind, ti.basetype, ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, ti.attrnames, 0
    FROM typeinfo AS ti WHERE ti.oid = any($1::oid[])
    UNION ALL
    SELECT ti.oid, ti.ns, ti.name, ti.kind, ti.basetype, ti.elemtype, ti.elemdelim, ti.range_subtype, ti.attrtypoids, ti.attrnames, tt.depth + 1
    FROM typeinfo ti, typeinfo_tree tt
    WHERE (tt.elemtype IS NOT NULL AND ti.oid = tt.elemtype) OR (tt.attrtypoids IS NOT NULL AND ti.oid = any(tt.attrtypoids)) OR (tt.range_subtype IS NOT NULL AND ti.oid = tt.range_subtype) OR (tt.basetype IS NOT NULL AND ti.oid = tt.basetype)
)
SELECT DISTINCT *, basetype::regtype::text AS basetype_name, elemtype::regtype::text AS elemtype_name, range_subtype::regtype::text AS range_subtype_name
FROM typeinfo_tree ORDER BY depth DESC
> describe statement __asyncpg_stmt_1__
> flush
> sync
> read
> bind - __asyncpg_stmt_1__ 1/1: \x00000001000000000000001a000000010000000100000004000003fe
> execute - 0
> sync

--- a statement with parameters, described before it is bound [talk]
> parse __asyncpg_stmt_2__: SELECT id, name, balance, since, active FROM customers WHERE id = ANY($1) AND name <> $2 ORDER BY id
> describe statement __asyncpg_stmt_2__
> flush
> sync
> read
> bind - __asyncpg_stmt_2__ 1/1: \x0000000100000000000000140000000200000001000000080000000000000001000000080000000000000002 | \x78
> execute - 0
> sync

--- a cursor of two rows at a time [talk]
> query: BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
> parse __asyncpg_stmt_3__: SELECT id, amount FROM orders ORDER BY id
> describe statement __asyncpg_stmt_3__
> flush
> sync
> read
> bind __asyncpg_portal_1__ __asyncpg_stmt_3__ 1/1:
> execute __asyncpg_portal_1__ 3
> sync
> read
> execute __asyncpg_portal_1__ 3
> sync
> read
> execute __asyncpg_portal_1__ 3
> sync
> read
> query: COMMIT;

--- every type as binary
SELECT * FROM kinds ORDER BY id

--- arrays and lists
SELECT ARRAY[1,2,NULL]::int8[] AS a, ARRAY['x','y']::text[] AS b, ARRAY[1.5]::float8[] AS c, ARRAY[true] AS d, '{}'::int4[] AS e, ARRAY['2024-01-01'::date] AS f

--- the reset of a pooled connection [simple]
SELECT pg_advisory_unlock_all();
CLOSE ALL;
UNLISTEN *;
RESET ALL;
