-- Tableau
-- What Tableau sends through psqlODBC and pgjdbc: settings at the start, probes of what the server can do, queries of
-- worksheets and of extracts, cursors.

--- settings after the login
SET DateStyle = 'ISO';SET extra_float_digits = 2;SET client_encoding TO 'UTF8';show transaction_isolation

--- one row to see whether the session lives
SELECT 1

--- messages of the server below warnings are not wanted
SET client_min_messages TO error

--- the version [columns]
select version()

--- the columns of a table without its rows
SELECT * FROM "public"."orders" WHERE (0=1)

--- the columns of a custom query without its rows
SELECT * FROM (
select o.id, c.name, o.amount from orders o left join customers c on o.customer_id = c.id
) "Custom SQL Query" LIMIT 0

--- whether temporary tables can be made
CREATE LOCAL TEMPORARY TABLE "#Tableau_1_Connect_CheckCreateTempTableCap" (
	"COL" INTEGER
) ON COMMIT PRESERVE ROWS

--- whether they can be filled
INSERT INTO "#Tableau_1_Connect_CheckCreateTempTableCap" ("COL") VALUES (1), (2)

--- what stands in it [unordered]
SELECT "COL" FROM "#Tableau_1_Connect_CheckCreateTempTableCap"

--- whether they can be dropped
DROP TABLE "#Tableau_1_Connect_CheckCreateTempTableCap"

--- whether a query can go into one
SELECT *
INTO TEMPORARY TABLE "#Tableau_2_Connect_CheckSelectInto"
FROM (SELECT 1 AS COL) AS CHECKTEMP
LIMIT 1

--- whether that one can be dropped
DROP TABLE "#Tableau_2_Connect_CheckSelectInto"

--- whether a table may have a name that was dropped
DROP TABLE IF EXISTS "#Tableau_2_Connect_CheckSelectInto"

--- the domain of a dimension
SELECT "customers"."country" AS "country"
FROM "public"."customers" "customers"
GROUP BY 1
ORDER BY 1 ASC NULLS FIRST

--- a sum by a dimension
SELECT "customers"."country" AS "country",
  SUM("orders"."amount") AS "sum:amount:ok",
  COUNT(DISTINCT "orders"."id") AS "ctd:id:ok",
  AVG(CAST("orders"."amount" AS DOUBLE PRECISION)) AS "avg:amount:ok"
FROM "public"."orders" "orders"
  INNER JOIN "public"."customers" "customers" ON ("orders"."customer_id" = "customers"."id")
GROUP BY 1
ORDER BY 1 ASC NULLS FIRST

--- whether there is anything at all
SELECT COUNT(1) AS "cnt"
FROM "public"."orders" "orders"
HAVING (COUNT(1) > 0)

--- nothing is no row
SELECT SUM(1) AS "n"
FROM "public"."orders" "orders"
WHERE (FALSE)
HAVING (COUNT(1) > 0)

--- the ends of a continuous filter
SELECT MIN("orders"."ordered_at") AS "min", MAX("orders"."ordered_at") AS "max"
FROM "public"."orders" "orders"
HAVING (COUNT(1) > 0)

--- months
SELECT DATE_TRUNC('MONTH', CAST("orders"."ordered_at" AS TIMESTAMP)) AS "tmn:ordered_at:ok",
  SUM("orders"."quantity") AS "sum:quantity:ok"
FROM "public"."orders" "orders"
GROUP BY 1
ORDER BY 1

--- weeks that begin on Sunday
SELECT CAST(DATE_TRUNC('WEEK', CAST("orders"."ordered_at" AS TIMESTAMP) + INTERVAL '1 day') AS DATE) - 1 AS "twk",
  COUNT(*) AS "n"
FROM "public"."orders" "orders"
GROUP BY 1 ORDER BY 1

--- parts of dates
SELECT CAST(TRUNC(EXTRACT(YEAR FROM "orders"."ordered_at")) AS INTEGER) AS "yr",
  CAST(TRUNC(EXTRACT(QUARTER FROM "orders"."ordered_at")) AS INTEGER) AS "qr",
  (1 + CAST(EXTRACT(DOW FROM "orders"."ordered_at") AS INTEGER)) AS "wd",
  CAST(FLOOR((7 + EXTRACT(DOY FROM "orders"."ordered_at") - 1 + EXTRACT(DOW FROM DATE_TRUNC('YEAR', "orders"."ordered_at"))) / 7) AS INTEGER) AS "wk"
FROM "public"."orders" "orders"
ORDER BY "orders"."id"

--- a filter on a date
SELECT "orders"."id" AS "id"
FROM "public"."orders" "orders"
WHERE (("orders"."ordered_at" >= (TIMESTAMP '2024-02-01 00:00:00.000')) AND ("orders"."ordered_at" < (TIMESTAMP '2024-04-01 00:00:00.000')))
ORDER BY 1

