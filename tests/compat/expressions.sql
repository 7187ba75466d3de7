-- Types of expressions
-- What type and modifier an expression has and how its value reads, as text and as binary: BI tools choose their own types by that.

--- literals, a
SELECT 1 AS a

--- literals, b
SELECT 2147483648 AS b

--- literals, c
SELECT 9223372036854775808 AS c

--- literals, d
SELECT 1.50 AS d

--- literals, e
SELECT 1e3 AS e

--- literals, f
SELECT 'x' AS f

--- literals, g
SELECT true AS g

--- literals, h
SELECT NULL AS h

--- literals, i
SELECT -1 AS i

--- literals, j
SELECT 0x1F AS j

--- sums of integers
SELECT 1 + 1 AS a, 1::int2 + 1::int2 AS b, 1::int2 + 1 AS c, 1::int8 + 1 AS d, 1 + 1.5 AS e, 1::float4 + 1 AS f, 1::float8 + 1.5 AS g, 1.5 + 1.25 AS h

--- divisions
SELECT 7 / 2 AS a, -7 / 2 AS b, 7 % 3 AS c, -7 % 3 AS d, 7.0 / 2 AS e, 1.0 / 3 AS f, 7 / 2.0 AS g, 1::float8 / 3 AS h, 10::int8 / 3 AS i

--- numerics, a
SELECT 1.10 * 2.20 AS a

--- numerics, b
SELECT 1.10 + 2.2 AS b

--- numerics, c
SELECT 10.00 - 1 AS c

--- numerics, d
SELECT round(1.2345, 2) AS d

--- numerics, e
SELECT trunc(1.2345, 2) AS e

--- numerics, f
SELECT round(2.5) AS f

--- numerics, g
SELECT ceil(1.2) AS g

--- numerics, h
SELECT floor(-1.2) AS h

--- numerics, i
SELECT abs(-1.5) AS i

--- numerics, j
SELECT sign(-2) AS j

--- numerics, k
SELECT mod(7, 3) AS k

--- numerics, l
SELECT power(2, 10) AS l

--- numerics, m
SELECT power(2.0, 3) AS m

--- numerics, n
SELECT sqrt(2) AS n

--- numerics, o
SELECT sqrt(2.0) AS o

--- aggregates of integers
SELECT count(*) AS a, sum(i2) AS b, sum(i4) AS c, sum(i8) AS d, avg(i2) AS e, avg(i4) AS f, min(i2) AS g, max(i8) AS h FROM kinds WHERE id = 1

--- aggregates of numbers with fractions
--! rows: @scale
SELECT sum(n) AS a, avg(n) AS b, sum(f4) AS c, sum(f8) AS d, avg(f4) AS e, avg(f8) AS f, min(n) AS g FROM kinds WHERE id = 1

--- averages with digits
SELECT avg(amount) AS a, avg(quantity) AS b, sum(amount) / count(*) AS c, sum(amount) * 100.0 / sum(quantity) AS d FROM orders

--- statistics
SELECT stddev(amount) AS a, variance(quantity) AS b, stddev_pop(amount) AS c, var_pop(quantity) AS d, corr(id, amount) AS e FROM orders

--- aggregates of others
SELECT bool_and(active) AS a, bool_or(active) AS b, every(active) AS c, string_agg(name, ', ' ORDER BY id) AS d, array_agg(id ORDER BY id) AS e, min(since) AS f, max(name) AS g FROM customers

--- aggregates with filter and distinct
SELECT count(*) FILTER (WHERE amount > 10) AS a, count(DISTINCT customer_id) AS b, sum(DISTINCT quantity) AS c, array_agg(DISTINCT quantity ORDER BY quantity) AS d FROM orders

--- ordered sets, a
SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY amount) AS a FROM orders

--- ordered sets, b
SELECT percentile_disc(0.5) WITHIN GROUP (ORDER BY amount) AS b FROM orders

--- ordered sets, c
SELECT mode() WITHIN GROUP (ORDER BY note) AS c FROM orders

