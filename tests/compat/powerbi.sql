-- Power BI and Excel: the navigator and folded queries
-- What Power Query sends through Npgsql: information_schema in upper case without quotes for tables, columns, keys and relations, then queries that it folded,
-- with "$Table", "_" and "rows" as aliases and a limit of one row more than a million.

--- tables and views of the navigator
select TABLE_SCHEMA, TABLE_NAME, TABLE_TYPE
from INFORMATION_SCHEMA.TABLES
where TABLE_SCHEMA not in ('information_schema', 'pg_catalog')
order by TABLE_SCHEMA, TABLE_NAME

--- columns of a table
--! types: @types
select COLUMN_NAME, ORDINAL_POSITION, IS_NULLABLE, case when (data_type like '%unsigned%') then DATA_TYPE || ' unsigned' else DATA_TYPE end as DATA_TYPE
from INFORMATION_SCHEMA.COLUMNS
where TABLE_SCHEMA = 'public' and TABLE_NAME = 'kinds'
order by TABLE_SCHEMA, TABLE_NAME, ORDINAL_POSITION

--- relations to a table
select
    pkcol.COLUMN_NAME as PK_COLUMN_NAME,
    fkcol.TABLE_SCHEMA AS FK_TABLE_SCHEMA,
    fkcol.TABLE_NAME AS FK_TABLE_NAME,
    fkcol.COLUMN_NAME as FK_COLUMN_NAME,
    fkcol.ORDINAL_POSITION as ORDINAL,
    fkcon.CONSTRAINT_SCHEMA || '_' || fkcol.TABLE_NAME || '_' || 'orders' || '_' || fkcon.CONSTRAINT_NAME as FK_NAME
from
    (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name
        from INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS) fkcon
        inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE fkcol
        on fkcon.CONSTRAINT_SCHEMA = fkcol.CONSTRAINT_SCHEMA and fkcon.CONSTRAINT_NAME = fkcol.CONSTRAINT_NAME
        inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE pkcol
        on fkcon.UNIQUE_CONSTRAINT_SCHEMA = pkcol.CONSTRAINT_SCHEMA and fkcon.UNIQUE_CONSTRAINT_NAME = pkcol.CONSTRAINT_NAME
where pkcol.TABLE_SCHEMA = 'public' and pkcol.TABLE_NAME = 'orders'
    and pkcol.ORDINAL_POSITION = fkcol.ORDINAL_POSITION
order by FK_NAME, fkcol.ORDINAL_POSITION

--- relations from a table
select
    pkcol.TABLE_SCHEMA AS PK_TABLE_SCHEMA, pkcol.TABLE_NAME AS PK_TABLE_NAME, pkcol.COLUMN_NAME as PK_COLUMN_NAME,
    fkcol.COLUMN_NAME as FK_COLUMN_NAME, fkcol.ORDINAL_POSITION as ORDINAL,
    fkcon.CONSTRAINT_SCHEMA || '_' || 'orders' || '_' || pkcol.TABLE_NAME || '_' || fkcon.CONSTRAINT_NAME as FK_NAME
from
    (select distinct constraint_catalog, constraint_schema, unique_constraint_schema, constraint_name, unique_constraint_name
        from INFORMATION_SCHEMA.REFERENTIAL_CONSTRAINTS) fkcon
        inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE fkcol
        on fkcon.CONSTRAINT_SCHEMA = fkcol.CONSTRAINT_SCHEMA and fkcon.CONSTRAINT_NAME = fkcol.CONSTRAINT_NAME
        inner join INFORMATION_SCHEMA.KEY_COLUMN_USAGE pkcol
        on fkcon.UNIQUE_CONSTRAINT_SCHEMA = pkcol.CONSTRAINT_SCHEMA and fkcon.UNIQUE_CONSTRAINT_NAME = pkcol.CONSTRAINT_NAME
where fkcol.TABLE_SCHEMA = 'public' and fkcol.TABLE_NAME = 'orders'
    and pkcol.ORDINAL_POSITION = fkcol.ORDINAL_POSITION
order by FK_NAME, fkcol.ORDINAL_POSITION

--- keys of a table
select i.CONSTRAINT_SCHEMA || '_' || i.CONSTRAINT_NAME as INDEX_NAME, ii.COLUMN_NAME, ii.ORDINAL_POSITION,
    case when i.CONSTRAINT_TYPE = 'PRIMARY KEY' then 'Y' else 'N' end as PRIMARY_KEY
