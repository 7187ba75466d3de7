-- COPY out
-- COPY of a query and of a table to the client, as text, csv and binary, in the old and the new spelling.

--- a table as text
COPY public.customers TO STDOUT

--- columns of a table
COPY public.orders (id, note, amount) TO STDOUT

--- a query as csv
COPY (SELECT id, name, balance, active FROM customers ORDER BY id) TO STDOUT WITH (FORMAT csv)

--- csv with a head
COPY (SELECT id, name AS "Full Name", country FROM customers ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER)

--- csv of the old spelling
COPY (SELECT id, note FROM orders ORDER BY id) TO STDOUT WITH CSV HEADER

--- csv with options
COPY (SELECT id, note, t FROM (SELECT o.id, o.note, k.t FROM orders o LEFT JOIN kinds k ON k.id = o.id - 100) x ORDER BY id) TO STDOUT WITH (FORMAT csv, DELIMITER ';', NULL 'nil', QUOTE '''', FORCE_QUOTE (note))

--- csv with everything quoted
COPY (SELECT id, note FROM orders ORDER BY id) TO STDOUT WITH (FORMAT csv, FORCE_QUOTE *)

--- text with options
COPY (SELECT id, note FROM orders ORDER BY id) TO STDOUT WITH (DELIMITER '|', NULL '')

--- text with a head
COPY (SELECT id, note FROM orders ORDER BY id) TO STDOUT (FORMAT text, HEADER true)

--- every type as text
COPY (SELECT * FROM kinds ORDER BY id) TO STDOUT

--- every type as csv
COPY (SELECT * FROM kinds ORDER BY id) TO STDOUT CSV

--- every type as binary
COPY (SELECT * FROM kinds ORDER BY id) TO STDOUT (FORMAT binary)

--- binary in quotes
COPY (SELECT id FROM orders ORDER BY id) TO STDOUT (FORMAT 'binary')

--- a query with WITH
COPY (WITH x AS (SELECT id FROM orders) SELECT count(*) FROM x) TO STDOUT

--- values
COPY (VALUES (1, 'a'), (2, NULL)) TO STDOUT

--- an encoding
COPY (SELECT name FROM customers ORDER BY id) TO STDOUT (ENCODING 'UTF8')

--- a view
COPY public.late_orders TO STDOUT

--- a table that does not exist
COPY nowhere TO STDOUT

--- a column that does not exist
COPY orders (nothing) TO STDOUT

--- an option that does not exist
COPY orders TO STDOUT (NOTHING true)

--- a format that does not exist
COPY orders TO STDOUT (FORMAT avro)

--- a delimiter that is too long
COPY orders TO STDOUT (DELIMITER '||')

--- into a table is refused
COPY public.orders (id) FROM STDIN WITH (FORMAT csv, nothing)

--- to a file is refused
--! sqlstate: @copy
COPY orders TO '/nowhere/x.csv'

--- within a message of many [simple]
SELECT 1 AS a; COPY (SELECT 2) TO STDOUT; SELECT 3 AS b
