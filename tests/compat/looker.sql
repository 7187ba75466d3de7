-- Looker and Looker Studio
-- The connection's test, explores with symmetric aggregates, dates in a zone, and the test of killing queries.

--- the test of the connection
SELECT 1

--- who runs [columns]
SELECT pid, usename, query FROM pg_stat_activity WHERE query LIKE '%-- Looker%' AND pid <> pg_backend_pid()

--- an explore
SELECT
    (DATE(orders.ordered_at )) AS "orders.ordered_date",
    COUNT(DISTINCT orders.id ) AS "orders.count",
    COALESCE(SUM(orders.amount ), 0) AS "orders.total_amount"
FROM public.orders  AS orders
LEFT JOIN public.customers  AS customers ON orders.customer_id = customers.id
WHERE ((( orders.ordered_at  ) >= ((TIMESTAMP '2024-01-01')) AND ( orders.ordered_at  ) < ((TIMESTAMP '2024-04-01'))))
GROUP BY
    1
ORDER BY
    1 DESC
FETCH NEXT 500 ROWS ONLY

--- an interval from a number
SELECT ((SELECT (DATE_TRUNC('day', TIMESTAMP '2024-03-10 10:00:00') + (-29 || ' day')::INTERVAL))) AS a, (DATE_TRUNC('day', TIMESTAMP '2024-03-10 10:00:00') + (1 || ' month')::INTERVAL) AS b

--- a symmetric aggregate
--! rows: @scale
SELECT COALESCE(COALESCE( ( SUM(DISTINCT (CAST(FLOOR(COALESCE(orders.amount ,0)*(1000000*1.0)) AS DECIMAL(65,0))) + ('x' || MD5(orders.id ::varchar))::bit(64)::bigint::DECIMAL(65)  *18446744073709551616 + ('x' || SUBSTR(MD5(orders.id ::varchar),17))::bit(64)::bigint::DECIMAL(65) ) - SUM(DISTINCT ('x' || MD5(orders.id ::varchar))::bit(64)::bigint::DECIMAL(65)  *18446744073709551616 + ('x' || SUBSTR(MD5(orders.id ::varchar),17))::bit(64)::bigint::DECIMAL(65)) )  / (1000000*1.0), 0), 0) AS total
FROM public.orders AS orders LEFT JOIN sales.lines AS lines ON lines.order_id = orders.id

--- a month as text in a zone
SELECT (TO_CHAR(DATE_TRUNC('month', (orders.ordered_at AT TIME ZONE 'America/Los_Angeles')), 'YYYY-MM')) AS "orders.ordered_month", COUNT(*) AS "orders.count"
FROM public.orders AS orders GROUP BY (DATE_TRUNC('month', (orders.ordered_at AT TIME ZONE 'America/Los_Angeles'))) ORDER BY 1

--- totals over groups
SELECT * FROM (
SELECT *, DENSE_RANK() OVER (ORDER BY z___min_rank) as z___pivot_row_rank FROM (
SELECT *, MIN(z___rank) OVER (PARTITION BY "country") as z___min_rank FROM (
SELECT *, RANK() OVER (ORDER BY "n" DESC, "country") AS z___rank FROM (
SELECT customers.country AS "country", COUNT(*) AS "n" FROM public.customers AS customers GROUP BY 1) ww
) bb ) xx ) zz WHERE z___pivot_row_rank <= 500 ORDER BY z___pivot_row_rank

--- a derived table
WITH per_customer AS (SELECT customer_id, SUM(amount) AS spent FROM public.orders GROUP BY 1)
SELECT per_customer.customer_id AS "per_customer.id", per_customer.spent AS "per_customer.spent" FROM per_customer ORDER BY 2 DESC NULLS LAST LIMIT 3

--- filters of strings and numbers
SELECT COUNT(*) AS "n" FROM public.customers AS customers WHERE ((customers.name ) ILIKE '%a%' OR (customers.country ) IN ('PT', 'SE')) AND NOT COALESCE(customers.active , FALSE)

--- cancelling what is not there
SELECT pg_cancel_backend(0)

--- tables as Looker Studio lists them
SELECT t.table_schema, t.table_name, c.column_name, c.data_type FROM information_schema.tables t JOIN information_schema.columns c USING (table_schema, table_name)
WHERE t.table_schema = 'sales' ORDER BY t.table_name, c.ordinal_position
