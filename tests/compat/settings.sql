-- Settings
-- SET, SHOW, RESET, set_config and current_setting in the spellings that drivers use, with what the server tells of them afterwards.

--- names in a list
SET search_path TO public, sales

--- what it is then
SHOW search_path

--- a name in quotes
SET search_path = "sales", 'public'

--- what it is now
SELECT current_schema(), current_schemas(false)

--- schemas with the catalog
SELECT current_schemas(true)

--- back to the start
RESET search_path

--- the date style
SET DateStyle TO 'ISO, DMY'

--- told as it is
SHOW datestyle

--- a date in that order
SELECT '01/02/2024'::date AS d

--- the date style again
SET datestyle = ISO, MDY

--- a zone by name
SET TIME ZONE 'Europe/Berlin'

--- shown with its name
SHOW TIME ZONE

--- a moment in that zone
SELECT '2024-07-01 12:00:00+00'::timestamptz AS m, '2024-07-01 12:00:00'::timestamp AS t

--- a zone in double quotes
SET TIME ZONE "America/New_York"

--- a zone by hours
SET TIME ZONE -5

--- shown
SHOW timezone

--- a zone by interval
SET TIME ZONE INTERVAL '+02:00' HOUR TO MINUTE

--- the zone in two words
SET SESSION TIMEZONE TO 'UTC'

--- the zone of the server
SET TIME ZONE LOCAL

--- a zone that is none
SET TIME ZONE 'Nowhere/City'

--- names
SET NAMES 'UTF8'

--- another encoding's alias
SET client_encoding TO 'UNICODE'

--- the encoding shown
SHOW client_encoding

--- an encoding that does not exist
SET client_encoding TO 'KLINGON'

--- the name of the application
SET application_name = 'A <program> [1]'

--- its name shown
SHOW application_name

--- digits of floats
SET extra_float_digits = 3

--- too many digits
SET extra_float_digits = 99

--- a timeout with its unit
SET statement_timeout = '30s'

--- how it is shown
SHOW statement_timeout

--- as milliseconds
SET statement_timeout TO 1500

--- shown again
SELECT current_setting('statement_timeout')

--- a unit that is none
SET statement_timeout = '3 parsecs'

--- without a timeout
RESET statement_timeout

--- only within a transaction [simple]
BEGIN; SET LOCAL statement_timeout = 777; SHOW statement_timeout; COMMIT; SHOW statement_timeout

--- undone with a transaction [simple]
BEGIN; SET application_name = 'gone'; ROLLBACK; SHOW application_name

--- a parameter that does not exist
SET no_such_thing = 1

--- one that cannot be changed
SET server_version = '16'

--- a parameter of an extension
SET my.own = 'x'

--- shown, 2
SHOW my.own

--- read
SELECT current_setting('my.own'), current_setting('my.other', true) IS NULL AS missing

--- one that was never set
SELECT current_setting('my.never')

--- show one that does not exist
SHOW no_such_thing

--- set by function
SELECT set_config('application_name', 'by function', false)

--- set by function within a transaction only
SELECT set_config('application_name', 'for now', true) AS x

--- still as before
SELECT current_setting('application_name') AS n

--- by function, of an extension
SELECT set_config('my.b', 'c', false), set_config('search_path', 'public', false)

--- a boolean
SET enable_seqscan = off

--- a boolean shown
SHOW enable_seqscan

--- a boolean in other words
SET standard_conforming_strings TO 'yes'

--- a boolean that is none
--! message: @messages
SET standard_conforming_strings TO 'perhaps'

--- an enumeration
SET client_min_messages TO WARNING

--- a wrong value of an enumeration
SET client_min_messages TO loudest

--- bytea as escape
SET bytea_output = 'escape'

--- a bytea then
SELECT '\xdeadbeef00'::bytea AS b

--- bytea as hex
SET bytea_output TO hex

--- the interval style
SET intervalstyle = 'iso_8601'

--- an interval then
SELECT interval '1 year 2 months 3 days 04:05:06' AS i

--- the usual style
SET IntervalStyle TO postgres

--- isolation of the session
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL REPEATABLE READ

--- isolation shown
SHOW default_transaction_isolation

--- isolation in words
SHOW TRANSACTION ISOLATION LEVEL

--- the usual isolation
SET SESSION CHARACTERISTICS AS TRANSACTION ISOLATION LEVEL READ COMMITTED, READ WRITE

--- read only as a default
SET default_transaction_read_only = on

--- back from that
SET default_transaction_read_only TO DEFAULT

--- the role
SHOW role

--- no role
SET ROLE NONE

--- the own role
SET ROLE test

--- the own role shown
SHOW role

--- the user of the session again
RESET ROLE

--- the own session
SET SESSION AUTHORIZATION test

--- the session's own again
RESET SESSION AUTHORIZATION

--- a role that there is not
SET ROLE nobody_here

--- the session user again
RESET ROLE

--- the session's user
SET SESSION AUTHORIZATION DEFAULT

--- the user shown
SELECT session_user, current_user, user, current_role, current_catalog, current_database()

--- row security
SET row_security = off

--- whether statements are compiled
SET jit = off

--- the level of locks
SET idle_in_transaction_session_timeout = 0

--- lock timeout
SET lock_timeout = '5s'

--- work memory
SET work_mem = '64MB'

--- work memory shown
SHOW work_mem

--- all at once
RESET ALL

--- after that
SHOW work_mem

--- version
SHOW server_version_num

--- encoding of the server
SHOW server_encoding

--- integer dates
SHOW integer_datetimes

--- the longest name
SHOW max_identifier_length

--- all settings [columns]
SHOW ALL

--- forget everything
DISCARD ALL

--- forget plans
DISCARD PLANS

--- forget sequences
DISCARD SEQUENCES

--- forget temporary tables
DISCARD TEMP

--- temporary tables in full
DISCARD TEMPORARY

--- listen to nothing
UNLISTEN *

--- a setting by an expression that is none
SET application_name = 1 + 1

--- settings at the start, as text
SELECT name, setting FROM pg_settings WHERE name IN ('DateStyle', 'TimeZone', 'standard_conforming_strings', 'server_encoding', 'client_encoding', 'IntervalStyle', 'integer_datetimes', 'max_index_keys', 'block_size') ORDER BY name
