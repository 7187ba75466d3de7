-- Which rows of PostgreSQL's own catalog are kept: one line per data file, its name and its query.
--
-- Each query has every column of its relation, in order. Names of functions (regproc) become oids. What only makes
-- sense inside the server it came from (parsed expressions, access lists, places in files, statistics) becomes
-- what a fresh catalog would say.
WITH kept(relation, condition, sort) AS (
    VALUES
        ('pg_aggregate', 'true', 'aggfnoid::oid'),
        ('pg_am', 'true', 'oid'),
        ('pg_amop', 'true', 'oid'),
        ('pg_amproc', 'true', 'oid'),
        ('pg_attribute', 'attnum > 0 AND EXISTS (SELECT FROM pg_class c WHERE c.oid = attrelid AND c.relkind IN (''r'', ''v''))',
            'attrelid, attnum'),
        ('pg_cast', 'true', 'oid'),
        ('pg_class', 'relkind IN (''r'', ''v'')', 'oid'),
        -- Those of the machine's locales are not ours to promise.
        ('pg_collation', 'oid < 10000', 'oid'),
        ('pg_conversion', 'true', 'oid'),
        ('pg_language', 'lanname <> ''plpgsql''', 'oid'),
        ('pg_namespace', 'nspname IN (''pg_catalog'', ''information_schema'')', 'oid'),
        ('pg_opclass', 'true', 'oid'),
        ('pg_operator', 'true', 'oid'),
        ('pg_opfamily', 'true', 'oid'),
        ('pg_proc', 'prolang <> (SELECT oid FROM pg_language WHERE lanname = ''plpgsql'')', 'oid'),
        ('pg_range', 'true', 'rngtypid'),
        ('pg_tablespace', 'true', 'oid'),
        ('pg_type', 'typrelid = 0 OR EXISTS (SELECT FROM pg_class c WHERE c.oid = typrelid AND c.relkind IN (''r'', ''v''))',
            'oid')
),
columns AS (
    SELECT kept.*, attnum,
        CASE
            WHEN attname IN ('relpages', 'reltoastrelid', 'relfilenode', 'relfrozenxid', 'relminmxid', 'relallvisible')
                THEN '0'
            WHEN attname = 'reltuples' THEN '-1'
            WHEN attname = 'relhasindex' THEN 'false'
            WHEN atttypid IN ('aclitem[]'::regtype, 'pg_node_tree'::regtype) THEN 'NULL'
            WHEN atttypid = 'regproc'::regtype THEN format('%I::oid', attname)
            ELSE format('%I', attname)
        END AS expression
    FROM kept JOIN pg_attribute ON attrelid = kept.relation::regclass AND attnum > 0
)
SELECT relation,
    format('SELECT %s FROM %I WHERE %s ORDER BY %s', string_agg(expression, ', ' ORDER BY attnum), relation, condition, sort)
FROM columns
GROUP BY relation, condition, sort
UNION ALL
SELECT 'keywords',
    'SELECT word, catcode, barelabel, catdesc, baredesc FROM pg_get_keywords() ORDER BY word COLLATE "C"'
UNION ALL
-- Modes of files are shown in octal, and given in decimal. The last is a distribution's own.
SELECT 'settings',
    'SELECT name, unit, category, short_desc, extra_desc, context, vartype, min_val, max_val, enumvals,'
    || ' CASE WHEN name ~ ''_mode$|_permissions$'' AND vartype = ''integer'' THEN setting'
    || ' WHEN name = ''timezone_abbreviations'' THEN setting ELSE boot_val END'
    || ' FROM pg_show_all_settings() WHERE name <> ''extension_destdir'' ORDER BY lower(name) COLLATE "C"'
UNION ALL
SELECT 'timezone_abbrevs',
    'SELECT abbrev, extract(epoch FROM utc_offset)::int, is_dst FROM pg_timezone_abbrevs ORDER BY abbrev COLLATE "C"'
UNION ALL
-- How a function's arguments and result read. The second is empty where it reads like the first.
SELECT 'function_signatures',
    'SELECT oid, pg_get_function_arguments(oid),'
    || ' nullif(pg_get_function_identity_arguments(oid), pg_get_function_arguments(oid)), pg_get_function_result(oid)'
    || ' FROM pg_proc WHERE prolang <> (SELECT oid FROM pg_language WHERE lanname = ''plpgsql'') ORDER BY oid'
ORDER BY 1;