--- ordered sets, d
SELECT percentile_cont(ARRAY[0.25, 0.75]) WITHIN GROUP (ORDER BY amount) AS d FROM orders

--- of nothing
SELECT count(*) AS a, sum(amount) AS b, avg(amount) AS c, max(note) AS d, array_agg(id) AS e, string_agg(note, ',') AS f FROM orders WHERE false

--- windows
SELECT id, row_number() OVER w AS a, rank() OVER w AS b, dense_rank() OVER w AS c, ntile(3) OVER w AS d, lag(amount) OVER w AS e, lead(id, 1, 0::int8) OVER w AS f, first_value(id) OVER w AS g, sum(quantity) OVER w AS h, count(*) OVER () AS i, percent_rank() OVER w AS j, cume_dist() OVER w AS k
FROM orders WINDOW w AS (ORDER BY id) ORDER BY id

--- frames
SELECT id, avg(amount) OVER (ORDER BY id ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS a, sum(amount) OVER (ORDER BY id RANGE BETWEEN 2 PRECEDING AND CURRENT ROW) AS b FROM orders ORDER BY id

--- casts
SELECT 1::text AS a, '1'::int AS b, 1.5::int AS c, 2.5::int AS d, '2024-01-01'::date AS e, 1::bool AS f, true::int AS g, 'abc'::varchar(2) AS h, 'abc'::char(5) AS i, 1.239::numeric(10,2) AS j, 'x'::name AS k, 'x'::"char" AS l, 1.5::float4 AS m

--- text, a
SELECT 'a' || 'b' AS a

--- text, b
SELECT 'a' || 1 AS b

--- text, c
SELECT upper('a') AS c

--- text, d
SELECT length('äö') AS d

--- text, e
SELECT substring('hello' from 2 for 3) AS e

--- text, f
SELECT position('l' in 'hello') AS f

--- text, g
SELECT trim('  x ') AS g

--- text, h
SELECT lpad('7', 3, '0') AS h

--- text, i
SELECT split_part('a,b,c', ',', 2) AS i

--- text, j
SELECT concat('a', 1, NULL, true) AS j

--- text, k
SELECT concat_ws('-', 'a', NULL, 'b') AS k

--- text, l
SELECT replace('abc', 'b', 'x') AS l

--- text, m
SELECT initcap('ab cd') AS m

--- text, n
SELECT left('abc', -1) AS n

--- text, o
SELECT right('abc', 2) AS o

--- text, p
SELECT reverse('abc') AS p

--- text, q
SELECT md5('a') AS q

--- text, r
SELECT repeat('ab', 2) AS r

--- text, s
SELECT ascii('a') AS s

--- text, t
SELECT chr(65) AS t

--- text, u
SELECT translate('abc', 'ab', 'x') AS u

--- text, v
SELECT strpos('abc', 'c') AS v

--- text, w
SELECT octet_length('ä') AS w

--- text, x
SELECT overlay('abcdef' placing 'X' from 2 for 3) AS x

--- text, y
SELECT btrim('xax', 'x') AS y

--- patterns, a
SELECT 'abc' LIKE 'a%' AS a

--- patterns, b
SELECT 'abc' ILIKE 'A_C' AS b

--- patterns, c
SELECT 'abc' ~ '^a' AS c

--- patterns, d
SELECT 'abc' ~* 'B' AS d

--- patterns, e
SELECT 'abc' !~ 'x' AS e

--- patterns, f
SELECT 'abc' SIMILAR TO '(a|b)%' AS f

--- patterns, g
SELECT regexp_replace('abc', 'b', 'x') AS g

--- patterns, h
SELECT regexp_matches('abc', 'b') AS h

--- patterns, i
SELECT substring('a12' from '[0-9]+') AS i

--- patterns, j
SELECT regexp_split_to_array('a,b', ',') AS j

--- patterns, k
SELECT 'abc' ~~ 'a%' AS k

--- conditions, a
--! rows: @common_scale
SELECT CASE WHEN 1 = 1 THEN 1 ELSE 2.5 END AS a

--- conditions, b
SELECT coalesce(NULL, 1) AS b

--- conditions, c
SELECT nullif(1, 1) AS c

--- conditions, d
SELECT greatest(1, 2.5) AS d

--- conditions, e
SELECT least('a', 'b') AS e

--- conditions, f
SELECT 1 IN (1, 2) AS f

--- conditions, g
SELECT 1 BETWEEN 0 AND 2 AS g

--- conditions, h
SELECT NULL IS DISTINCT FROM 1 AS h

--- conditions, i
SELECT (1, 2) = (1, 2) AS i

--- conditions, j
SELECT (1, 'a') < (1, 'b') AS j

--- conditions, k
SELECT NOT true AS k

--- conditions, l
SELECT true AND NULL AS l

--- dates
SELECT date '2024-03-31' + 1 AS a, date '2024-03-31' - date '2024-01-01' AS b, date '2024-03-31' + interval '1 month' AS c, timestamp '2024-03-31 10:00' - timestamp '2024-03-30 09:00' AS d, date '2024-01-31' + time '10:00' AS e, interval '1 day' * 2.5 AS f, interval '1 month' / 2 AS g, -interval '1 day' AS h

--- parts of dates
SELECT extract(year from date '2024-03-31') AS a, extract(epoch from timestamp '2024-03-31 10:00:00.5') AS b, date_part('week', date '2024-12-30') AS c, extract(isodow from date '2024-03-31') AS d, extract(doy from date '2024-03-31') AS e, extract(second from timestamp '2024-03-31 10:00:01.25') AS f, extract(quarter from date '2024-03-31') AS g, extract(isoyear from date '2024-12-30') AS h, extract(day from interval '3 days 4 hours') AS i

--- date_trunc
SELECT date_trunc('month', timestamp '2024-03-31 10:00') AS a, date_trunc('week', date '2024-03-31') AS b, date_trunc('quarter', timestamptz '2024-03-31 10:00+00') AS c, date_trunc('day', timestamptz '2024-03-31 23:00+00', 'Europe/Berlin') AS d, date_bin('15 minutes', timestamp '2024-03-31 10:17', timestamp '2024-01-01') AS e

--- making dates
SELECT make_date(2024, 2, 29) AS a, make_timestamp(2024, 2, 29, 1, 2, 3.5) AS b, to_date('31.03.2024', 'DD.MM.YYYY') AS c, to_timestamp('2024-03-31 10:11:12', 'YYYY-MM-DD HH24:MI:SS') AS d, to_timestamp(0) AS e, age(timestamp '2024-03-31', timestamp '2023-01-15') AS f, justify_days(interval '40 days') AS g, make_interval(days => 3) AS h

--- dates as text, a
SELECT to_char(timestamp '2024-03-05 14:07:09.123456', 'YYYY-MM-DD HH24:MI:SS.US') AS a

--- dates as text, b
SELECT to_char(date '2024-03-05', 'Day, DD Mon YYYY') AS b

--- dates as text, c
SELECT to_char(timestamp '2024-03-05 14:07', 'FMHH12:MI AM') AS c

--- dates as text, d
SELECT to_char(1234.5, 'FM9,999.00') AS d

--- dates as text, e
SELECT to_char(date '2024-03-05', 'IYYY-IW Q DDD') AS e

--- dates as text, f
SELECT to_char(-5, '999PR') AS f

--- dates as text, g
SELECT to_char(interval '1 day 2 hours', 'DD HH24') AS g

--- zones
SELECT timestamp '2024-07-01 12:00' AT TIME ZONE 'Europe/Berlin' AS a, timestamptz '2024-07-01 12:00+00' AT TIME ZONE 'America/New_York' AS b, timezone('UTC', timestamptz '2024-07-01 12:00+02') AS c

--- now is one type, a [columns]
SELECT now() AS a

--- now is one type, b [columns]
SELECT current_timestamp AS b

--- now is one type, c [columns]
SELECT current_date AS c

--- now is one type, d [columns]
SELECT localtimestamp AS d

--- now is one type, e [columns]
--! status: @functions
SELECT current_time AS e

--- now is one type, f [columns]
SELECT localtime AS f

--- now is one type, g [columns]
SELECT clock_timestamp() AS g

--- intervals, a
SELECT interval '1 year 2 mons 3 days 04:05:06.789' AS a

--- intervals, b
SELECT interval '-1 day' AS b

--- intervals, c
SELECT '90 minutes'::interval AS c

--- intervals, d
SELECT interval '1' year AS d

--- intervals, e
SELECT interval '1-2' year to month AS e

--- intervals, f
SELECT (30 || ' day')::interval AS f

--- arrays, a
SELECT ARRAY[1, 2, 3] AS a

--- arrays, b
SELECT ARRAY['a', 'b'] AS b

--- arrays, c
SELECT (ARRAY[1, 2, 3])[2] AS c

--- arrays, d
SELECT (ARRAY[1, 2, 3])[2:3] AS d

--- arrays, e
SELECT array_length(ARRAY[1, 2], 1) AS e

--- arrays, f
SELECT 1 = ANY (ARRAY[1, 2]) AS f

--- arrays, g
SELECT ARRAY[1] || 2 AS g

--- arrays, h
SELECT array_append(ARRAY[1], 2) AS h

--- arrays, i
SELECT array_to_string(ARRAY[1, NULL, 3], ',', '*') AS i

--- arrays, j
SELECT string_to_array('a,b', ',') AS j

--- arrays, k
SELECT cardinality(ARRAY[1, 2]) AS k

--- arrays, l
SELECT array_position(ARRAY['a', 'b'], 'b') AS l

--- arrays, m
SELECT ARRAY[1, 2] @> ARRAY[1] AS m

--- arrays, n
SELECT ARRAY[[1, 2], [3, 4]] AS n

--- arrays, o
SELECT unnest(ARRAY[1]) AS o

--- arrays, p
SELECT array_remove(ARRAY[1, 2], 1) AS p

--- json, a
SELECT '{"a": 1}'::json AS a FROM customers WHERE id < 3

--- json, b
SELECT '{"a": 1}'::jsonb AS b FROM customers WHERE id < 3

--- json, c
SELECT '{"a": {"b": 2}}'::json -> 'a' AS c FROM customers WHERE id < 3

--- json, d
SELECT '{"a": 1}'::json ->> 'a' AS d FROM customers WHERE id < 3

--- json, e
SELECT json_build_object('a', 1, 'b', NULL) AS e FROM customers WHERE id < 3

--- json, f
SELECT to_json('x'::text) AS f FROM customers WHERE id < 3

--- json, g
SELECT '{"a": {"b": 2}}'::jsonb #>> '{a,b}' AS g FROM customers WHERE id < 3

--- json, h
SELECT json_agg(id ORDER BY id) AS h FROM customers WHERE id < 3

--- names of columns
SELECT 1, 'a', count(*), sum(quantity), max(note)::text, upper('x'), CASE WHEN true THEN 1 END, coalesce(1, 2), 1 + 1, -1, NOT true, (SELECT 1), ARRAY[1], extract(year from now())::int4 > 0, cast(1 as int8), 'x'::varchar, EXISTS (SELECT 1), current_user, 1 IS NULL, row(1, 2) FROM orders

--- names of columns from subqueries
SELECT *, a.x AS "X" FROM (SELECT 1 AS x, 2 AS "Y z", 3) AS a

--- values
SELECT * FROM (VALUES (1, 'a'), (2.5, NULL)) AS t(n, s) ORDER BY n

--- set operations
SELECT 1 AS a UNION ALL SELECT 2.5 UNION ALL SELECT NULL ORDER BY 1 NULLS FIRST

--- intersections
SELECT quantity FROM orders INTERSECT SELECT 1 EXCEPT SELECT 2 ORDER BY 1

--- deviations of numerics
SELECT stddev(amount) AS a, variance(amount) AS b, stddev_pop(amount) AS c, var_pop(amount) AS d, stddev_samp(amount) AS e, var_samp(amount) AS f FROM orders

--- deviations of integers
SELECT stddev(quantity) AS a, variance(quantity) AS b, stddev_pop(id) AS c, var_pop(id) AS d, stddev(DISTINCT quantity) AS e FROM orders

--- deviations of groups
SELECT customer_id, stddev(amount) AS a, var_pop(amount) AS b, stddev(amount) FILTER (WHERE quantity > 1) AS c FROM orders GROUP BY customer_id ORDER BY customer_id

--- deviations over windows
SELECT id, stddev(amount) OVER (ORDER BY id) AS a, var_samp(quantity) OVER (ORDER BY id ROWS 2 PRECEDING) AS b FROM orders ORDER BY id

--- deviations of floats
SELECT stddev(f8) AS a, variance(f4) AS b, stddev_pop(f8) AS c FROM kinds WHERE id = 1

--- roots and powers of constants
SELECT sqrt(2.0) AS a, sqrt(0.5) AS b, power(2.0, 3) AS c, power(0.0001, 3) AS d, power(2.0, 0.5) AS e, power(3.0, -3) AS f, 2.0 ^ 3 AS g, 2 ^ 3 AS h, sqrt(4) AS i, power(2, 10) AS j, power(1.5, 100) AS k, power(-8.0, 3) AS l

--- logarithms of constants
SELECT ln(2.0) AS a, ln(1.05) AS b, log(100.0) AS c, log(2, 8) AS d, log(2.0, 10) AS e, ln(2) AS f, log(100) AS g, exp(1.0) AS h, exp(-10.0) AS i, exp(1) AS j, ln(0.9) AS k, log10(1000.0) AS l

--- roots and powers of columns
SELECT id, sqrt(amount) AS a, power(amount, 2) AS b, ln(amount + 1) AS c, log(amount + 1) AS d, power(2.5, quantity) AS e FROM orders WHERE amount >= 0 ORDER BY id

--- a root that there is not
SELECT sqrt(-1.0)

--- a logarithm that there is not
SELECT ln(0.0)

--- a power that there is not
SELECT power(-1.0, 0.5)

--- modes and percentiles
SELECT mode() WITHIN GROUP (ORDER BY quantity) AS a, percentile_disc(ARRAY[0.25, 0.5, NULL, 1]) WITHIN GROUP (ORDER BY amount) AS b, percentile_cont(ARRAY[0.25, 0.5]) WITHIN GROUP (ORDER BY quantity DESC) AS c, mode() WITHIN GROUP (ORDER BY note) FILTER (WHERE id > 2) AS d FROM orders

--- modes of nothing
SELECT mode() WITHIN GROUP (ORDER BY id) AS a, percentile_disc(ARRAY[0.5]) WITHIN GROUP (ORDER BY id) AS b, percentile_cont(ARRAY[0.5]) WITHIN GROUP (ORDER BY id) AS c FROM orders WHERE false

--- a percentile that is none
SELECT percentile_disc(ARRAY[1.5]) WITHIN GROUP (ORDER BY id) FROM orders

--- percentiles of intervals
SELECT percentile_cont(ARRAY[0.5, 0.25]) WITHIN GROUP (ORDER BY i) AS a FROM (VALUES ('1 day'::interval), ('2 days'::interval), ('4 days'::interval)) AS t(i)

--- bits of integers
SELECT ~5 AS a, ~5::int2 AS b, ~5::int8 AS c, 5 & 3 AS d, 5 | 3 AS e, 5 # 3 AS f, 1 << 4 AS g, 256 >> 2 AS h, 5::int2 & 3::int2 AS i, 5::int8 >> 1 AS j, ~quantity AS k FROM orders WHERE id = 1

--- bits of smallints
SELECT 5::int2 << 1 AS a, 5::int2 # 3::int2 AS b, 5::int2 | 3 AS c

--- bit strings
SELECT B'101' & B'110' AS a, B'101' | B'010' AS b, B'101' # B'110' AS c, ~B'101' AS d, B'1011' << 1 AS e, B'1011' >> 2 AS f, B'10' || B'11' AS g, X'1F' AS h, 5::bit(8) AS i, B'101'::int AS j

--- functions of bit strings
SELECT length(B'101') AS a, octet_length(B'101010101') AS b, bit_length(B'101') AS c, get_bit(B'101', 1) AS d, set_bit(B'101', 1, 1) AS e, bit_count(B'10111') AS f, substring(B'110010' from 2 for 3) AS g

--- bit strings of two lengths
SELECT B'101' & B'1'

--- the longest of alternatives
SELECT substring('foobar' from 'foo|foobar') AS a, regexp_replace('foobar', 'foo|foobar', 'X') AS b, regexp_match('foobar', '(foo|foobar)') AS c, substring('XY1234Z' from 'Y*?[0-9]{1,3}') AS d, regexp_split_to_array('aXXbXc', 'X|XX') AS e, substring('ab' from 'a?(?:ab)?') AS f, regexp_count('abab', 'a|ab') AS g

--- intervals of several fields
SELECT interval '1-2' year to month AS a, interval '1' hour AS b, interval '1 2' day to hour AS c, interval '1:30' minute to second AS d, interval '1:30' hour to minute AS e, interval '1.23456' second(2) AS f, interval '5' minute AS g, '1 day 2:03:04'::interval day to minute AS h, interval '1 2:03' day to minute AS i, interval '1.5' day AS j, '14 months'::interval year AS k

--- an interval with a precision
SELECT interval(2) '1.23456' AS a, '1.23456'::interval(1) AS b

--- a quotient of a wide numeric
SELECT 26300000::numeric(65,0) / (1000000 * 1.0) AS a, sum(id::numeric(65,0)) / 3 AS b FROM orders

--- bits beside a constant
SELECT B'10' || '1' AS a, B'101' & '110' AS b

--- an interval with a field too many
SELECT interval '1 2' hour to minute

--- an interval of fields that do not go together
--! position: @positions
SELECT interval '2' year to day

--- rows of functions
SELECT * FROM generate_series(1, 3) AS g(n), generate_series(timestamp '2024-01-01', timestamp '2024-01-02', '12 hours') AS t ORDER BY 1, 2

--- unnest with positions
SELECT * FROM unnest(ARRAY['a', 'b']) WITH ORDINALITY AS u(v, n)

--- composite values
--! types, source: a row of a table is of type record, as tables have no type of their own
SELECT o FROM orders o ORDER BY id LIMIT 1

--- rows as values, a
SELECT (1, 'a')::text AS a

--- rows as values, b
--! binary: @types
SELECT ROW(1, NULL, 'b c') AS b

--- lateral
SELECT c.id, x.n, x.last FROM customers c CROSS JOIN LATERAL (SELECT count(*) AS n, max(o.ordered_at) AS last FROM orders o WHERE o.customer_id = c.id) x ORDER BY 1

--- correlated
SELECT c.id, (SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY o.ordered_at DESC LIMIT 1) AS last, ARRAY(SELECT o.id FROM orders o WHERE o.customer_id = c.id ORDER BY 1) AS ids, EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id AND o.amount > 100) AS large FROM customers c ORDER BY 1

