-- Metabase
-- The sync of a database by pgjdbc: schemas, privileges, tables, fields, keys; fingerprints; then questions as its query builder writes them.

--- isolation of a sync
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ UNCOMMITTED

--- the zone of the database
show timezone

--- schemas
SELECT nspname AS "TABLE_SCHEM", current_database() AS "TABLE_CATALOG" FROM pg_catalog.pg_namespace
WHERE nspname <> 'pg_toast' AND (nspname !~ '^pg_temp_'  OR nspname = (pg_catalog.current_schemas(true))[1])
AND (nspname !~ '^pg_toast_temp_'  OR nspname = replace((pg_catalog.current_schemas(true))[1], 'pg_temp_', 'pg_toast_temp_'))  ORDER BY "TABLE_SCHEM"

--- privileges of tables [unordered]
with table_privileges as (
  select NULL as role, t.schemaname as schema, t.objectname as table,
    pg_catalog.has_any_column_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'select') as select,
    pg_catalog.has_table_privilege(current_user, '"' || replace(t.schemaname, '"', '""') || '"' || '.' || '"' || replace(t.objectname, '"', '""') || '"', 'select') as whole
  from (
    select schemaname, tablename as objectname from pg_catalog.pg_tables
    union
    select schemaname, viewname as objectname from pg_catalog.pg_views
    union
    select schemaname, matviewname as objectname from pg_catalog.pg_matviews
  ) t
  where t.schemaname !~ '^pg_' and t.schemaname <> 'information_schema'
    and pg_catalog.has_schema_privilege(current_user, t.schemaname, 'usage')
)
select t.* from table_privileges t

--- tables with descriptions
SELECT "n"."nspname" AS "schema", "c"."relname" AS "name",
  CASE "c"."relkind" WHEN 'r' THEN 'TABLE' WHEN 'p' THEN 'PARTITIONED TABLE' WHEN 'v' THEN 'VIEW' WHEN 'f' THEN 'FOREIGN TABLE' WHEN 'm' THEN 'MATERIALIZED VIEW' ELSE NULL END AS "type",
  "d"."description" AS "description"
FROM "pg_catalog"."pg_class" AS "c" INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "c"."relnamespace" = "n"."oid"
LEFT JOIN "pg_catalog"."pg_description" AS "d" ON ("c"."oid" = "d"."objoid") AND ("d"."objsubid" = '0') AND ("d"."classoid" = 'pg_class'::regclass)
LEFT JOIN "pg_stat_user_tables" AS "stat" ON ("n"."nspname" = "stat"."schemaname") AND ("c"."relname" = "stat"."relname")
WHERE ("c"."relnamespace" = "n"."oid") AND ("n"."nspname" !~ '^pg_') AND ("n"."nspname" <> 'information_schema') AND c.relkind in ('r', 'p', 'v', 'f', 'm')
AND ("n"."nspname" IN ('public', 'sales')) ORDER BY "type" ASC, "schema" ASC, "name" ASC

--- rows as statistics have them [columns]
SELECT "stat"."schemaname", "stat"."relname", "stat"."n_live_tup" AS "estimated_row_count" FROM "pg_stat_user_tables" AS "stat"

--- fields
SELECT "c"."column_name" AS "name",
  CASE WHEN "c"."udt_schema" IN ('public', 'pg_catalog') THEN FORMAT('%s', "c"."udt_name") ELSE FORMAT('"%s"."%s"', "c"."udt_schema", "c"."udt_name") END AS "database-type",
  "c"."ordinal_position" - 1 AS "database-position", "c"."table_schema" AS "table-schema", "c"."table_name" AS "table-name",
  "pk"."column_name" IS NOT NULL AS "pk?",
  COL_DESCRIPTION(CAST(CAST(FORMAT('%I.%I', CAST("c"."table_schema" AS TEXT), CAST("c"."table_name" AS TEXT)) AS REGCLASS) AS OID), "c"."ordinal_position") AS "field-comment",
  (("column_default" IS NULL) OR (LOWER("column_default") = 'null')) AND ("is_nullable" = 'NO') AND NOT ((("column_default" IS NOT NULL) AND ("column_default" LIKE '%nextval(%')) OR ("is_identity" <> 'NO')) AS "database-required",
  (("column_default" IS NOT NULL) AND ("column_default" LIKE '%nextval(%')) OR ("is_identity" <> 'NO') AS "database-is-auto-increment"
