-- psqlODBC
-- The conversation of Tableau, Excel and MSDASQL: three statements in one message at the connect, SQLTables, SQLColumns, SQLPrimaryKeys, SQLForeignKeys, SQLStatistics, SQLGetTypeInfo, and
-- parameters by a described statement.

--- three statements at the connect [simple]
SET DateStyle = 'ISO';SET extra_float_digits = 2;show transaction_isolation

--- whether large objects are there [simple]
select oid, typbasetype from pg_type where typname = 'lo'

--- SQLTables
select relname, nspname, relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n where relkind in ('r', 'v', 'm', 'f', 'p') and nspname not in ('pg_catalog', 'information_schema', 'pg_toast', 'pg_temp_1') and n.oid = relnamespace order by nspname, relname

--- SQLTables with patterns
select relname, nspname, relkind from pg_catalog.pg_class c, pg_catalog.pg_namespace n where relkind in ('r', 'v') and nspname like E'pub\\_ic' escape E'\\' or nspname like E'pub%' and n.oid = relnamespace and relkind = 'r' and relname like E'o%' order by nspname, relname

--- SQLColumns
select n.nspname, c.relname, a.attname, a.atttypid, t.typname, a.attnum, a.attlen, a.atttypmod, a.attnotnull, c.relhasrules, c.relkind, c.oid, pg_get_expr(d.adbin, d.adrelid),
case t.typtype when 'd' then t.typbasetype else 0 end, t.typtypmod, 0, attidentity
from (((pg_catalog.pg_class c inner join pg_catalog.pg_namespace n on n.oid = c.relnamespace and c.oid = 'public.orders'::regclass) inner join pg_catalog.pg_attribute a on (not a.attisdropped) and a.attnum > 0 and a.attrelid = c.oid)
inner join pg_catalog.pg_type t on t.oid = a.atttypid) left outer join pg_attrdef d on a.atthasdef and d.adrelid = a.attrelid and d.adnum = a.attnum order by n.nspname, c.relname, attnum

--- SQLPrimaryKeys
select ta.attname, ia.attnum, ic.relname, n.nspname, tc.relname from pg_catalog.pg_attribute ta, pg_catalog.pg_attribute ia, pg_catalog.pg_class tc, pg_catalog.pg_index i, pg_catalog.pg_namespace n, pg_catalog.pg_class ic
where tc.relname = 'orders' AND n.nspname = 'public' AND tc.oid = i.indrelid AND n.oid = tc.relnamespace AND i.indisprimary = 't' AND ia.attrelid = i.indexrelid AND ta.attrelid = i.indrelid AND ta.attnum = i.indkey[ia.attnum-1] AND (NOT ta.attisdropped) AND (NOT ia.attisdropped) AND ic.oid = i.indexrelid order by ia.attnum

--- SQLForeignKeys
select 'lake'::name as "PKTABLE_CAT", n2.nspname as "PKTABLE_SCHEM", c2.relname as "PKTABLE_NAME", a2.attname as "PKCOLUMN_NAME", 'lake'::name as "FKTABLE_CAT", n1.nspname as "FKTABLE_SCHEM", c1.relname as "FKTABLE_NAME", a1.attname as "FKCOLUMN_NAME",
i::int2 as "KEY_SEQ", case ref.confupdtype when 'c' then 0::int2 when 'n' then 2::int2 when 'd' then 4::int2 when 'r' then 1::int2 else 3::int2 end as "UPDATE_RULE",
ref.conname as "FK_NAME", cn.conname as "PK_NAME"
from ((((((( (select cn.oid, conrelid, conkey, confrelid, confkey, generate_series(array_lower(conkey, 1), array_upper(conkey, 1)) as i, confupdtype, confdeltype, conname, condeferrable, condeferred
from pg_catalog.pg_constraint cn, pg_catalog.pg_class c, pg_catalog.pg_namespace n where contype = 'f' and conrelid = c.oid and relname = 'orders' and n.oid = c.relnamespace and n.nspname = 'public') ref
inner join pg_catalog.pg_class c1 on c1.oid = ref.conrelid) inner join pg_catalog.pg_namespace n1 on n1.oid = c1.relnamespace) inner join pg_catalog.pg_attribute a1 on a1.attrelid = c1.oid and a1.attnum = conkey[i])
inner join pg_catalog.pg_class c2 on c2.oid = ref.confrelid) inner join pg_catalog.pg_namespace n2 on n2.oid = c2.relnamespace) inner join pg_catalog.pg_attribute a2 on a2.attrelid = c2.oid and a2.attnum = confkey[i])
left outer join pg_catalog.pg_constraint cn on cn.conrelid = ref.confrelid and cn.contype = 'p') order by ref.oid, ref.i

--- SQLStatistics
select c.relname, i.indkey, i.indisunique, i.indisclustered, a.amname, c.relhasrules, n.nspname, c.oid, i.indoption from pg_catalog.pg_index i, pg_catalog.pg_class c, pg_catalog.pg_class d, pg_catalog.pg_am a, pg_catalog.pg_namespace n
where d.relname = 'orders' and n.nspname = 'public' and n.oid = d.relnamespace and d.oid = i.indrelid and i.indexrelid = c.oid and c.relam = a.oid order by i.indisprimary desc, i.indisunique, n.nspname, c.relname

--- SQLGetTypeInfo's types
select typname, oid from pg_catalog.pg_type where oid in (16, 17, 20, 21, 23, 25, 700, 701, 1042, 1043, 1082, 1083, 1114, 1184, 1700, 2950) order by oid

--- SQLProcedures [columns]
select proname as "PROCEDURE_NAME", nspname, case when prorettype = 0 then 1::int2 else 2::int2 end as "PROCEDURE_TYPE" from pg_catalog.pg_namespace, pg_catalog.pg_proc where pg_catalog.pg_proc.pronamespace = pg_catalog.pg_namespace.oid and nspname = 'public' order by 2, 1

--- SQLTablePrivileges [columns]
select relname, usename, relacl, nspname from pg_catalog.pg_namespace, pg_catalog.pg_class, pg_catalog.pg_user where relname = 'orders' and nspname = 'public' and relkind in ('r', 'v') and pg_namespace.oid = relnamespace and relowner = usesysid

--- SQLSpecialColumns
select c.relhasrules, c.relkind from pg_catalog.pg_namespace u, pg_catalog.pg_class c where u.oid = c.relnamespace and c.relname = 'orders' and u.nspname = 'public'

--- a parameter by a described statement [talk]
> parse _PLAN0x55aa: SELECT id, note FROM public.orders WHERE id = $1
> sync
> read
> describe statement _PLAN0x55aa
> sync
> read
> bind SQL_CUR0x1 _PLAN0x55aa 0/0: 102
> describe portal SQL_CUR0x1
> execute SQL_CUR0x1 0
> close portal SQL_CUR0x1
> sync
> read
> query: DEALLOCATE "_PLAN0x55aa"

--- fetched by a cursor [simple]
BEGIN;declare "SQL_CUR0x1" cursor with hold for SELECT * FROM public.orders ORDER BY id;fetch 3 in "SQL_CUR0x1"

--- fetched further [simple]
fetch 3 in "SQL_CUR0x1"

--- fetched to its end [simple]
fetch 3 in "SQL_CUR0x1"

--- closed [simple]
close "SQL_CUR0x1";COMMIT

--- a failed statement with a savepoint [simple]
BEGIN;SAVEPOINT _EXEC_SVP_0x1;SELECT nothing

--- back to it [simple]
ROLLBACK to _EXEC_SVP_0x1;RELEASE _EXEC_SVP_0x1

--- the end [simple]
ROLLBACK
