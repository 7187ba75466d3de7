-- Apache Superset
-- What SQLAlchemy asks when it connects and reflects, and the SQL of charts, filters and SQL Lab; all by psycopg2, that is in plain text.

--- the version of the server [columns]
select pg_catalog.version()

--- the current schema
select current_schema()

--- how strings are read
show standard_conforming_strings

--- isolation
show transaction isolation level

--- schemas
SELECT pg_catalog.pg_namespace.nspname FROM pg_catalog.pg_namespace WHERE pg_catalog.pg_namespace.nspname NOT LIKE 'pg_%%' ORDER BY pg_catalog.pg_namespace.nspname

--- tables
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p']) AND pg_catalog.pg_class.relpersistence != 't' AND pg_catalog.pg_namespace.nspname = 'public' ORDER BY 1

--- views
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['v']) AND pg_catalog.pg_class.relpersistence != 't' AND pg_catalog.pg_table_is_visible(pg_catalog.pg_class.oid) AND pg_catalog.pg_namespace.nspname != 'pg_catalog' ORDER BY 1

--- materialized views
SELECT pg_catalog.pg_class.relname FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['m']) AND pg_catalog.pg_namespace.nspname = 'public'

--- columns
SELECT pg_catalog.pg_attribute.attname AS name, pg_catalog.format_type(pg_catalog.pg_attribute.atttypid, pg_catalog.pg_attribute.atttypmod) AS format_type,
  (SELECT pg_catalog.pg_get_expr(pg_catalog.pg_attrdef.adbin, pg_catalog.pg_attrdef.adrelid) AS pg_get_expr_1 FROM pg_catalog.pg_attrdef
   WHERE pg_catalog.pg_attrdef.adrelid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attrdef.adnum = pg_catalog.pg_attribute.attnum AND pg_catalog.pg_attribute.atthasdef) AS "default",
  pg_catalog.pg_attribute.attnotnull AS not_null, pg_catalog.pg_class.relname AS table_name, pg_catalog.pg_description.description AS comment, pg_catalog.pg_attribute.attgenerated AS generated,
  (SELECT json_build_object('always', pg_catalog.pg_attribute.attidentity = 'a', 'start', pg_catalog.pg_sequence.seqstart, 'increment', pg_catalog.pg_sequence.seqincrement, 'cycle', pg_catalog.pg_sequence.seqcycle) AS json_build_object_1
   FROM pg_catalog.pg_sequence WHERE pg_catalog.pg_attribute.attidentity != '' AND pg_catalog.pg_sequence.seqrelid = CAST(CAST(pg_catalog.pg_get_serial_sequence(CAST(CAST(pg_catalog.pg_attribute.attrelid AS REGCLASS) AS TEXT), pg_catalog.pg_attribute.attname) AS REGCLASS) AS OID)) AS identity_options
FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_attribute ON pg_catalog.pg_class.oid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_attribute.attnum > 0 AND NOT pg_catalog.pg_attribute.attisdropped
LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_attribute.attrelid AND pg_catalog.pg_description.objsubid = pg_catalog.pg_attribute.attnum AND pg_catalog.pg_description.classoid = CAST('pg_catalog.pg_class' AS REGCLASS)
JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p', 'f', 'v', 'm']) AND pg_catalog.pg_namespace.nspname = 'public' AND pg_catalog.pg_class.relname IN ('customers', 'kinds')
ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_attribute.attnum

--- primary keys [unordered]
SELECT attr.conrelid, array_agg(CAST(attr.attname AS TEXT) ORDER BY attr.ord) AS cols, attr.conname, min(attr.description) AS description
FROM (SELECT con.conrelid AS conrelid, con.conname AS conname, con.conindid AS conindid, con.description AS description, con.ord AS ord, pg_catalog.pg_attribute.attname AS attname
  FROM pg_catalog.pg_attribute JOIN (SELECT pg_catalog.pg_constraint.conrelid AS conrelid, pg_catalog.pg_constraint.conname AS conname, pg_catalog.pg_constraint.conindid AS conindid,
      unnest(pg_catalog.pg_constraint.conkey) AS attnum, generate_subscripts(pg_catalog.pg_constraint.conkey, 1) AS ord, pg_catalog.pg_description.description AS description
    FROM pg_catalog.pg_constraint LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid
    WHERE pg_catalog.pg_constraint.contype = 'p' AND pg_catalog.pg_constraint.conrelid IN ('public.orders'::regclass, 'public.customers'::regclass)) AS con
  ON pg_catalog.pg_attribute.attnum = con.attnum AND pg_catalog.pg_attribute.attrelid = con.conrelid) AS attr
GROUP BY attr.conrelid, attr.conname ORDER BY attr.conrelid, attr.conname

