-- Cursors
-- DECLARE, FETCH, MOVE and CLOSE in the spellings of psycopg, psqlODBC, postgres_fdw and SQLAlchemy, through both protocols.

--- outside of a transaction
DECLARE c CURSOR FOR SELECT id FROM orders ORDER BY id

--- begin
BEGIN

--- declared
DECLARE c CURSOR FOR SELECT id, note FROM orders ORDER BY id

--- one row
FETCH c

--- three rows
FETCH 3 FROM c

--- forward
FETCH FORWARD 2 FROM c

--- next
FETCH NEXT IN c

--- backward
--! status: SQL cursors go forward only
FETCH BACKWARD 1 FROM c

--- zero
FETCH 0 FROM c

--- move
MOVE 1 FROM c

--- move forward
MOVE FORWARD ALL IN c

--- no rows are left
FETCH ALL FROM c

--- listed
--! tag: @listed
--! binary: @types
SELECT name, is_holdable, is_binary, is_scrollable FROM pg_cursors

--- twice
DECLARE c CURSOR FOR SELECT 1

--- and so failed
ROLLBACK

--- begin again
BEGIN

--- scrollable
DECLARE "s c" SCROLL CURSOR WITHOUT HOLD FOR SELECT id FROM orders ORDER BY id

--- the last
FETCH LAST FROM "s c"

--- the one before
FETCH PRIOR FROM "s c"

--- the first
FETCH FIRST FROM "s c"

--- an absolute one
FETCH ABSOLUTE 4 FROM "s c"

--- an absolute one from the end
FETCH ABSOLUTE -2 FROM "s c"

--- a relative one
FETCH RELATIVE -3 FROM "s c"

--- backward all
FETCH BACKWARD ALL FROM "s c"

--- move absolute
MOVE ABSOLUTE 2 IN "s c"

--- and then
FETCH 1 FROM "s c"

--- closed
CLOSE "s c"

--- gone
FETCH 1 FROM "s c"

--- rolled back
ROLLBACK

--- not scrollable [simple]
BEGIN; DECLARE n NO SCROLL CURSOR FOR SELECT id FROM orders ORDER BY id; FETCH 2 FROM n; FETCH BACKWARD 1 FROM n

--- failed
ROLLBACK

--- binary [simple]
BEGIN; DECLARE b BINARY CURSOR FOR SELECT id, note, amount, ordered_at FROM orders ORDER BY id; FETCH 2 FROM b; COMMIT

--- held [simple]
BEGIN; DECLARE h CURSOR WITH HOLD FOR SELECT id FROM orders ORDER BY id; FETCH 2 FROM h; COMMIT

--- goes on after the transaction
FETCH 2 FROM h

--- held ones are listed
--! binary: the portal of the statement itself is not listed
--! tag: @cursors
SELECT name, is_holdable FROM pg_cursors

--- closed after all
CLOSE h

--- closed twice
CLOSE h

--- all
CLOSE ALL

--- held outside of a transaction
DECLARE h2 CURSOR WITH HOLD FOR SELECT id FROM orders ORDER BY id

--- its rows
FETCH 1 FROM h2

--- everything is closed
CLOSE ALL

--- postgres_fdw's [simple]
START TRANSACTION ISOLATION LEVEL REPEATABLE READ; DECLARE c1 CURSOR FOR
SELECT id, amount FROM public.orders WHERE ((amount IS NOT NULL)) AND ((note ~~ '%i%'::text)) ORDER BY id ASC NULLS LAST

--- a hundred rows [simple]
FETCH 100 FROM c1

--- its end [simple]
CLOSE c1; COMMIT TRANSACTION

--- a cursor with a parameter [talk]
> query: BEGIN
> parse - int8: DECLARE pc CURSOR FOR SELECT id, note FROM orders WHERE id > $1 ORDER BY id
> bind - - 1/: \x0000000000000067
> execute - 0
> sync
> read
> describe portal pc
> sync
> read
> parse -: FETCH FORWARD 2 FROM pc
> describe statement -
> bind - - /1:
> describe portal -
> execute - 0
> sync
> read
> query: CLOSE pc
> query: COMMIT

--- a portal of the protocol by its name in SQL [talk]
> query: BEGIN
> parse -: SELECT id FROM orders ORDER BY id
> bind mine - /0:
> describe portal mine
> execute mine 2
> sync
> read
> query: FETCH 2 FROM mine
> execute mine 2
> sync
> read
> query: CLOSE mine
> query: COMMIT

--- a cursor of what writes
DECLARE w CURSOR WITH HOLD FOR VALUES (1), (2)

--- values in it
FETCH ALL FROM w

--- a cursor that was never declared
FETCH 1 FROM nothing

--- moved where nothing is
MOVE 1 FROM nothing
