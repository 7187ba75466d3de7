-- Excel: by Power Query's ODBC, MSDASQL and Devart's drivers
-- Lists of tables, columns and keys by pg_catalog, names in three parts, and what Excel's own query window makes.

--- tables with their kinds
SELECT n.nspname AS "Schema", c.relname AS "Name", c.relkind AS "Kind"
FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'v') AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
ORDER BY 1, 2

--- columns with their true types
SELECT a.attname, a.attnum, information_schema._pg_truetypid(a.*, t.*) AS typid, information_schema._pg_truetypmod(a.*, t.*) AS typmod,
  information_schema._pg_char_max_length(information_schema._pg_truetypid(a.*, t.*), information_schema._pg_truetypmod(a.*, t.*))::information_schema.cardinal_number AS length,
  information_schema._pg_numeric_precision(information_schema._pg_truetypid(a.*, t.*), information_schema._pg_truetypmod(a.*, t.*))::information_schema.cardinal_number AS precision,
  information_schema._pg_numeric_scale(information_schema._pg_truetypid(a.*, t.*), information_schema._pg_truetypmod(a.*, t.*))::information_schema.cardinal_number AS scale
FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relname = 'kinds' AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum

--- columns that may be null
SELECT attname FROM pg_attribute JOIN pg_class ON oid = attrelid WHERE relname = 'orders' AND attnum > 0 AND attnotnull = 'f' ORDER BY attnum

--- a type by the text of its number
SELECT t.typname FROM pg_type t WHERE t.oid::varchar like E'1033'

--- defaults and comments of columns
SELECT a.attname, pg_get_expr(d.adbin, d.adrelid) AS "default", ds.description
FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
LEFT JOIN pg_description ds ON ds.objoid = a.attrelid AND ds.objsubid = a.attnum AND ds.classoid = 'pg_class'::regclass
WHERE a.attrelid = 'public.customers'::regclass AND a.attnum > 0 ORDER BY a.attnum

--- keys
SELECT conname, contype, conkey, confkey FROM pg_constraint WHERE conrelid = 'public.orders'::regclass ORDER BY conname

--- what a table depends on [columns]
SELECT classid, objid, objsubid, refclassid, refobjid, refobjsubid, deptype FROM pg_depend WHERE objid = 'public.orders'::regclass

--- three parts in a name
SELECT orders.id, orders.amount FROM lake.public.orders orders WHERE (orders.amount > 10) ORDER BY orders.id

--- three parts with quotes and a qualified star
SELECT "orders".* FROM "lake"."public"."orders" "orders" ORDER BY "orders"."id" LIMIT 2

--- a name of another database
--! message: @messages
SELECT * FROM elsewhere.public.orders

--- a spreadsheet's names
--! status: the escape of ODBC is understood, where PostgreSQL leaves it to drivers
SELECT "Mixed Case"."Id", "Mixed Case"."Order Date", "Mixed Case"."Größe" FROM "public"."Mixed Case" "Mixed Case" WHERE ("Mixed Case"."Order Date" >= {ts '2024-02-01 00:00:00'})

--- and as drivers write it
SELECT "Mixed Case"."Id", "Mixed Case"."Order Date", "Mixed Case"."Größe", "Mixed Case"."select" FROM "public"."Mixed Case" "Mixed Case" WHERE ("Mixed Case"."Order Date" >= '2024-02-01 00:00:00'::timestamp) ORDER BY 1
