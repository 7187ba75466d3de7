-- DataGrip and the other JetBrains tools
-- The introspection by pgjdbc: the state of the server, databases, schemas, then each kind of object with its xmin, and the data editor's queries.

--- settings
SET application_name = 'DataGrip 2025.2.3'

--- where it is
select current_database() as a, current_schemas(false) as b

--- who and where
select current_database(), current_schema(), current_user

--- isolation
SHOW TRANSACTION ISOLATION LEVEL

--- when the server began [columns]
select round(extract(epoch from pg_postmaster_start_time() at time zone 'UTC')) as startup_time

--- whether it is a replica
select case when pg_catalog.pg_is_in_recovery() then 1 else 0 end as is_in_recovery

--- the transaction's number [columns]
select case when pg_catalog.pg_is_in_recovery() then pg_catalog.txid_snapshot_xmax(pg_catalog.txid_current_snapshot()) else pg_catalog.txid_current() end::varchar::bigint as current_txid

--- databases [columns]
select N.oid::bigint as id, datname as name, D.description, datistemplate as is_template, datallowconn as allow_connections, pg_catalog.pg_get_userbyid(N.datdba) as "owner"
from pg_catalog.pg_database N
  left join pg_catalog.pg_shdescription D on N.oid = D.objoid
order by case when datname = pg_catalog.current_database() then -1::bigint else N.oid::bigint end

--- schemas
select N.nspname as name, D.description, pg_catalog.age(N.xmin) >= 0 as aged
from pg_catalog.pg_namespace N
  left join pg_catalog.pg_description D on N.oid = D.objoid
where N.nspname in ('public', 'sales')
order by case when N.nspname = pg_catalog.current_schema() then -1::bigint else 0 end, N.nspname

--- schemas with their transactions [columns]
select N.oid::bigint as id, N.xmin as state_number, nspname as name, D.description, pg_catalog.pg_get_userbyid(N.nspowner) as "owner"
from pg_catalog.pg_namespace N left join pg_catalog.pg_description D on N.oid = D.objoid
order by case when nspname = pg_catalog.current_schema() then -1::bigint else N.oid::bigint end

--- roles [columns]
select R.oid::bigint as role_id, rolname as role_name, rolsuper is_super, rolinherit is_inherit, rolcreaterole can_createrole, rolcreatedb can_createdb, rolcanlogin can_login,
  rolreplication is_replication, rolconnlimit conn_limit, rolvaliduntil valid_until, rolbypassrls bypass_rls, rolconfig config, D.description
from pg_catalog.pg_roles R left join pg_catalog.pg_shdescription D on D.objoid = R.oid

--- members of roles
--! tag, rows: the roles that PostgreSQL itself has are members of each other, Lakeport has none of them
select member id, roleid role_id, admin_option from pg_catalog.pg_auth_members order by id, roleid::text

--- tablespaces [columns]
select T.oid::bigint as id, T.spcname as name, T.xmin as state_number, pg_catalog.pg_get_userbyid(T.spcowner) as owner, pg_catalog.pg_tablespace_location(T.oid) as location, T.spcoptions as options, D.description as comment
from pg_catalog.pg_tablespace T left join pg_catalog.pg_shdescription D on D.objoid = T.oid

--- whether something changed [columns]
select 'pg_class' as k, pg_catalog.max(pg_catalog.age(xmin)) from pg_catalog.pg_class

--- numbers of what changed [columns, unordered]
select L.transactionid::varchar::bigint as transaction_id from pg_catalog.pg_locks L where L.transactionid is not null order by pg_catalog.age(L.transactionid) desc limit 1

--- what there is by kind
--! rows: tables have no row types in pg_type
with schema_procs as (select prorettype, proargtypes, proallargtypes from pg_catalog.pg_proc where pronamespace = 'public'::regnamespace),
schema_types as (select oid, typrelid from pg_catalog.pg_type where typnamespace = 'public'::regnamespace)
select (select count(*) from schema_procs) as procs, (select count(*) from schema_types where typrelid <> 0) as row_types

--- tables of a schema
select T.relkind as table_kind, T.relname as table_name, T.oid as table_id, pg_catalog.pg_get_userbyid(T.relowner) as "owner", T.relpersistence = 't' as is_temporary,
  T.relispartition as is_partition, pg_catalog.pg_get_partkeydef(T.oid) as partition_key, T.reloptions as options