--- distinct on
SELECT DISTINCT ON (customer_id) customer_id, id, amount FROM orders ORDER BY customer_id, id DESC

--- grouping sets
SELECT country, active, count(*) AS n, grouping(country, active) AS g FROM customers GROUP BY ROLLUP (country, active) ORDER BY 4, 1, 2

--- cubes
SELECT country, active, count(*) AS n FROM customers GROUP BY CUBE (country, active) ORDER BY 1, 2, 3

--- recursion
WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t WHERE n < 4) SELECT n, n * 1.5 AS m FROM t ORDER BY 1

--- nulls and order
SELECT note FROM orders ORDER BY note DESC

--- nulls first and limits
SELECT note, id FROM orders ORDER BY note NULLS FIRST, id OFFSET 1 ROWS FETCH FIRST 3 ROWS ONLY

--- collations
--! source: @source
SELECT name COLLATE "C" AS n FROM customers ORDER BY name COLLATE pg_catalog."default"

--- operators by their schema
SELECT 1 OPERATOR(pg_catalog.+) 2 AS a, 'a' OPERATOR(pg_catalog.~) 'a' AS b

--- bits, a
SELECT 5 & 3 AS a

--- bits, b
SELECT 5 | 3 AS b

--- bits, c
SELECT 5 # 3 AS c

