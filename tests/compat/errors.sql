-- Errors
-- SQLSTATE, text and place of what clients branch on or show to people.

--- no such table
SELECT * FROM nowhere

--- no such table in a schema
SELECT * FROM sales.nowhere

--- no such schema
SELECT * FROM nowhere.t

--- no such column
SELECT nothing FROM orders

--- no such column of an alias
SELECT o.nothing FROM orders o

--- no such alias
SELECT x.id FROM orders o

--- a table under its alias
SELECT orders.id FROM orders o

--- ambiguous
SELECT id FROM orders o, customers c

--- an alias twice
SELECT 1 FROM orders o, customers o

--- no such function
SELECT nothing(1)

--- no such function of these types
SELECT lower(1)

--- no such operator
SELECT 'a'::text + 1

--- no such type
SELECT 1::nothing

--- not a number
SELECT 'abc'::int

--- not a bigint
SELECT 'abc'::int8

--- not a numeric
SELECT 'abc'::numeric

--- not a float
SELECT 'abc'::float8

--- not a date
SELECT 'abc'::date

--- not a date that exists
SELECT '2024-02-30'::date

--- not a timestamp
SELECT 'abc'::timestamp

--- not a boolean
SELECT 'abc'::bool

--- not a uuid
SELECT 'abc'::uuid

--- not a json
SELECT '{'::json

--- not an array
SELECT 'abc'::int[]

--- not an interval
SELECT 'abc'::interval

--- too large for an int
SELECT 2147483648::int4

--- too large for a smallint
SELECT 40000::int2

--- sums that overflow
SELECT 2147483647 + 1

--- products that overflow
SELECT 9223372036854775807 * 2

--- too large for numeric
SELECT 123456.7::numeric(5,2)

--- division by zero
SELECT 1 / 0

--- division of numerics by zero
SELECT 1.0 / 0

--- remainder by zero
SELECT 1 % 0

--- division of floats by zero
SELECT 1::float8 / 0

--- root of a negative number
SELECT sqrt(-1)

--- logarithm of zero
SELECT ln(0)

--- more than one row
SELECT (SELECT id FROM orders)

--- more than one column
SELECT (SELECT id, note FROM orders LIMIT 1)

--- not grouped
SELECT id, count(*) FROM orders

--- not grouped, with a group
SELECT note, id FROM orders GROUP BY note

--- an aggregate in where
SELECT id FROM orders WHERE count(*) > 1

--- an aggregate in an aggregate
SELECT sum(count(*)) FROM orders

--- a window in where
SELECT id FROM orders WHERE row_number() OVER () = 1

--- columns of a union
SELECT 1 UNION SELECT 1, 2

--- types of a union
SELECT 1 UNION SELECT 'a'::text

--- order by a position that is not there
SELECT id FROM orders ORDER BY 5

--- group by a position that is not there
SELECT id FROM orders GROUP BY 5

--- order by what is not selected with distinct
SELECT DISTINCT note FROM orders ORDER BY id

--- a condition that is no boolean
SELECT id FROM orders WHERE id

--- a limit that is negative
SELECT id FROM orders LIMIT -1

--- a limit that is text
SELECT id FROM orders LIMIT 'a'

--- an unknown word
SELEC 1

--- a missing expression
SELECT FROM WHERE

--- an end that comes too early
SELECT id FROM

--- a parenthesis too few
SELECT (1

--- a parenthesis too many
SELECT 1)

--- a quote that is not closed
SELECT 'abc

--- an identifier that is not closed
SELECT "abc