--- relative dates
SELECT (CAST('2024-03-31 00:00:00' AS TIMESTAMP) + 1 * INTERVAL '1 MONTH') AS "a",
  (CAST('2024-03-31' AS DATE) + CAST(-29 || ' day' AS INTERVAL)) AS "b",
  CAST('2024-03-31' AS DATE) + 3 AS "c"

--- equal or both unknown [unordered]
SELECT "t0"."country", "t1"."n"
FROM (SELECT "country" AS "country" FROM "public"."customers" GROUP BY 1) "t0"
  INNER JOIN (SELECT "country" AS "country", COUNT(*) AS "n" FROM "public"."customers" GROUP BY 1) "t1"
  ON ("t0"."country" IS NOT DISTINCT FROM "t1"."country")

--- a set of values with an escape string
SELECT "customers"."name" AS "name"
FROM "public"."customers" "customers"
WHERE ("customers"."name" IN (E'O\'Neil "Dee"', E'Bj\u00f6rn \u00c5kesson'))
ORDER BY 1 DESC NULLS LAST

--- a wildcard filter
SELECT "orders"."id" AS "id"
FROM "public"."orders" "orders"
WHERE (POSITION(E'sure' IN LOWER("orders"."note")) > 0) OR (LEFT("orders"."note", LENGTH('gi')) = 'gi')
ORDER BY 1

--- the top customers by their sum
SELECT "customers"."name" AS "name", SUM("orders"."amount") AS "amount"
FROM "public"."orders" "orders"
  INNER JOIN "public"."customers" "customers" ON ("orders"."customer_id" = "customers"."id")
  INNER JOIN (
  SELECT "customers"."id" AS "id", SUM("orders"."amount") AS "$__alias__0"
  FROM "public"."orders" "orders"
    INNER JOIN "public"."customers" "customers" ON ("orders"."customer_id" = "customers"."id")
  GROUP BY 1
  ORDER BY 2 DESC NULLS LAST, 1 ASC NULLS FIRST
  LIMIT 2
) "t0" ON ("customers"."id" = "t0"."id")
GROUP BY 1
ORDER BY 2 DESC

--- a level of detail
SELECT "t0"."x_measure" AS "n", COUNT(*) AS "customers"
FROM (
  SELECT "orders"."customer_id" AS "customer_id", COUNT("orders"."id") AS "x_measure"
  FROM "public"."orders" "orders"
  GROUP BY 1
) "t0"
GROUP BY 1 ORDER BY 1

--- running sums and ranks
SELECT "orders"."id" AS "id", SUM("orders"."amount") OVER (ORDER BY "orders"."id" ROWS UNBOUNDED PRECEDING) AS "running",
  RANK() OVER (ORDER BY "orders"."amount" DESC) AS "rank"
FROM "public"."orders" "orders"
WHERE "orders"."amount" IS NOT NULL
ORDER BY 1

--- bins and cases
SELECT (CASE WHEN "orders"."amount" > 100 THEN 'large' WHEN NOT ("orders"."amount" > 100) THEN 'small' ELSE CAST(NULL AS TEXT) END) AS "Calculation_5341101",
  CAST(FLOOR("orders"."amount" / 100) AS BIGINT) AS "bin",
  COUNT(*) AS "n"
FROM "public"."orders" "orders"
GROUP BY 1, 2
ORDER BY 1 ASC NULLS FIRST, 2 ASC NULLS FIRST

--- percentiles
SELECT PERCENTILE_CONT(0.5) WITHIN GROUP (ORDER BY CAST("orders"."amount" AS DOUBLE PRECISION)) AS "med:amount:ok"
FROM "public"."orders" "orders"
HAVING (COUNT(1) > 0)

--- aggregates of statistics
SELECT STDDEV_SAMP("kinds"."i4") AS "a", STDDEV_POP("kinds"."i2") AS "b", VAR_SAMP("kinds"."f4") AS "c", CORR("kinds"."f8", "kinds"."f4") AS "d"
FROM "public"."kinds" "kinds"
WHERE "kinds"."id" = 1

--- names with brackets
SELECT MAX("Mixed Case"."Größe") AS "TEMP(Test)(1)(0)", MIN("Mixed Case"."Order Date") AS "min:Order Date:ok"
FROM "public"."Mixed Case" "Mixed Case"
HAVING (COUNT(1) > 0)

--- the first rows of an extract through a cursor [simple]
BEGIN;declare "SQL_CUR0x55d3a1b2c0" cursor with hold for SELECT "orders"."id" AS "id", "orders"."note" AS "note" FROM "public"."orders" "orders" ORDER BY 1;fetch 5 in "SQL_CUR0x55d3a1b2c0"

--- the next rows [simple]
fetch 5 in "SQL_CUR0x55d3a1b2c0"

--- no rows are left [simple]
fetch 5 in "SQL_CUR0x55d3a1b2c0"

--- the end of the cursor [simple]
close "SQL_CUR0x55d3a1b2c0";commit

--- an error within a query [simple]
BEGIN;declare "SQL_CUR1" cursor for SELECT "nothing" FROM "public"."orders";fetch 5 in "SQL_CUR1"

--- and after it [simple]
ROLLBACK
