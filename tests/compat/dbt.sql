-- dbt
-- The cache of relations, the catalog of `docs generate`, and a view model's statements, with the comments that dbt puts in front.

--- schemas
/* {"app": "dbt", "dbt_version": "1.10.0", "profile_name": "lake", "target_name": "dev"} */
select distinct nspname from pg_namespace where nspname in ('public', 'sales') order by 1

--- relations of a schema
/* {"app": "dbt"} */
select 'lake' as database, tablename as name, schemaname as schema, 'table' as type
from pg_tables
where schemaname ilike 'public'
union all
select 'lake' as database, viewname as name, schemaname as schema, 'view' as type
from pg_views
where schemaname ilike 'public'
union all
select 'lake' as database, matviewname as name, schemaname as schema, 'materialized_view' as type
from pg_matviews
where schemaname ilike 'public'
order by 4, 2

--- what views depend on
with relation as (
    select pg_rewrite.ev_class as class, pg_rewrite.oid as id from pg_rewrite
),
class as (
    select oid as id, relname as name, relnamespace as schema, relkind as kind from pg_class
),
dependency as (
    select distinct pg_depend.objid as id, pg_depend.refobjid as ref from pg_depend
),
schema as (
    select pg_namespace.oid as id, pg_namespace.nspname as name from pg_namespace
    where nspname != 'information_schema' and nspname not like 'pg\_%'
),
referenced as (
    select relation.id AS id, referenced_class.name, referenced_class.schema, referenced_class.kind
    from relation join class as referenced_class on relation.class=referenced_class.id
    where referenced_class.kind in ('r', 'v', 'm')
),
relationships as (
    select referenced.name as referenced_name, referenced.schema as referenced_schema_id, dependent_class.name as dependent_name, dependent_class.schema as dependent_schema_id, referenced.kind as kind
    from referenced join dependency on referenced.id=dependency.id join class as dependent_class on dependency.ref=dependent_class.id
    where (referenced.name != dependent_class.name or referenced.schema != dependent_class.schema)
)
select referenced_schema.name as referenced_schema, relationships.referenced_name as referenced_name, dependent_schema.name as dependent_schema, relationships.dependent_name as dependent_name
from relationships join schema as dependent_schema on relationships.dependent_schema_id=dependent_schema.id
join schema as referenced_schema on relationships.referenced_schema_id=referenced_schema.id
group by referenced_schema, referenced_name, dependent_schema, dependent_name
order by referenced_schema, referenced_name, dependent_schema, dependent_name

--- columns of a relation
select column_name, data_type, character_maximum_length, numeric_precision, numeric_scale
from "lake".INFORMATION_SCHEMA.columns
where table_name = 'orders' and table_schema = 'public'
order by ordinal_position

--- the catalog of docs
select
    'lake' as table_database,
    sch.nspname as table_schema,
    tbl.relname as table_name,
    case tbl.relkind when 'v' then 'VIEW' when 'm' then 'MATERIALIZED VIEW' else 'BASE TABLE' end as table_type,
    tbl_desc.description as table_comment,
    col.attname as column_name,
    col.attnum as column_index,
    pg_catalog.format_type(col.atttypid, col.atttypmod) as column_type,
    col_desc.description as column_comment,
    pg_get_userbyid(tbl.relowner) as table_owner
from pg_catalog.pg_namespace sch
join pg_catalog.pg_class tbl on tbl.relnamespace = sch.oid
join pg_catalog.pg_attribute col on col.attrelid = tbl.oid
left outer join pg_catalog.pg_description tbl_desc on (tbl_desc.objoid = tbl.oid and tbl_desc.objsubid = 0)
left outer join pg_catalog.pg_description col_desc on (col_desc.objoid = tbl.oid and col_desc.objsubid = col.attnum)
where (upper(sch.nspname) = upper('public') or upper(sch.nspname) = upper('sales'))
    and not pg_is_other_temp_schema(sch.oid)
    and tbl.relpersistence in ('p', 'u')
    and tbl.relkind in ('r', 'v', 'f', 'p', 'm')
    and col.attnum > 0 and not col.attisdropped
order by sch.nspname, tbl.relname, col.attnum

--- grants
select grantee, privilege_type from "lake".information_schema.role_table_grants
where grantor = current_role and grantee != current_role and table_schema = 'public' and table_name = 'orders'

--- the columns of a model
select * from (select id, amount from "lake"."public"."orders") as __dbt_sbq where false limit 0

--- a test of values that are null
select count(*) as failures, count(*) != 0 as should_warn, count(*) != 0 as should_error from (
select id from "lake"."public"."orders" where id is null
) dbt_internal_test

--- a test of accepted values
with all_values as (
    select country as value_field, count(*) as n_records from "lake"."public"."customers" group by country
)
select * from all_values where value_field not in ('PT','SE','NG','IE') order by 1

--- dollar quotes
select $$it's a model$$ as a, $dbt$a $$ b$dbt$ as b

--- a transaction without rows [simple]
BEGIN

--- and its end [simple]
COMMIT
