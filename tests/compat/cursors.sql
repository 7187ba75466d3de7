-- Cursors
-- DECLARE, FETCH, MOVE and CLOSE in the spellings of psycopg, psqlODBC, postgres_fdw and SQLAlchemy, through both protocols.

--- outside of a transaction
--! sqlstate: @cursors
DECLARE c CURSOR FOR SELECT id FROM orders ORDER BY id

--- begin
BEGIN

--- declared
--! status: @cursors
DECLARE c CURSOR FOR SELECT id, note FROM orders ORDER BY id

--- one row
--! sqlstate: @cursors
FETCH c

--- three rows
--! sqlstate: @cursors
FETCH 3 FROM c

--- forward
--! sqlstate: @cursors
FETCH FORWARD 2 FROM c

--- next
--! sqlstate: @cursors
FETCH NEXT IN c

--- backward
--! sqlstate: @cursors
FETCH BACKWARD 1 FROM c

--- zero
--! sqlstate: @cursors
FETCH 0 FROM c

--- move
--! sqlstate: @cursors
MOVE 1 FROM c

--- move forward
--! sqlstate: @cursors
MOVE FORWARD ALL IN c

--- no rows are left
--! sqlstate: @cursors
FETCH ALL FROM c

--- listed
--! tag: @listed
--! binary: @types
SELECT name, is_holdable, is_binary, is_scrollable FROM pg_cursors

--- twice
--! sqlstate: @cursors
DECLARE c CURSOR FOR SELECT 1

--- and so failed
ROLLBACK

--- begin again
BEGIN

--- scrollable
--! status: @cursors
DECLARE "s c" SCROLL CURSOR WITHOUT HOLD FOR SELECT id FROM orders ORDER BY id

--- the last
--! sqlstate: @cursors
FETCH LAST FROM "s c"

--- the one before
--! sqlstate: @cursors
FETCH PRIOR FROM "s c"

--- the first
--! sqlstate: @cursors
FETCH FIRST FROM "s c"

--- an absolute one
--! sqlstate: @cursors
FETCH ABSOLUTE 4 FROM "s c"

--- an absolute one from the end
--! sqlstate: @cursors
FETCH ABSOLUTE -2 FROM "s c"

--- a relative one
--! sqlstate: @cursors
FETCH RELATIVE -3 FROM "s c"

--- backward all
--! sqlstate: @cursors
FETCH BACKWARD ALL FROM "s c"

--- move absolute
--! sqlstate: @cursors
MOVE ABSOLUTE 2 IN "s c"

--- and then
--! sqlstate: @cursors
FETCH 1 FROM "s c"

--- closed
CLOSE "s c"

--- gone
--! sqlstate: @prepare
FETCH 1 FROM "s c"

--- rolled back
ROLLBACK

--- not scrollable [simple]
--! status: @cursors
BEGIN; DECLARE n NO SCROLL CURSOR FOR SELECT id FROM orders ORDER BY id; FETCH 2 FROM n; FETCH BACKWARD 1 FROM n

--- failed
ROLLBACK

--- binary [simple]
--! status: @cursors
BEGIN; DECLARE b BINARY CURSOR FOR SELECT id, note, amount, ordered_at FROM orders ORDER BY id; FETCH 2 FROM b; COMMIT

--- held [simple]
--! status: @cursors
BEGIN; DECLARE h CURSOR WITH HOLD FOR SELECT id FROM orders ORDER BY id; FETCH 2 FROM h; COMMIT

--- goes on after the transaction
--! status, sqlstate: @cursors
FETCH 2 FROM h

--- held ones are listed
--! tag, rows: @cursors
SELECT name, is_holdable FROM pg_cursors

--- closed after all
--! status: @cursors
CLOSE h

--- closed twice
CLOSE h

--- all
CLOSE ALL

--- held outside of a transaction
--! status: @cursors
DECLARE h2 CURSOR WITH HOLD FOR SELECT id FROM orders ORDER BY id

--- its rows
--! status: @cursors
FETCH 1 FROM h2

--- everything is closed
CLOSE ALL

--- postgres_fdw's [simple]
--! status: @cursors
START TRANSACTION ISOLATION LEVEL REPEATABLE READ; DECLARE c1 CURSOR FOR
SELECT id, amount FROM public.orders WHERE ((amount IS NOT NULL)) AND ((note ~~ '%i%'::text)) ORDER BY id ASC NULLS LAST

--- a hundred rows [simple]
--! sqlstate: @cursors
FETCH 100 FROM c1

--- its end [simple]
CLOSE c1; COMMIT TRANSACTION

--- a cursor with a parameter [talk]
--! status: @cursors
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
--! status: @cursors
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
--! status: @cursors
DECLARE w CURSOR WITH HOLD FOR VALUES (1), (2)

--- values in it
--! status: @cursors
FETCH ALL FROM w

--- a cursor that was never declared
--! sqlstate: @cursors
FETCH 1 FROM nothing

--- moved where nothing is
--! sqlstate: @cursors
MOVE 1 FROM nothing
