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
--! message: @messages
SELECT orders.id FROM orders o

--- ambiguous
SELECT id FROM orders o, customers c

--- an alias twice
SELECT 1 FROM orders o, customers o

--- no such function
SELECT nothing(1)

--- no such function of these types
--! position: @positions
SELECT lower(1)

--- no such operator
--! position: @positions
SELECT 'a'::text + 1

--- no such type
--! position: @positions
SELECT 1::nothing

--- not a number
--! position: @positions
SELECT 'abc'::int

--- not a bigint
--! position: @positions
SELECT 'abc'::int8

--- not a numeric
--! position: @positions
SELECT 'abc'::numeric

--- not a float
--! position: @positions
SELECT 'abc'::float8

--- not a date
--! position: @positions
SELECT 'abc'::date

--- not a date that exists
--! position: @positions
SELECT '2024-02-30'::date

--- not a timestamp
--! position: @positions
SELECT 'abc'::timestamp

--- not a boolean
--! position: @positions
SELECT 'abc'::bool

--- not a uuid
--! position: @positions
SELECT 'abc'::uuid

--- not a json
--! message: @messages
--! position: @positions
SELECT '{'::json

--- not an array
--! position: @positions
SELECT 'abc'::int[]

--- not an interval
--! position: @positions
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
--! position: @positions
SELECT (SELECT id, note FROM orders LIMIT 1)

--- not grouped
SELECT id, count(*) FROM orders

--- not grouped, with a group
SELECT note, id FROM orders GROUP BY note

--- an aggregate in where
--! message: @messages
--! position: @positions
SELECT id FROM orders WHERE count(*) > 1

--- an aggregate in an aggregate
--! sqlstate: @refusals
SELECT sum(count(*)) FROM orders

--- a window in where
--! sqlstate: @refusals
SELECT id FROM orders WHERE row_number() OVER () = 1

--- columns of a union
--! position: @positions
SELECT 1 UNION SELECT 1, 2

--- types of a union
--! position: @positions
SELECT 1 UNION SELECT 'a'::text

--- order by a position that is not there
--! position: @positions
SELECT id FROM orders ORDER BY 5

--- group by a position that is not there
--! position: @positions
SELECT id FROM orders GROUP BY 5

--- order by what is not selected with distinct
--! position: @positions
SELECT DISTINCT note FROM orders ORDER BY id

--- a condition that is no boolean
--! message: @messages
--! position: @positions
SELECT id FROM orders WHERE id

--- a limit that is negative
--! sqlstate: @refusals
SELECT id FROM orders LIMIT -1

--- a limit that is text
--! sqlstate: @refusals
SELECT id FROM orders LIMIT 'a'

--- an unknown word
SELEC 1

--- a missing expression
--! sqlstate: @refusals
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
--! status: @lenient
SELECT 1 AS ""

--- a reserved word as a name
--! sqlstate: @refusals
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
--! position: @positions
SELECT * FROM orders JOIN customers USING (note)

--- a function with the wrong number of arguments
--! sqlstate: @refusals
SELECT substr('a')

--- a pattern that is none
--! message: @messages
SELECT 'a' ~ '('

--- an array with types that do not fit
--! position: @positions
SELECT ARRAY[1, 'a']

--- a case with types that do not fit
--! status: @refusals
SELECT CASE WHEN true THEN 1 ELSE 'a' END

--- comparing what cannot be compared
--! position: @positions
SELECT 1 = 'a'

--- comparing a number with a text column
--! position: @positions
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