from INFORMATION_SCHEMA.table_constraints i inner join INFORMATION_SCHEMA.key_column_usage ii
    on i.CONSTRAINT_SCHEMA = ii.CONSTRAINT_SCHEMA and i.CONSTRAINT_NAME = ii.CONSTRAINT_NAME
    and i.TABLE_SCHEMA = ii.TABLE_SCHEMA and i.TABLE_NAME = ii.TABLE_NAME
where i.TABLE_SCHEMA = 'public' and i.TABLE_NAME = 'customers'
    and i.CONSTRAINT_TYPE in ('PRIMARY KEY', 'UNIQUE')
order by i.CONSTRAINT_SCHEMA || '_' || i.CONSTRAINT_NAME, ii.TABLE_SCHEMA, ii.TABLE_NAME, ii.ORDINAL_POSITION

--- the encoding
select character_set_name from INFORMATION_SCHEMA.character_sets

--- a preview
select "$Table"."id" as "id",
    "$Table"."customer_id" as "customer_id",
    "$Table"."ordered_at" as "ordered_at",
    "$Table"."amount" as "amount"
from "public"."orders" "$Table"
order by "$Table"."id"
limit 1000

--- a grouped and filtered query
select "rows"."country" as "country", sum("rows"."amount") as "a0", count("rows"."id") as "a1"
from
(
    select "$Outer"."id", "$Outer"."amount", "$Inner"."country"
    from "public"."orders" as "$Outer"
    left outer join (select "_"."id" as "id2", "_"."country" as "country" from "public"."customers" "_") as "$Inner"
    on ("$Outer"."customer_id" = "$Inner"."id2")
) "rows"
group by "country"
order by "country"
limit 1000001

--- a slicer
select "_"."country" from (select "country" from "public"."customers" "$Table" group by "country") "_"
where not "_"."country" is null order by "_"."country" limit 1001

--- literals with 17 digits
select "_"."id", "_"."f8" from "public"."kinds" "_" where "_"."f8" = 1.3599999999999999 or ("_"."f8" >= 0.10000000000000001 and "_"."f8" < 1.0000000000000001)
order by 1

--- dates of spreadsheets
select "_"."id" as "id"
from "public"."orders" "_"
where "_"."ordered_at" >= timestamp '1899-12-28 00:00:00' and "_"."ordered_at" < timestamp '2024-02-01 00:00:00'
order by "_"."id"

--- casts that folding makes
select cast("_"."amount" as double precision) as "c0", cast("_"."id" as varchar) as "c1", cast("_"."ordered_at" as date) as "c2", cast("_"."quantity" as decimal) as "c3"
from "public"."orders" "_" order by "_"."id"

--- a text filter that folding makes
select "_"."id" from "public"."orders" "_" where "_"."note" like '%sure%' escape '!' or upper("_"."note") = upper('GIFT') or "_"."note" like '100!%%' escape '!'
order by 1

--- null or empty
select count(*) as "n" from "public"."kinds" "_" where ("_"."t" is null or "_"."t" = '') and not ("_"."id" is null)

--- the month of a date
select date_part('year', "_"."ordered_at") as "y", date_part('month', "_"."ordered_at") as "m", count(1) as "n"
from "public"."orders" "_" group by 1, 2 order by 1, 2

--- a join on equal or both null
select "$Outer"."id", "$Inner"."name" from "public"."orders" as "$Outer"
left outer join "public"."customers" as "$Inner"
on ("$Outer"."customer_id" = "$Inner"."id" or "$Outer"."customer_id" is null and "$Inner"."id" is null)
order by 1, 2

--- a name with the database in front
select "_"."id" from "lake"."public"."orders" "_" order by 1 limit 2

--- DISCARD ALL between two uses
DISCARD ALL

--- DirectQuery's sum
select sum("a0") as "a0", "c3" from (
select "t1"."country" as "c3", "t0"."amount" as "a0"
from ((select "_"."customer_id", "_"."amount" from "public"."orders" "_")) "t0"
left outer join ((select "_"."id", "_"."country" from "public"."customers" "_")) "t1" on ("t0"."customer_id" = "t1"."id")
) "basetable0" group by "c3" order by 2 limit 1000001