--- foreign keys
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname,
  CASE WHEN (pg_catalog.pg_constraint.oid IS NOT NULL) THEN pg_catalog.pg_get_constraintdef(pg_catalog.pg_constraint.oid, true) END AS anon_1, nsp_ref.nspname, pg_catalog.pg_description.description
FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_constraint ON pg_catalog.pg_class.oid = pg_catalog.pg_constraint.conrelid AND pg_catalog.pg_constraint.contype = 'f'
LEFT OUTER JOIN pg_catalog.pg_class AS cls_ref ON cls_ref.oid = pg_catalog.pg_constraint.confrelid LEFT OUTER JOIN pg_catalog.pg_namespace AS nsp_ref ON cls_ref.relnamespace = nsp_ref.oid
LEFT OUTER JOIN pg_catalog.pg_description ON pg_catalog.pg_description.objoid = pg_catalog.pg_constraint.oid JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace
WHERE pg_catalog.pg_class.relkind = ANY (ARRAY['r', 'p']) AND pg_catalog.pg_namespace.nspname = 'public' ORDER BY pg_catalog.pg_class.relname, pg_catalog.pg_constraint.conname

--- indexes
SELECT idx.indrelid, cls_idx.relname AS relname_index, idx.indisunique, constr.conrelid IS NOT NULL AS has_constraint, idx.indoption, cls_idx.reloptions, am.amname,
  CASE WHEN (idx.indpred IS NOT NULL) THEN pg_catalog.pg_get_expr(idx.indpred, idx.indrelid) END AS filter_definition, idx.indnkeyatts, cols.elements, cols.elements_is_expr
FROM pg_catalog.pg_index AS idx JOIN pg_catalog.pg_class AS cls_idx ON idx.indexrelid = cls_idx.oid JOIN pg_catalog.pg_am AS am ON cls_idx.relam = am.oid
LEFT OUTER JOIN (SELECT ia.indexrelid AS indexrelid, min(ia.indrelid::text) AS min_1, array_agg(ia.element ORDER BY ia.ord) AS elements, array_agg(ia.is_expr ORDER BY ia.ord) AS elements_is_expr
  FROM (SELECT i.indexrelid, i.indrelid, i.ord,
      CASE i.attnum WHEN 0 THEN pg_catalog.pg_get_indexdef(i.indexrelid, i.ord + 1, true) ELSE CAST(pg_catalog.pg_attribute.attname AS TEXT) END AS element, i.attnum = 0 AS is_expr
    FROM (SELECT indexrelid, indrelid, unnest(indkey) AS attnum, generate_subscripts(indkey, 1) AS ord FROM pg_catalog.pg_index WHERE NOT indisprimary) AS i
    LEFT OUTER JOIN pg_catalog.pg_attribute ON pg_catalog.pg_attribute.attnum = i.attnum AND pg_catalog.pg_attribute.attrelid = i.indrelid) AS ia GROUP BY ia.indexrelid) AS cols ON idx.indexrelid = cols.indexrelid
LEFT OUTER JOIN pg_catalog.pg_constraint AS constr ON idx.indrelid = constr.conrelid AND idx.indexrelid = constr.conindid AND constr.contype = ANY (ARRAY['p', 'u', 'x'])
WHERE idx.indrelid IN ('public.orders'::regclass) AND NOT idx.indisprimary ORDER BY idx.indrelid, cls_idx.relname

--- the comment of a table
SELECT pg_catalog.pg_class.relname, pg_catalog.pg_description.description FROM pg_catalog.pg_class LEFT OUTER JOIN pg_catalog.pg_description
ON pg_catalog.pg_class.oid = pg_catalog.pg_description.objoid AND pg_catalog.pg_description.objsubid = 0 AND pg_catalog.pg_description.classoid = CAST('pg_catalog.pg_class' AS REGCLASS)
JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_class.relnamespace WHERE pg_catalog.pg_namespace.nspname = 'public' AND pg_catalog.pg_class.relname = 'orders'

--- enumerations
SELECT pg_catalog.pg_type.typname AS name, pg_catalog.pg_type_is_visible(pg_catalog.pg_type.oid) AS visible, pg_catalog.pg_namespace.nspname AS schema, lbl_agg.labels AS labels
FROM pg_catalog.pg_type JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_type.typnamespace
LEFT OUTER JOIN (SELECT pg_catalog.pg_enum.enumtypid AS enumtypid, array_agg(CAST(pg_catalog.pg_enum.enumlabel AS TEXT) ORDER BY pg_catalog.pg_enum.enumsortorder) AS labels FROM pg_catalog.pg_enum GROUP BY pg_catalog.pg_enum.enumtypid) AS lbl_agg
ON pg_catalog.pg_type.oid = lbl_agg.enumtypid WHERE pg_catalog.pg_type.typtype = 'e' ORDER BY pg_catalog.pg_namespace.nspname, pg_catalog.pg_type.typname

