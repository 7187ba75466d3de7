-- DBeaver
-- The start of a connection by pgjdbc, the navigator's tree, a table's columns, keys and indexes, all with every column of the catalogs (`c.*`), and
-- the row counts and filters of the data editor.

--- settings
SET extra_float_digits = 3

--- the name of the application
SET application_name = 'DBeaver 25.2.0 - Main <lake>'

--- who and where
SELECT current_schema(), session_user

--- schemas with all columns [columns]
--! status: @functions
SELECT n.oid,n.*,d.description FROM pg_catalog.pg_namespace n
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass
ORDER BY nspname

--- schemas of the lake
SELECT n.nspname, d.description FROM pg_catalog.pg_namespace n
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=n.oid AND d.objsubid=0 AND d.classoid='pg_namespace'::regclass
WHERE n.nspname IN ('public', 'sales') ORDER BY nspname

--- the database with all columns [columns]
SELECT db.oid,db.* FROM pg_catalog.pg_database db WHERE datname='lake'

--- a setting
SELECT name, setting FROM pg_catalog.pg_settings where name='standard_conforming_strings'

--- a setting with all columns [columns]
SELECT * FROM pg_catalog.pg_settings where name='standard_conforming_strings'

--- keywords
SELECT string_agg(word, ',' ORDER BY word) from pg_catalog.pg_get_keywords() where word <> ALL ('{a,abs,absolute,action,ada,add,admin,after,all,allocate,alter,and,any,as,asc}'::text[]) and word < 'd'

--- whether enumerations can be read
SELECT * FROM pg_catalog.pg_enum WHERE 1<>1 LIMIT 1

--- whether classes have row types
SELECT reltype FROM pg_catalog.pg_class WHERE 1<>1 LIMIT 1

--- all types with all columns [columns]
SELECT t.oid,t.*,c.relkind,format_type(nullif(t.typbasetype, 0), t.typtypmod) as base_type_name, d.description
FROM pg_catalog.pg_type t
LEFT OUTER JOIN pg_catalog.pg_type et ON et.oid=t.typelem
LEFT OUTER JOIN pg_catalog.pg_class c ON c.oid=t.typrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON t.oid=d.objoid
WHERE t.typname IS NOT NULL AND (c.relkind IS NULL OR c.relkind = 'c') AND (et.typcategory IS NULL OR et.typcategory <> 'C')

--- base types
SELECT t.oid, t.typname, t.typlen, t.typtype, t.typcategory, t.typdelim, t.typelem, t.typarray, t.typinput, t.typreceive, t.typnotnull, t.typbasetype
FROM pg_catalog.pg_type t WHERE t.typname IN ('bool', 'int2', 'int4', 'int8', 'numeric', 'text', 'varchar', 'bpchar', 'timestamptz', '_text', 'json', 'uuid', 'name', 'oid', 'char') ORDER BY t.oid

--- relations of a schema with all columns [columns]
SELECT c.oid,c.*,d.description,pg_catalog.pg_get_expr(c.relpartbound, c.oid) as partition_expr,  pg_catalog.pg_get_partkeydef(c.oid) as partition_key
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass
WHERE c.relnamespace='public'::regnamespace AND c.relkind not in ('i','I','c')

--- relations of a schema
--! rows: relnatts is not filled
SELECT c.oid, c.relname, c.relnamespace, c.relkind, c.relpersistence, c.relnatts, c.relhasrules, c.relhastriggers, c.relispartition, c.relrowsecurity, d.description
FROM pg_catalog.pg_class c
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_class'::regclass
WHERE c.relnamespace='public'::regnamespace AND c.relkind not in ('i','I','c','t') ORDER BY c.relname

--- sizes [columns]
select c.oid,pg_catalog.pg_total_relation_size(c.oid) as total_rel_size,pg_catalog.pg_relation_size(c.oid) as rel_size
FROM pg_class c WHERE c.relnamespace='public'::regnamespace

--- columns with all columns [columns]
SELECT c.relname,a.*,pg_catalog.pg_get_expr(ad.adbin, ad.adrelid, true) as def_value,dsc.description,dep.objid
FROM pg_catalog.pg_attribute a
INNER JOIN pg_catalog.pg_class c ON (a.attrelid=c.oid)
LEFT OUTER JOIN pg_catalog.pg_attrdef ad ON (a.attrelid=ad.adrelid AND a.attnum = ad.adnum)
LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid)
LEFT OUTER JOIN pg_depend dep on dep.refobjid = a.attrelid AND dep.deptype = 'i' and dep.refobjsubid = a.attnum and dep.classid = dep.refclassid
WHERE NOT a.attisdropped AND c.oid='public.orders'::regclass
ORDER BY a.attnum

--- columns of a table
SELECT c.relname, a.attname, a.atttypid, a.attlen, a.attnum, a.attndims, a.atttypmod, a.attnotnull, a.atthasdef, a.attidentity, a.attgenerated, a.attcollation, dsc.description
FROM pg_catalog.pg_attribute a
INNER JOIN pg_catalog.pg_class c ON (a.attrelid=c.oid)
LEFT OUTER JOIN pg_catalog.pg_description dsc ON (c.oid=dsc.objoid AND a.attnum = dsc.objsubid)
WHERE NOT a.attisdropped AND a.attnum > 0 AND c.oid='public.customers'::regclass
ORDER BY a.attnum