FROM "information_schema"."columns" AS "c"
LEFT JOIN (SELECT "tc"."table_schema", "tc"."table_name", "kc"."column_name" FROM "information_schema"."table_constraints" AS "tc"
  INNER JOIN "information_schema"."key_column_usage" AS "kc" ON ("tc"."constraint_name" = "kc"."constraint_name") AND ("tc"."table_schema" = "kc"."table_schema") AND ("tc"."table_name" = "kc"."table_name")
  WHERE "tc"."constraint_type" = 'PRIMARY KEY') AS "pk" ON ("c"."table_schema" = "pk"."table_schema") AND ("c"."table_name" = "pk"."table_name") AND ("c"."column_name" = "pk"."column_name")
WHERE c.table_schema !~ '^information_schema|catalog_history|pg_' AND ("c"."table_schema" IN ('public', 'sales'))
ORDER BY "table-schema" ASC, "table-name" ASC, "database-position" ASC

--- fields of materialized views
SELECT "pa"."attname" AS "name", FORMAT_TYPE("pa"."atttypid", "pa"."atttypmod") AS "t" FROM "pg_catalog"."pg_class" AS "pc"
INNER JOIN "pg_catalog"."pg_namespace" AS "pn" ON "pn"."oid" = "pc"."relnamespace" INNER JOIN "pg_catalog"."pg_attribute" AS "pa" ON "pa"."attrelid" = "pc"."oid"
LEFT JOIN "pg_catalog"."pg_type" AS "pt" ON "pt"."oid" = "pa"."atttypid"
WHERE ("pc"."relkind" = 'm'::char) AND ("pa"."attnum" >= 1) AND ("pn"."nspname" IN ('public')) ORDER BY 1

--- foreign keys
SELECT "fk_ns"."nspname" AS "fk-table-schema", "fk_table"."relname" AS "fk-table-name", "fk_column"."attname" AS "fk-column-name",
  "pk_ns"."nspname" AS "pk-table-schema", "pk_table"."relname" AS "pk-table-name", "pk_column"."attname" AS "pk-column-name"
FROM "pg_constraint" AS "c"
INNER JOIN "pg_class" AS "fk_table" ON "c"."conrelid" = "fk_table"."oid" INNER JOIN "pg_namespace" AS "fk_ns" ON "c"."connamespace" = "fk_ns"."oid"
INNER JOIN "pg_attribute" AS "fk_column" ON "c"."conrelid" = "fk_column"."attrelid"
INNER JOIN "pg_class" AS "pk_table" ON "c"."confrelid" = "pk_table"."oid" INNER JOIN "pg_namespace" AS "pk_ns" ON "pk_table"."relnamespace" = "pk_ns"."oid"
INNER JOIN "pg_attribute" AS "pk_column" ON "c"."confrelid" = "pk_column"."attrelid"
WHERE fk_ns.nspname !~ '^information_schema|catalog_history|pg_' AND ("c"."contype" = 'f'::char) AND "fk_column"."attnum" = ANY(c.conkey) AND "pk_column"."attnum" = ANY(c.confkey)
AND ("fk_ns"."nspname" IN ('public', 'sales')) ORDER BY "fk-table-schema" ASC, "fk-table-name" ASC

--- indexes
SELECT "tmp"."table-schema", "tmp"."table-name", TRIM('"' FROM PG_GET_INDEXDEF("tmp"."oid", "tmp"."pos" + 1, FALSE)) AS "field-name"
FROM (SELECT "n"."nspname" AS "table-schema", "t"."relname" AS "table-name", "ic"."oid", (INFORMATION_SCHEMA._PG_EXPANDARRAY("i"."indkey"))."n" - 1 AS "pos"
  FROM "pg_catalog"."pg_index" AS "i" INNER JOIN "pg_catalog"."pg_class" AS "ic" ON "i"."indexrelid" = "ic"."oid"
  INNER JOIN "pg_catalog"."pg_class" AS "t" ON "i"."indrelid" = "t"."oid" INNER JOIN "pg_catalog"."pg_namespace" AS "n" ON "t"."relnamespace" = "n"."oid"
  WHERE "n"."nspname" IN ('public', 'sales')) AS "tmp" WHERE "tmp"."pos" = 0 ORDER BY 1, 2, 3

