-- Prepared statements
-- PREPARE, EXECUTE and DEALLOCATE beside the names of the protocol, parameters with and without types, descriptions before any value is known.

--- prepared
PREPARE p (int8) AS SELECT id, note FROM orders WHERE id > $1 ORDER BY id LIMIT 2

--- run
EXECUTE p (102)

--- prepared twice
PREPARE p AS SELECT 1

--- without types
PREPARE q AS SELECT name FROM customers WHERE country = $1

--- run with a text
EXECUTE q ('PT')

--- too few
EXECUTE q

--- listed
SELECT name, from_sql FROM pg_prepared_statements ORDER BY name

--- a name that does not exist
EXECUTE nothing (1)

--- gone
DEALLOCATE q

--- gone twice
DEALLOCATE PREPARE q

--- all gone
DEALLOCATE ALL

--- the protocol's name in SQL [talk]
> parse mine int4: SELECT $1 + 1 AS n
> sync
> read
> query: EXECUTE mine (41)
> read
> query: DEALLOCATE mine
> read
> bind - mine 0/: 1
> execute - 0
> sync

--- SQL's name in the protocol [talk]
> query: PREPARE other (text) AS SELECT upper($1) AS u
> read
> describe statement other
> bind - other 0/: abc
> describe portal -
> execute - 0
> sync
> read
> close statement other
> sync
> read
> query: EXECUTE other ('x')

--- a name that is taken [talk]
> parse twice: SELECT 1
> parse twice: SELECT 2
> sync
> read
> close statement twice
> sync

--- types that are inferred from a column [talk]
> parse - 0: SELECT id FROM orders WHERE amount > $1
> describe statement -
> parse - 0: SELECT id FROM orders WHERE note LIKE $1
> describe statement -
> parse - 0: SELECT id FROM orders WHERE ordered_at BETWEEN $1 AND $2
> describe statement -
> parse - 0: SELECT id FROM orders WHERE id IN ($1, $2) LIMIT $3 OFFSET $4
> describe statement -
> parse - 0: SELECT id FROM customers WHERE active = $1 AND since < $2
> describe statement -
> parse - 0: SELECT id FROM orders WHERE id = ANY($1)
> describe statement -
> sync

--- types that are inferred from expressions [talk]
--! status: @lenient
> parse - 0: SELECT $1
> describe statement -
> parse - 0: SELECT $1::int4, $2::date, CAST($3 AS numeric), $4::text[]
> describe statement -
> parse - 0: SELECT $1 || 'x', upper($2), length($3)
> describe statement -
> parse - 0: SELECT 1 + $1, 1.5 * $2, now() - $3::interval
> describe statement -
> parse - 0: SELECT coalesce($1, 'a'), coalesce(1, $2), CASE WHEN $3 THEN 1 ELSE 2 END
> describe statement -
> parse - 0: SELECT date_trunc($1, ordered_at), extract(year from $2::timestamp) FROM orders
> describe statement -
> parse - 0: SELECT $1 = 'x', $2 IS NULL
> describe statement -
> sync

--- two that cannot be inferred [talk]
> parse - 0: SELECT $1 + $2
> describe statement -
> sync

--- a gap in the numbers [talk]
> parse - 0: SELECT $2::int4
> describe statement -
> sync

--- declared narrower than the column [talk]
> parse - int2: SELECT id FROM orders WHERE id = $1
> describe statement -
> bind - - 1/1: \x0065
> execute - 0
> sync
> read
> parse - int4: SELECT relname FROM pg_class WHERE oid = $1
> bind - - 1/1: \x000004eb
> execute - 0
> sync
> read
> parse - int8: SELECT id FROM orders WHERE amount = $1 ORDER BY id
> bind - - 1/1: \x0000000000000005
> execute - 0
> sync

--- as text in every form of time [talk]
> parse - 0: SELECT count(*) FROM orders WHERE ordered_at >= $1
> bind - - 0/0: 2024-03-10T06:15:30.5Z
> execute - 0
> bind - - 0/0: 2024-03-10 06:15:30.5+00
> execute - 0
> bind - - 0/0: 2024-03-10
> execute - 0
> bind - - 0/0: 2024-01-01 +00
> execute - 0
> bind - - 0/0: 2024-03-10 08:15:30.5+02:00
> execute - 0
> sync

--- arrays as text and as binary [talk]
> parse - 0: SELECT id FROM orders WHERE id = ANY($1) ORDER BY id
> bind - - 0/0: {101,103}
> execute - 0
> bind - - 1/0: \x0000000100000000000000140000000100000001000000080000000000000066
> execute - 0
> sync

--- a value that is none of its type [talk]
> parse - int4: SELECT $1 + 1
> bind - - 0/: abc
> sync

--- null for every type [talk]
> parse - int4,text,0,date: SELECT $1 IS NULL, $2 IS NULL, $3::numeric IS NULL, $4 IS NULL
> bind - - 0/0: null | null | null | null
> describe portal -
> execute - 0
> sync

--- the wrong number of formats [talk]
> parse - int4,int4: SELECT $1 + $2
> bind - - 0,0,0/: 1 | 2
> sync

--- too few values [talk]
> parse - int4,int4: SELECT $1 + $2
> bind - - /: 1
> sync

--- statements without rows are described [talk]
> parse a: SET application_name = 'x'
> describe statement a
> parse b: BEGIN
> describe statement b
> parse c: SHOW datestyle
> describe statement c
> parse d: EXPLAIN SELECT 1
> describe statement d
> parse e:
> describe statement e
> sync

--- several statements in one Parse [talk]
> parse -: SELECT 1; SELECT 2
> sync

--- close what is not there [talk]
> close statement nothing
> close portal nothing
> sync

--- describe what is not there [talk]
> describe statement nothing
> sync
> read
> describe portal nothing
> sync

--- execute what is not there [talk]
> execute nothing
> sync

--- a query in the part that is skipped [talk]
> parse -: SELECT nothing
> skipped query: SELECT 1
> sync

--- flush [talk]
> parse -: SELECT 1::int4 AS a
> flush
> bind - - /1:
> flush
> describe portal -
> flush
> execute - 0
> flush
> sync

--- a statement that lives on in a transaction that failed [talk]
> parse keep: SELECT 1::int4 AS a
> sync
> read
> query: BEGIN
> query: SELECT nothing
> bind - keep /1:
> sync
> read
> query: ROLLBACK
> bind - keep /1:
> execute - 0
> sync