--- a table by its number as int8 [extended]
--$ int8 1259
SELECT c.relname FROM pg_catalog.pg_class c WHERE c.oid=$1

--- constraints with all columns [columns]
SELECT c.oid,c.*,t.relname as tabrelname,rt.relnamespace as refnamespace,d.description, case when c.contype='c' then "substring"(pg_get_constraintdef(c.oid), 7) else null end consrc_copy
FROM pg_catalog.pg_constraint c
INNER JOIN pg_catalog.pg_class t ON t.oid=c.conrelid
LEFT OUTER JOIN pg_catalog.pg_class rt ON rt.oid=c.confrelid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=c.oid AND d.objsubid=0 AND d.classoid='pg_constraint'::regclass
WHERE c.conrelid='public.orders'::regclass
ORDER BY c.oid

--- indexes with all columns [columns]
SELECT i.*,i.indkey as keys,c.relname,c.relnamespace,c.relam,c.reltablespace,tc.relname as tabrelname,dsc.description,pg_catalog.pg_get_expr(i.indpred, i.indrelid) as pred_expr,
pg_catalog.pg_get_expr(i.indexprs, i.indrelid, true) as expr,pg_catalog.pg_relation_size(i.indexrelid) as index_rel_size,pg_catalog.pg_stat_get_numscans(i.indexrelid) as index_num_scans
FROM pg_catalog.pg_index i
INNER JOIN pg_catalog.pg_class c ON c.oid=i.indexrelid
INNER JOIN pg_catalog.pg_class tc ON tc.oid=i.indrelid
LEFT OUTER JOIN pg_catalog.pg_description dsc ON i.indexrelid=dsc.objoid
WHERE i.indrelid='public.orders'::regclass ORDER BY tabrelname, c.relname

--- functions of a schema with all columns [columns]
SELECT p.oid as poid,p.*,pg_catalog.pg_get_expr(p.proargdefaults, 0) as arg_defaults, d.description
FROM pg_catalog.pg_proc p LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=p.oid AND d.objsubid = 0 AND d.classoid='pg_proc'::regclass
WHERE p.pronamespace='public'::regnamespace ORDER BY p.proname

--- parents and children [columns]
SELECT i.*,c.relnamespace FROM pg_catalog.pg_inherits i,pg_catalog.pg_class c WHERE i.inhrelid='public.orders'::regclass AND c.oid=i.inhparent ORDER BY i.inhseqno

--- triggers [columns]
SELECT x.oid,x.*,p.pronamespace as func_schema_id,d.description FROM pg_catalog.pg_trigger x LEFT OUTER JOIN pg_catalog.pg_proc p ON p.oid=x.tgfoid
LEFT OUTER JOIN pg_catalog.pg_description d ON d.objoid=x.oid AND d.objsubid=0 AND d.classoid='pg_trigger'::regclass WHERE x.tgrelid='public.orders'::regclass AND NOT x.tgisinternal

--- row security
SELECT * FROM pg_catalog.pg_policies WHERE schemaname='public'

--- the text of a view
--! rows: @viewdef
SELECT pg_catalog.pg_get_viewdef('public.late_orders'::regclass, true) as definition

--- roles with all columns [columns]
SELECT a.oid,a.*,pd.description FROM pg_catalog.pg_roles a left join pg_catalog.pg_shdescription pd on a.oid = pd.objoid ORDER BY a.rolname

--- tablespaces [columns]
SELECT t.oid,t.*,pg_tablespace_location(t.oid) loc FROM pg_catalog.pg_tablespace t ORDER BY t.oid

--- extensions [columns]
SELECT e.oid,e.*, n.nspname as schema_name FROM pg_catalog.pg_extension e join pg_namespace n on n.oid=e.extnamespace ORDER BY e.oid

--- languages [columns]
SELECT l.oid,l.* FROM pg_catalog.pg_language l ORDER BY l.oid

--- access methods [columns]
SELECT am.oid,am.* FROM pg_catalog.pg_am am ORDER BY am.oid

--- encodings of the database
SELECT pg_catalog.pg_encoding_to_char(encoding) FROM pg_catalog.pg_database WHERE datname = current_database()

--- event triggers [columns]
SELECT oid, * FROM pg_catalog.pg_event_trigger ORDER BY evtname

--- sessions [columns]
SELECT sa.* FROM pg_catalog.pg_stat_activity sa

--- locks [columns]
SELECT l.* FROM pg_catalog.pg_locks l

--- the first rows of a table
SELECT t.* FROM public.orders t ORDER BY t.id LIMIT 200

--- how many rows a query has
SELECT count(*) FROM (
SELECT * FROM public.orders WHERE amount > 5
) dbvrcnt

--- a filter from the data editor
SELECT * FROM (SELECT * FROM public.customers) AS "DBVR_filter" WHERE country ILIKE '%p%' ORDER BY id DESC

--- the plan of a query [columns, simple]
--! status: a plan is written as text or JSON only
EXPLAIN (FORMAT XML) SELECT 1
