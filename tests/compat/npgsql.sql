-- Npgsql 4.0, as Power BI and Excel carry it
-- The conversation of a connection: the start-up, the types by the extended protocol as text, a query as binary with everything in one packet,
-- the reset of a pooled connection in the packet of the next query.
--@ client_encoding UTF8
--@ ssl_renegotiation_limit 0

--- the types [talk]
> parse -: SELECT ns.nspname, a.typname, a.oid, a.typrelid, a.typbasetype,
  CASE WHEN pg_proc.proname = 'array_recv' THEN 'a' ELSE a.typtype END AS type,
  CASE WHEN pg_proc.proname = 'array_recv' THEN a.typelem WHEN a.typtype = 'r' THEN rngsubtype ELSE 0 END AS elemoid,
  CASE WHEN pg_proc.proname IN ('array_recv', 'oidvectorrecv') THEN 3 WHEN a.typtype = 'r' THEN 2 WHEN a.typtype = 'd' THEN 1 ELSE 0 END AS ord
FROM pg_type AS a
  JOIN pg_namespace AS ns ON (ns.oid = a.typnamespace)
  JOIN pg_proc ON pg_proc.oid = a.typreceive
  LEFT OUTER JOIN pg_class AS cls ON (cls.oid = a.typrelid)
  LEFT OUTER JOIN pg_type AS b ON (b.oid = a.typelem)
  LEFT OUTER JOIN pg_class AS elemcls ON (elemcls.oid = b.typrelid)
  LEFT OUTER JOIN pg_range ON (pg_range.rngtypid = a.oid)
WHERE (a.typtype IN ('b', 'r', 'e', 'd')
    OR (pg_proc.proname = 'array_recv' AND b.typtype IN ('b', 'r', 'e', 'd', 'p')))
  AND ns.nspname = 'pg_catalog' AND a.typname NOT LIKE '\_%'
ORDER BY ord, a.typname
> bind - - /0:
> describe portal -
> execute - 0
> sync

--- a query [talk]
> parse -: SELECT "id", "name", "balance", "since", "active" FROM "public"."customers" ORDER BY 1 LIMIT 1000001
> describe statement -
> sync
> read
> bind - - /1,1,1,1,1:
> execute - 0
> sync

--- a query of which only the columns are wanted [talk]
> parse -: SELECT * FROM "public"."kinds"
> describe statement -
> sync

--- the reset in the packet of the next query [talk]
> query: DISCARD ALL
> parse -: SELECT "id" FROM "public"."orders" WHERE "amount" > 100 ORDER BY 1
> bind - - /1:
> describe portal -
> execute - 0
> sync

--- three statements in one packet, as a batch [talk]
> parse -: SELECT 1::int4 AS a
> bind - - /1:
> describe portal -
> execute - 0
> parse -: SELECT 'x'::text AS b
> bind - - /1:
> describe portal -
> execute - 0
> parse -: SELECT true AS c
> bind - - /1:
> describe portal -
> execute - 0
> sync

--- an error in the middle of a batch [talk]
> parse -: SELECT 1::int4 AS a
> bind - - /1:
> describe portal -
> execute - 0
> parse -: SELECT nothing
> bind - - /1:
> describe portal -
> execute - 0
> parse -: SELECT true AS c
> bind - - /1:
> describe portal -
> execute - 0
> sync

--- parameters of declared types, as binary [talk]
> parse - int8,text,bool: SELECT "id", "name" FROM "public"."customers" WHERE "id" >= $1 AND "name" <> $2 AND "active" = $3 ORDER BY 1
> bind - - 1/1: \x0000000000000002 | Nobody | \x01
> describe portal -
> execute - 0
> sync

--- an empty statement [talk]
> parse -:
> bind - - /1:
> describe portal -
> execute - 0
> sync

--- a prepared statement twice, then closed [talk]
> parse _p1 int4: SELECT $1 + 1 AS n
> describe statement _p1
> sync
> read
> bind - _p1 1/1: \x00000001
> execute - 0
> bind - _p1 1/1: \x00000002
> execute - 0
> sync
> read
> close statement _p1
> sync
> read
> bind - _p1 1/1: \x00000002
> sync