--- bits, d
SELECT ~5 AS d

--- bits, e
SELECT 1 << 3 AS e

--- bits, f
SELECT 16 >> 2 AS f

--- bytes
SELECT '\x0102'::bytea AS a, encode('\x0102'::bytea, 'hex') AS b, decode('AQI=', 'base64') AS c, length('\x0102'::bytea) AS d, sha256('a') AS e

--- every type as text and as binary
SELECT * FROM kinds ORDER BY id

--- floats, a
SELECT 'NaN'::float8 AS a

--- floats, b
SELECT 'Infinity'::float8 AS b

--- floats, c
SELECT '-Infinity'::float4 AS c

--- floats, d
SELECT 1e-7::float8 AS d

--- floats, e
SELECT 123456789012345678::float8 AS e

--- floats, f
SELECT 0.1::float4 AS f

--- floats, g
SELECT '-0'::float8 AS g

--- floats, h
SELECT 1e15::float8 AS h

--- floats, i
SELECT 1e16::float8 AS i

--- floats, j
--! status: a numeric is never NaN
SELECT 'NaN'::numeric AS j

--- comparisons of kinds
SELECT id FROM kinds WHERE f8 = 1.3599999999999999 OR i8 > 9223372036854775806 OR n = 1.5 OR t = '' ORDER BY 1