from pg_catalog.pg_class T
where relnamespace = 'public'::regnamespace and relkind in ('r', 'm', 'v', 'f', 'p')
order by table_kind, table_name

--- tables that changed since a transaction
select T.relname from pg_catalog.pg_class T
where relnamespace = 'public'::regnamespace and relkind in ('r', 'v') and pg_catalog.age(T.xmin) <= coalesce(nullif(greatest(pg_catalog.age('1'::varchar::xid), -1), -1), 2147483647)
order by 1

--- columns of a schema
with T as (select distinct T.oid as table_id, T.relname as table_name
  from pg_catalog.pg_class T, pg_catalog.pg_attribute A
  where T.relnamespace = 'public'::regnamespace and T.relkind in ('r', 'm', 'v', 'f', 'p') and A.attrelid = T.oid)
select T.table_id, C.attnum as column_position, C.attname as column_name, C.atttypmod as type_mod, C.attndims as dimensions_number,
  pg_catalog.format_type(C.atttypid, C.atttypmod) as type_spec, C.atttypid as type_id, C.attnotnull as mandatory,
  pg_catalog.pg_get_expr(D.adbin, T.table_id) as column_default_expression, not C.attislocal as column_is_inherited, C.attfdwoptions as options, C.attisdropped as column_is_dropped,
  C.attidentity as identity_kind, C.attgenerated as generated
from T join pg_catalog.pg_attribute C on T.table_id = C.attrelid left join pg_catalog.pg_attrdef D on (C.attrelid, C.attnum) = (D.adrelid, D.adnum)
where attnum > 0
order by T.table_name, attnum

--- indexes of a schema [unordered]
select tab.oid as table_id, tab.relkind as table_kind, ind_stor.relname as index_name, ind_head.indexrelid as index_id, ind_head.indisunique as is_unique, ind_head.indisprimary as is_primary,
  pg_catalog.pg_get_expr(ind_head.indpred, ind_head.indrelid) as condition, opcmethod as access_method_id
from pg_catalog.pg_class tab
  join pg_catalog.pg_index ind_head on ind_head.indrelid = tab.oid
  join pg_catalog.pg_class ind_stor on tab.relnamespace = ind_stor.relnamespace and ind_stor.oid = ind_head.indexrelid
  left join pg_catalog.pg_opclass on pg_opclass.oid = ANY(indclass)
where tab.relnamespace = 'public'::regnamespace and tab.relkind in ('r', 'm', 'v', 'p') and ind_stor.relkind in ('i', 'I')
order by 1, 3

--- columns of indexes [unordered]
select ind_head.indexrelid index_id, k col_idx, k <= indnkeyatts in_key, position column_position, amname, option,
  case when amcanorder then pg_catalog.pg_indexam_has_property(ind_stor.relam, 'can_order') end as can_order
from pg_catalog.pg_index ind_head
  join pg_catalog.pg_class ind_stor on ind_stor.oid = ind_head.indexrelid
  join (select oid, amname, true as amcanorder from pg_catalog.pg_am) am on am.oid = ind_stor.relam
  cross join unnest(ind_head.indkey) with ordinality u(position, k)
  left join unnest(ind_head.indoption) with ordinality o(option, ok) on ok = k
where ind_stor.relnamespace = 'public'::regnamespace
order by index_id, k

--- constraints of a schema [unordered]
select T.oid table_id, relkind table_kind, C.oid con_id, conname con_name, contype con_kind, conkey con_columns, conindid index_id, confrelid ref_table_id, confkey ref_columns,
  condeferrable is_deferrable, condeferred is_init_deferred, confupdtype on_update, confdeltype on_delete, connoinherit no_inherit,
  pg_catalog.pg_get_expr(conbin, T.oid) con_expression, (select array_agg(relname::varchar order by relname) from pg_catalog.pg_class where oid = confrelid)::varchar as referenced
from pg_catalog.pg_constraint C join pg_catalog.pg_class T on C.conrelid = T.oid
where relkind in ('r', 'v', 'f', 'p') and relnamespace = 'public'::regnamespace and contype in ('p', 'u', 'f', 'c', 'x')
order by table_id, con_name

--- views with their texts
--! rows: @viewdef
select T.relkind as view_kind, T.relname as view_name, pg_catalog.pg_get_viewdef(T.oid, true) as source_text
from pg_catalog.pg_class T natural join (select oid as relnamespace from pg_catalog.pg_namespace where nspname = 'public') N
where T.relkind in ('m', 'v')
order by 2