--- a comment that is not closed
SELECT 1 /* abc

--- a dollar quote that is not closed
SELECT $$abc

--- an empty identifier
SELECT 1 AS ""

--- a reserved word as a name
SELECT select FROM orders

--- a place in the second line
SELECT id,
  nothing
FROM orders

--- a place after letters of many bytes
SELECT 'äöü', nothing FROM orders

--- writing: insert
--! sqlstate: @writes
INSERT INTO public.orders (id) VALUES ('a', 'b')

--- a column with USING that one side has not
SELECT * FROM orders JOIN customers USING (note)

--- a function with the wrong number of arguments
--! sqlstate: @refusals
SELECT substr('a')

--- a pattern that is none
SELECT 'a' ~ '('

--- an array with types that do not fit
SELECT ARRAY[1, 'a']

--- a case with types that do not fit
SELECT CASE WHEN true THEN 1 ELSE 'a' END

--- comparing what cannot be compared
SELECT 1 = 'a'

--- comparing a number with a text column
SELECT id FROM orders WHERE note = 1

--- a zone that does not exist
SELECT now() AT TIME ZONE 'Nowhere/City'

--- a unit that does not exist
SELECT date_trunc('fortnight', now())

--- a field that does not exist
SELECT extract(fortnight from now())

--- generate_series without a step
SELECT * FROM generate_series(1, 5, 0)

--- a regclass that does not exist
--! position: @positions
SELECT 'nowhere'::regclass

--- a regtype that does not exist
--! position: @positions
SELECT 'nowhere'::regtype

--- dropping what does not exist
--! message: @messages
DROP VIEW nowhere

--- a temporary table that does not exist
DROP TABLE nowhere

--- a database
--! sqlstate: @writes
CREATE DATABASE other TEMPLATE nothing

--- an extension
--! sqlstate: @writes
CREATE EXTENSION nothing_like_this

--- a constant in front of what it is cast to
SELECT date '2024-02-30', CAST('abc' AS int)

--- the second of two constants
SELECT '1'::int, 'abc'::int

--- a constant that is a number in one place and none in another
SELECT 'abc'::text, '12'::int, 'abc'::int8

--- a constant in a list
SELECT id FROM orders WHERE id IN (1, 'a')

--- a constant between two
SELECT id FROM orders WHERE id BETWEEN 1 AND 'a'

--- a constant that is added
SELECT id + 'a' FROM orders

--- a constant in a branch
SELECT coalesce(id, 'a') FROM orders

--- a constant beside a date
SELECT id FROM orders WHERE ordered_at > 'yesterday or so'

--- a function in a function
SELECT lower(upper(note)), upper(lower(length(note))) FROM orders

--- a function by its schema
SELECT pg_catalog.lower(1)

--- an operator in parentheses
SELECT (id) + (note) FROM orders

--- an operator behind others
SELECT 1 + 2, 'a' || 'b', 3 * (4 - note) FROM orders

--- values that are not in one type
SELECT coalesce(id, note) FROM orders

--- values of a case that are not of one type
SELECT CASE WHEN id = 1 THEN 1 WHEN id = 2 THEN 2 ELSE note END FROM orders

--- an array that is not of one type
SELECT ARRAY[1, 2, note] FROM orders

--- the third of three queries
SELECT 1, 2 UNION SELECT 2, 3 UNION SELECT 3, 'a'::text

--- queries that are intersected
SELECT 1 INTERSECT SELECT 'a'::text

--- queries that are taken away
SELECT id FROM orders EXCEPT SELECT note FROM orders

--- more columns on the right
SELECT id FROM orders EXCEPT SELECT id, note FROM orders

--- a cast that there is not
SELECT id::date FROM orders

--- a cast that there is not, by its word
SELECT CAST(true AS date)

--- a condition of HAVING
SELECT count(*) FROM orders HAVING count(*)

--- a condition of a join
SELECT 1 FROM orders o JOIN customers c ON c.id

--- a side of AND
SELECT id FROM orders WHERE id > 1 AND id

--- an aggregate in a join
SELECT 1 FROM orders o JOIN customers c ON count(*) = 1

--- an aggregate in GROUP BY
SELECT 1 FROM orders GROUP BY count(*)

--- an aggregate in VALUES
VALUES (count(*))

--- an aggregate of a window
SELECT sum(row_number() OVER ()) FROM orders

--- a window in HAVING
SELECT 1 FROM orders HAVING row_number() OVER () = 1

--- a window in GROUP BY
SELECT 1 FROM orders GROUP BY row_number() OVER ()

--- a window in a window
SELECT row_number() OVER (ORDER BY row_number() OVER ()) FROM orders

--- an aggregate in a subquery is its own
SELECT id FROM orders o WHERE amount = (SELECT max(amount) FROM orders i WHERE i.customer_id = o.customer_id) ORDER BY 1

--- an offset that is negative
SELECT id FROM orders OFFSET -1

--- a limit that is written as text
SELECT id FROM orders ORDER BY id LIMIT '1'

--- rows that are too wide to be a value
SELECT id FROM orders WHERE id = (SELECT 1, 2)

--- a reserved word as a table
SELECT 1 FROM order

--- letters behind a number
SELECT 12abc

--- two that nothing tells the type of
SELECT 'a' + 'b'

--- a table that an alias hides
SELECT customers.name FROM customers c WHERE customers.id = 1

--- brackets that are not closed
SELECT 'a' ~ '[a'

--- conditions of other kinds
SELECT NOT id, CASE WHEN id THEN 1 END FROM orders