--- identities of the catalog, a
SELECT 'orders'::regclass AS a

--- identities of the catalog, b
SELECT 'public.orders'::regclass::text AS b

--- identities of the catalog, c
SELECT 'int4'::regtype AS c

--- identities of the catalog, d
SELECT 'pg_catalog.lower(text)'::regprocedure AS d

--- identities of the catalog, e
SELECT 'public'::regnamespace AS e

--- identities of the catalog, f
SELECT 'now'::regproc AS f

--- identities of the catalog, g
SELECT to_regclass('nowhere') AS g

--- identities of the catalog, h
SELECT 23::regtype AS h

--- functions of the session, a
SELECT current_schema() AS a

--- functions of the session, b
SELECT current_database() AS b

--- functions of the session, c
SELECT pg_typeof(1) AS c

--- functions of the session, d
SELECT pg_typeof(now()) AS d

--- functions of the session, e
SELECT version() LIKE 'PostgreSQL 15.%' AS e

--- functions of the session, f
SELECT pg_backend_pid() > 0 AS f

--- functions of the session, g
--! rows: the port of the server is not told
SELECT inet_server_port() > 0 AS g

--- functions of the session, h
SELECT pg_is_in_recovery() AS h

--- functions of the session, i
SELECT quote_ident('A b') AS i

--- functions of the session, j
SELECT quote_literal('it''s') AS j

--- functions of the session, k
SELECT format('%I %L %s', 'A', 'b', 1) AS k

--- functions of the session, l
SELECT format_type(1700, 655366) AS l

--- functions of the session, m
SELECT pg_size_pretty(123456::int8) AS m

--- functions of the session, n
SELECT pg_encoding_to_char(6) AS n

--- functions of the session, o
SELECT has_table_privilege('orders', 'SELECT') AS o

--- functions of the session, p
SELECT has_schema_privilege('public', 'USAGE') AS p

--- values of an oid and an integer
--! status: VALUES of an oid and an integer are refused
VALUES (1::oid), (2)

--- a call with VARIADIC
--! status: VARIADIC is not there yet
SELECT format('%s %s', VARIADIC ARRAY['a', 'b']) AS a