--- enumerations
SELECT nspname, typname, enumlabel FROM pg_catalog.pg_type t JOIN pg_enum e ON t.oid = e.enumtypid JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace ORDER BY nspname, typname, enumsortorder

--- the type of a field, cast
SELECT "public"."orders"."note"::text AS "note" FROM "public"."orders" ORDER BY "public"."orders"."id" LIMIT 3

--- a sample for fingerprints
SELECT "source"."id" AS "id", "source"."substring1" AS "substring1" FROM (
SELECT "public"."orders"."id" AS "id", SUBSTRING("public"."orders"."note", 1, 1234) AS "substring1" FROM "public"."orders") AS "source" ORDER BY 1 LIMIT 10000

--- a question by month
SELECT CAST(DATE_TRUNC('month', "public"."orders"."ordered_at") AS date) AS "ordered_at", SUM("public"."orders"."amount") AS "sum", COUNT(*) AS "count"
FROM "public"."orders" WHERE "public"."orders"."ordered_at" >= timestamp with time zone '2024-01-01 00:00:00.000Z'
GROUP BY CAST(DATE_TRUNC('month', "public"."orders"."ordered_at") AS date) ORDER BY CAST(DATE_TRUNC('month', "public"."orders"."ordered_at") AS date) ASC

--- a question by week from Sunday
SELECT (CAST(DATE_TRUNC('week', CAST(("public"."orders"."ordered_at" + INTERVAL '1 day') AS timestamp)) AS timestamp) + INTERVAL '-1 day') AS "week", COUNT(*) AS "count"
FROM "public"."orders" GROUP BY 1 ORDER BY 1

--- bins of numbers
SELECT FLOOR((("public"."orders"."amount" - 0.0) / 100.0)) * 100.0 + 0.0 AS "amount", COUNT(*) AS "count"
FROM "public"."orders" WHERE "public"."orders"."amount" IS NOT NULL GROUP BY 1 ORDER BY 1

--- a join and a custom column
SELECT "Customers"."country" AS "Customers__country", (CASE WHEN "public"."orders"."amount" = 0 THEN NULL ELSE CAST("public"."orders"."quantity" AS float) / NULLIF(CAST("public"."orders"."amount" AS double precision), 0.0) END) AS "ratio"
FROM "public"."orders" LEFT JOIN "public"."customers" AS "Customers" ON "public"."orders"."customer_id" = "Customers"."id"
ORDER BY "public"."orders"."id" LIMIT 2000

--- filters of text
SELECT "public"."customers"."id" FROM "public"."customers"
WHERE (LOWER("public"."customers"."name") LIKE '%ana%') OR ("public"."customers"."name" LIKE 'O\''Neil%') OR ("public"."customers"."country" <> 'PT' AND "public"."customers"."country" IS NOT NULL)
ORDER BY 1

--- relative dates
SELECT COUNT(*) AS "count" FROM "public"."orders" WHERE ("public"."orders"."ordered_at" >= DATE_TRUNC('day', (CAST(now() AS timestamp) + (INTERVAL '-30 day')))) AND ("public"."orders"."ordered_at" < DATE_TRUNC('day', CAST(now() AS timestamp)))

--- a median
SELECT percentile_cont(0.5) within group (order by "public"."orders"."amount") AS "median", STDDEV_POP("public"."orders"."amount") AS "stddev", COUNT(distinct "public"."orders"."customer_id") AS "count" FROM "public"."orders"

--- parts of dates in the session's zone
SELECT CAST(extract(dow from "public"."orders"."ordered_at") AS integer) + 1 AS "dow", CAST(extract(hour from "public"."orders"."ordered_at") AS integer) AS "h", CAST(extract(quarter from "public"."orders"."ordered_at") AS integer) AS "q"
FROM "public"."orders" ORDER BY "public"."orders"."id"

--- the zone of a report
SET SESSION TIMEZONE TO 'America/New_York'

--- days in that zone
SELECT CAST("public"."orders"."ordered_at" AS date) AS "d", COUNT(*) AS "n" FROM "public"."orders" GROUP BY CAST("public"."orders"."ordered_at" AS date) ORDER BY 1

--- a parameter of a date as text [extended]
--$ 0 2024-02-01 +00
SELECT COUNT(*) AS "count" FROM "public"."orders" WHERE "public"."orders"."ordered_at" >= $1
