-- ADBC's PostgreSQL driver
-- The types at a connect, the schema of a table, GetObjects, and data by COPY in binary through the extended protocol.

--- the columns of composite types [columns]
SELECT attrelid, attname, atttypid FROM pg_catalog.pg_attribute ORDER BY attrelid, attnum

--- all types with their receivers
SELECT oid, typname, typreceive::TEXT, typbasetype, typrelid, typarray FROM pg_catalog.pg_type
WHERE (typreceive != 0 OR typsend != 0) AND typtype != 'r' AND typreceive::TEXT != 'array_recv' AND oid < 10000 AND typtype = 'b' ORDER BY oid

--- all arrays
SELECT oid, typname, typreceive::TEXT, typelem FROM pg_catalog.pg_type WHERE typreceive::TEXT = 'array_recv' AND oid < 4100 ORDER BY oid

--- the columns of a table by name [extended]
--$ text public.orders
SELECT attname, atttypid FROM pg_catalog.pg_class AS cls
INNER JOIN pg_catalog.pg_attribute AS attr ON cls.oid = attr.attrelid
INNER JOIN pg_catalog.pg_type AS typ ON attr.atttypid = typ.oid
WHERE attr.attnum >= 0 AND cls.oid = $1::regclass::oid ORDER BY attr.attnum

--- tables of a schema
SELECT c.relname, CASE c.relkind WHEN 'r' THEN 'table' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 't' THEN 'TOAST table' WHEN 'f' THEN 'foreign table' WHEN 'p' THEN 'partitioned table' END AS reltype
FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE pg_catalog.pg_table_is_visible(c.oid) AND n.nspname = 'public' AND c.relkind IN ('r', 'v', 'p') ORDER BY 1

--- columns of a table
SELECT attr.attname, attr.attnum, pg_catalog.col_description(cls.oid, attr.attnum) FROM pg_catalog.pg_attribute AS attr
INNER JOIN pg_catalog.pg_class AS cls ON attr.attrelid = cls.oid INNER JOIN pg_catalog.pg_namespace AS nsp ON nsp.oid = cls.relnamespace
WHERE attr.attnum > 0 AND NOT attr.attisdropped AND nsp.nspname LIKE 'public' AND cls.relname LIKE 'customers' ORDER BY 2

--- constraints of a table
WITH fk_unnest AS (
  SELECT con.conname, 'FOREIGN KEY' AS contype, conrelid, UNNEST(con.conkey) AS conkey, confrelid, UNNEST(con.confkey) AS confkey
  FROM pg_catalog.pg_constraint AS con INNER JOIN pg_catalog.pg_class AS cls ON cls.oid = conrelid INNER JOIN pg_catalog.pg_namespace AS nsp ON nsp.oid = cls.relnamespace
  WHERE con.contype = 'f' AND nsp.nspname = 'public' AND cls.relname = 'orders'),
fk_names AS (
  SELECT fk_unnest.conname, fk_unnest.contype, fk_unnest.conkey, fk_unnest.confkey, attr.attname, fnsp.nspname AS fnspname, fcls.relname AS fclsname, fattr.attname AS fattname
  FROM fk_unnest INNER JOIN pg_catalog.pg_class AS cls ON cls.oid = fk_unnest.conrelid INNER JOIN pg_catalog.pg_class AS fcls ON fcls.oid = fk_unnest.confrelid
  INNER JOIN pg_catalog.pg_namespace AS fnsp ON fnsp.oid = fcls.relnamespace
  INNER JOIN pg_catalog.pg_attribute AS attr ON attr.attnum = fk_unnest.conkey AND attr.attrelid = fk_unnest.conrelid
  LEFT JOIN pg_catalog.pg_attribute AS fattr ON fattr.attnum = fk_unnest.confkey AND fattr.attrelid = fk_unnest.confrelid),
fkeys AS (SELECT conname, contype, ARRAY_AGG(attname ORDER BY conkey) AS colnames, fnspname, fclsname, ARRAY_AGG(fattname ORDER BY confkey) AS fcolnames FROM fk_names GROUP BY conname, contype, fnspname, fclsname),
other_constraints AS (
  SELECT con.conname, CASE con.contype WHEN 'c' THEN 'CHECK' WHEN 'u' THEN 'UNIQUE' WHEN 'p' THEN 'PRIMARY KEY' END AS contype, ARRAY_AGG(attr.attname) AS colnames
  FROM pg_catalog.pg_constraint AS con CROSS JOIN UNNEST(conkey) AS conkeys
  INNER JOIN pg_catalog.pg_class AS cls ON cls.oid = con.conrelid INNER JOIN pg_catalog.pg_namespace AS nsp ON nsp.oid = cls.relnamespace
  INNER JOIN pg_catalog.pg_attribute AS attr ON attr.attnum = conkeys AND cls.oid = attr.attrelid
  WHERE con.contype IN ('c', 'u', 'p') AND nsp.nspname = 'public' AND cls.relname = 'orders' GROUP BY conname, contype)
SELECT conname, contype, colnames, fnspname, fclsname, fcolnames FROM fkeys
UNION ALL
SELECT conname, contype, colnames, NULL, NULL, NULL FROM other_constraints
ORDER BY 1

--- a transaction [simple]
BEGIN TRANSACTION

--- a query as binary COPY, described first [talk]
> parse -: SELECT id, note FROM public.orders ORDER BY id
> describe statement -
> sync
> read
> parse -: COPY (SELECT id, note FROM public.orders ORDER BY id) TO STDOUT (FORMAT binary)
> bind - - /0:
> execute - 0
> sync

--- the end of the transaction [simple]
COMMIT
