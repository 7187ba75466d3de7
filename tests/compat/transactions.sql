-- Transactions, savepoints and errors in them
-- All spellings, the tags, the state that ReadyForQuery tells, warnings, and what a failed transaction refuses.

--- begin
BEGIN

--- begin within
BEGIN

--- commit
COMMIT

--- commit without
COMMIT

--- rollback without
ROLLBACK

--- start with modes
START TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY

--- its isolation
SHOW transaction_isolation

--- read only
SHOW transaction_read_only

--- end
END TRANSACTION

--- begin with words
BEGIN WORK ISOLATION LEVEL SERIALIZABLE READ ONLY DEFERRABLE

--- abort
ABORT

--- set the transaction's modes [simple]
BEGIN; SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET TRANSACTION READ ONLY; SHOW transaction_isolation; COMMIT

--- too late for isolation [simple]
BEGIN; SELECT 1; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE

--- and then
ROLLBACK

--- chained
BEGIN

--- chained commit
COMMIT AND CHAIN

--- the end of the chain
ROLLBACK AND NO CHAIN

--- a savepoint
BEGIN

--- named
SAVEPOINT a

--- an error after it
SELECT nothing

--- refused until it ends
SELECT 1

--- a savepoint in a failed transaction
SAVEPOINT b

--- back to it
ROLLBACK TO SAVEPOINT a

--- alive again
SELECT 1 AS alive

--- released
RELEASE SAVEPOINT a

--- released twice
RELEASE a

--- failed again, so ended
ROLLBACK

--- quoted names
BEGIN

--- of drivers
SAVEPOINT "_pg3_1"

--- within
SAVEPOINT "_pg3_1_2"

--- the outer one
ROLLBACK TO "_pg3_1"

--- in one message [simple]
RELEASE "_pg3_1"; COMMIT

--- a savepoint outside
SAVEPOINT x

--- back to one outside
ROLLBACK TO x

--- release one outside
RELEASE x

--- an error in a message of many [simple]
SELECT 1 AS a; SELECT nothing; SELECT 2 AS b

--- an error in a transaction of one message [simple]
BEGIN; SELECT nothing; COMMIT

--- commit what failed
COMMIT

--- a commit in the middle [simple]
BEGIN; SELECT 1 AS a; COMMIT; SELECT 2 AS b

--- implicit transaction with savepoint [simple]
SELECT 1; SAVEPOINT s

--- many empty ones [simple]
;;  ; -- nothing
;

--- an empty one
--- only a comment
-- nothing

--- only a block comment
/* nothing /* nested */ */

--- text after the last semicolon [simple]
SELECT 1 AS a; -- the end

--- quotes and semicolons [simple]
SELECT ';' AS a, $x$;$x$ AS b, E'\';' AS c; SELECT 2 AS "a;b"

--- what writes is refused [simple]
--! message: @writes
BEGIN READ ONLY; CREATE TABLE public.t (a int)

--- and ends
ROLLBACK

--- two-phase
--! status: two-phase commit is not supported
PREPARE TRANSACTION 'x'

--- locks
LOCK TABLE public.orders IN ACCESS SHARE MODE

--- locks in a transaction [simple]
BEGIN; LOCK TABLE public.orders IN ACCESS SHARE MODE; COMMIT

--- select for update [simple]
--! status: rows of a lake cannot be locked
SELECT id FROM public.orders ORDER BY id LIMIT 1 FOR UPDATE

--- checkpoints and cleaning [simple]
--! status: @maintenance
VACUUM public.orders

--- analyze
--! status: @maintenance
ANALYZE public.orders

--- heard and told [simple]
LISTEN channel; NOTIFY channel, 'payload'

--- told at the end of a transaction [simple]
BEGIN; NOTIFY channel, 'one'; SELECT pg_notify('channel', 'two'); NOTIFY channel, 'one'; COMMIT

--- undone [simple]
BEGIN; NOTIFY channel; ROLLBACK

--- what is listened to
SELECT pg_listening_channels()

--- no more
UNLISTEN *

--- a channel without a name
SELECT pg_notify('', 'x')

--- notify
NOTIFY channel, 'payload'

--- listen
LISTEN channel

--- a block of code
--! status: @writes
DO $$ BEGIN NULL; END $$

--- a call
--! sqlstate: @writes
CALL nothing()
