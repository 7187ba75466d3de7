-- Grafana
-- What its PostgreSQL data source asks for the query builder, and panels after its macros were put in. It speaks the extended protocol with binary
-- results.

--- the version gate
SELECT current_setting('server_version_num')::int/100 as version

--- whether TimescaleDB is there
SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'

--- tables
SELECT
  CASE WHEN quote_ident(table_schema) IN (
    SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
    FROM generate_series(
      array_lower(string_to_array(current_setting('search_path'),','),1),
      array_upper(string_to_array(current_setting('search_path'),','),1)
    ) as i,
    string_to_array(current_setting('search_path'),',') s
  )
  THEN quote_ident(table_name)
  ELSE quote_ident(table_schema) || '.' || quote_ident(table_name)
END AS "table"
FROM information_schema.tables
WHERE quote_ident(table_schema) NOT IN ('information_schema', 'pg_catalog', '_timescaledb_cache')
ORDER BY 1

--- columns of a table
SELECT quote_ident(column_name) AS "column", data_type AS "type"
FROM information_schema.columns
WHERE
  CASE WHEN array_length(parse_ident('sales.lines'),1) = 2
    THEN quote_ident(table_schema) = (parse_ident('sales.lines'))[1]
      AND quote_ident(table_name) = (parse_ident('sales.lines'))[2]
    ELSE quote_ident(table_name) = 'sales.lines'
      AND quote_ident(table_schema) IN (
        SELECT CASE WHEN trim(s[i]) = '"$user"' THEN user ELSE trim(s[i]) END
        FROM generate_series(array_lower(string_to_array(current_setting('search_path'),','),1), array_upper(string_to_array(current_setting('search_path'),','),1)) as i,
        string_to_array(current_setting('search_path'),',') s)
  END

--- a series by time
SELECT
  "ordered_at" AS "time",
  "amount" AS "value",
  "note" AS metric
FROM orders
WHERE "ordered_at" BETWEEN '2024-01-01T00:00:00Z' AND '2024-06-30T23:59:59.999Z'
ORDER BY 1,2

--- groups of time
SELECT
  floor(extract(epoch from ordered_at)/2592000)*2592000 AS "time",
  sum(amount) AS "sum"
FROM orders
WHERE ordered_at >= '2024-01-01T00:00:00Z' AND ordered_at <= '2024-12-31T00:00:00Z'
GROUP BY 1
ORDER BY 1

--- times as numbers
SELECT extract(epoch from ordered_at) as "time", count(*) FROM orders WHERE extract(epoch from ordered_at) >= 1704067200 AND extract(epoch from ordered_at) <= 1717200000 GROUP BY ordered_at ORDER BY 1

--- values of a variable
SELECT DISTINCT country AS __text, country AS __value FROM customers WHERE country IS NOT NULL ORDER BY 1

--- an annotation
SELECT extract(epoch from ordered_at)::bigint AS time, note AS text, 'order,' || coalesce(quantity::text, '') AS tags FROM orders ORDER BY 1 LIMIT 3