--- domains
SELECT pg_catalog.pg_type.typname AS name, pg_catalog.format_type(pg_catalog.pg_type.typbasetype, pg_catalog.pg_type.typtypmod) AS attype, NOT pg_catalog.pg_type.typnotnull AS nullable,
  domain_constraints.condefs AS condefs, domain_constraints.connames AS connames, pg_catalog.pg_collation.collname
FROM pg_catalog.pg_type JOIN pg_catalog.pg_namespace ON pg_catalog.pg_namespace.oid = pg_catalog.pg_type.typnamespace LEFT OUTER JOIN pg_catalog.pg_collation ON pg_catalog.pg_type.typcollation = pg_catalog.pg_collation.oid
LEFT OUTER JOIN (SELECT pg_catalog.pg_constraint.contypid AS contypid, array_agg(pg_catalog.pg_get_constraintdef(pg_catalog.pg_constraint.oid, true)) AS condefs, array_agg(CAST(pg_catalog.pg_constraint.conname AS TEXT)) AS connames
FROM pg_catalog.pg_constraint WHERE pg_catalog.pg_constraint.contypid != 0 GROUP BY pg_catalog.pg_constraint.contypid) AS domain_constraints ON pg_catalog.pg_type.oid = domain_constraints.contypid
WHERE pg_catalog.pg_type.typtype = 'd' AND pg_catalog.pg_namespace.nspname = 'public' ORDER BY 1

--- the types of a dataset
SELECT * FROM public.orders LIMIT 0

--- whether a virtual dataset parses
SELECT * FROM (SELECT o.*, c.country FROM public.orders o JOIN public.customers c ON c.id = o.customer_id) AS virtual_table LIMIT 1001

--- a chart by time
SELECT DATE_TRUNC('month', ordered_at) AS ordered_at, sum(amount) AS "SUM(amount)", count(*) AS count
FROM public.orders
WHERE ordered_at >= TO_TIMESTAMP('2024-01-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US') AND ordered_at < TO_TIMESTAMP('2024-06-01 00:00:00.000000', 'YYYY-MM-DD HH24:MI:SS.US')
GROUP BY DATE_TRUNC('month', ordered_at) ORDER BY "SUM(amount)" DESC
LIMIT 10000

--- dates as Superset writes them
SELECT count(*) AS n FROM public.customers WHERE since >= TO_DATE('2019-01-01', 'YYYY-MM-DD') AND since < TO_DATE('2022-01-01', 'YYYY-MM-DD')

--- series within a limit
SELECT DATE_TRUNC('week', ordered_at) AS ordered_at, note AS note, sum(amount) AS "SUM(amount)"
FROM public.orders JOIN (SELECT note AS note__, sum(amount) AS mme_inner__ FROM public.orders GROUP BY note ORDER BY mme_inner__ DESC LIMIT 2) AS series_limit ON note = note__
GROUP BY DATE_TRUNC('week', ordered_at), note ORDER BY 1, 2 LIMIT 50000

--- a pivot of counts
SELECT country AS country, active AS active, COUNT(*) AS count, AVG(balance) AS avg FROM public.customers WHERE country IN ('PT', 'SE', 'NG') GROUP BY country, active ORDER BY count DESC, country LIMIT 100

--- values of a filter
SELECT country AS country FROM public.customers GROUP BY country ORDER BY country ASC LIMIT 1000

--- a histogram
SELECT amount AS amount FROM public.orders WHERE amount IS NOT NULL ORDER BY 1 LIMIT 10000

--- time grains
SELECT DATE_TRUNC('second', ordered_at) AS s, DATE_TRUNC('minute', ordered_at) + INTERVAL '5 min' * FLOOR(EXTRACT(MINUTE FROM ordered_at) / 5) AS five,
  DATE_TRUNC('hour', ordered_at) AS h, DATE_TRUNC('day', ordered_at) AS d, DATE_TRUNC('quarter', ordered_at) AS q, DATE_TRUNC('year', ordered_at) AS y FROM public.orders ORDER BY id

--- the cost of a query [columns, simple]
EXPLAIN SELECT * FROM public.orders

--- a column that is not there
SELECT nothing FROM public.orders

--- a table that is not there
SELECT * FROM public.nowhere

--- a schema that is not there
SELECT * FROM nowhere.orders

--- wrong syntax
SELEC 1

--- wrong syntax in the middle
SELECT id FORM orders WHERE

--- division by zero
SELECT 1/0

--- the search path of SQL Lab
set search_path = "sales"

--- names in it
SELECT count(*) AS n FROM lines

--- back
set search_path = "public"

--- ending a query [columns]
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid='0'