--- rules of views [columns]
select R.ev_class as table_id, R.oid as rule_id, R.xmin as rule_state_number, R.rulename as rule_name, pg_catalog.translate(ev_type, '1234', 'SUID') as rule_event_code, R.ev_enabled as rule_fire_mode, R.is_instead as rule_is_instead
from pg_catalog.pg_rewrite R where R.ev_class in (select oid from pg_catalog.pg_class where relnamespace = 'public'::regnamespace) order by R.ev_class::bigint, ev_type

--- functions of a schema
with languages as (select oid as lang_oid, lanname as lang from pg_catalog.pg_language),
routines as (select proname as r_name, prolang as lang_oid, oid as r_id, proargnames as arg_names, proargmodes as arg_modes, proargtypes::int[] as in_arg_types, proallargtypes::int[] as all_arg_types,
  pg_catalog.pg_get_expr(proargdefaults, 0) as arg_defaults, provariadic as arg_variadic_id, prorettype as ret_type_id, proretset as ret_set, prokind as kind, provolatile as volatile_kind, proisstrict as is_strict
  from pg_catalog.pg_proc where pronamespace = 'public'::regnamespace and not (prokind = 'a'))
select * from routines natural join languages order by r_name

--- aggregates [columns]
select P.oid as aggregate_id, P.proname as aggregate_name, P.proargnames as arg_names, A.aggtransfn::oid as transition_function_id, A.aggtransfn::regproc::text as transition_function_name, A.aggfinalfn::regproc::text, A.agginitval, A.aggsortop
from pg_catalog.pg_aggregate A join pg_catalog.pg_proc P on A.aggfnoid = P.oid where P.pronamespace = 'public'::regnamespace order by P.oid

--- operators [columns]
select O.oid as op_id, oprname as op_name, oprkind as op_kind, oprleft as arg_left_type_id, oprright as arg_right_type_id, oprresult as arg_result_type_id, oprcode::oid as main_id, oprcode::varchar as main_name, oprrest::oid, oprjoin::varchar, oprcom::oid, oprcom::regoper::varchar as com_name, oprcanmerge, oprcanhash
from pg_catalog.pg_operator O where oprnamespace = 'public'::regnamespace order by oprname

--- casts [columns]
select C.oid, C.xmin as state_number, C.castsource as castsource_id, quote_ident(SN.nspname) || '.' || quote_ident(S.typname) as castsource_name, C.casttarget as casttarget_id, C.castfunc as castfunc_id, C.castcontext, C.castmethod
from pg_cast C left join pg_type S on C.castsource = S.oid left join pg_namespace SN on S.typnamespace = SN.oid order by C.oid

--- comments of a schema
select D.objoid id, C.relkind::varchar as kind, D.objsubid sub_id, D.description
from pg_catalog.pg_description D join pg_catalog.pg_class C on D.objoid = C.oid
where C.relnamespace = 'public'::regnamespace and C.relkind != 'c' and D.classoid = 'pg_catalog.pg_class'::regclass
union all
select T.oid id, 'T' as kind, D.objsubid sub_id, D.description
from pg_catalog.pg_description D join pg_catalog.pg_type T on T.oid = D.objoid
where T.typnamespace = 'public'::regnamespace and D.classoid = 'pg_catalog.pg_type'::regclass
order by 4

--- privileges [columns]
select T.oid as object_id, T.relacl as acl from pg_catalog.pg_class T where relnamespace = 'public'::regnamespace and relkind in ('r', 'v', 'm', 'S', 'f', 'p') order by object_id

--- privileges of columns
with tables as (select oid from pg_catalog.pg_class where relnamespace = 'public'::regnamespace)
select attrelid, attnum, attacl from pg_catalog.pg_attribute where attacl is not null and attrelid in (select oid from tables)
union distinct
select attrelid, attnum, attacl from pg_catalog.pg_attribute where false

--- time zones
select name, is_dst from pg_catalog.pg_timezone_names where name in ('UTC', 'Europe/Berlin')
union distinct
select abbrev as name, is_dst from pg_catalog.pg_timezone_abbrevs where abbrev = 'CET'
order by 1

--- a comment at the very end
select t.* from public.customers t order by id limit 2 -- the end

--- the first page of the data editor
select t.* from public.orders t order by id limit 501

--- how many rows
select count(*) from (select t.* from public.orders t) as t
