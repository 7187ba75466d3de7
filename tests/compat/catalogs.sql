-- Relations of the catalogs
-- Every relation of pg_catalog and information_schema with all columns of PostgreSQL 15, their names, types and modifiers; drivers read `c.*`, and binary clients decode by type.

--- information_schema._pg_foreign_data_wrappers
SELECT * FROM information_schema._pg_foreign_data_wrappers WHERE false

--- information_schema._pg_foreign_servers
SELECT * FROM information_schema._pg_foreign_servers WHERE false

--- information_schema._pg_foreign_table_columns
SELECT * FROM information_schema._pg_foreign_table_columns WHERE false

--- information_schema._pg_foreign_tables
SELECT * FROM information_schema._pg_foreign_tables WHERE false

--- information_schema._pg_user_mappings
SELECT * FROM information_schema._pg_user_mappings WHERE false

--- information_schema.administrable_role_authorizations
SELECT * FROM information_schema.administrable_role_authorizations WHERE false

--- information_schema.applicable_roles
SELECT * FROM information_schema.applicable_roles WHERE false

--- information_schema.attributes
SELECT * FROM information_schema.attributes WHERE false

--- information_schema.character_sets
SELECT * FROM information_schema.character_sets WHERE false

--- information_schema.check_constraint_routine_usage
SELECT * FROM information_schema.check_constraint_routine_usage WHERE false

--- information_schema.check_constraints
SELECT * FROM information_schema.check_constraints WHERE false

--- information_schema.collation_character_set_applicability
SELECT * FROM information_schema.collation_character_set_applicability WHERE false

--- information_schema.collations
SELECT * FROM information_schema.collations WHERE false

--- information_schema.column_column_usage
SELECT * FROM information_schema.column_column_usage WHERE false

--- information_schema.column_domain_usage
SELECT * FROM information_schema.column_domain_usage WHERE false

--- information_schema.column_options
SELECT * FROM information_schema.column_options WHERE false

--- information_schema.column_privileges
SELECT * FROM information_schema.column_privileges WHERE false

--- information_schema.column_udt_usage
SELECT * FROM information_schema.column_udt_usage WHERE false

--- information_schema.columns
SELECT * FROM information_schema.columns WHERE false

--- information_schema.constraint_column_usage
SELECT * FROM information_schema.constraint_column_usage WHERE false

--- information_schema.constraint_table_usage
SELECT * FROM information_schema.constraint_table_usage WHERE false

--- information_schema.data_type_privileges
SELECT * FROM information_schema.data_type_privileges WHERE false

--- information_schema.domain_constraints
SELECT * FROM information_schema.domain_constraints WHERE false

--- information_schema.domain_udt_usage
SELECT * FROM information_schema.domain_udt_usage WHERE false

--- information_schema.domains
SELECT * FROM information_schema.domains WHERE false

--- information_schema.element_types
SELECT * FROM information_schema.element_types WHERE false

--- information_schema.enabled_roles
SELECT * FROM information_schema.enabled_roles WHERE false

--- information_schema.foreign_data_wrapper_options
SELECT * FROM information_schema.foreign_data_wrapper_options WHERE false

--- information_schema.foreign_data_wrappers
SELECT * FROM information_schema.foreign_data_wrappers WHERE false

--- information_schema.foreign_server_options
SELECT * FROM information_schema.foreign_server_options WHERE false

--- information_schema.foreign_servers
SELECT * FROM information_schema.foreign_servers WHERE false

--- information_schema.foreign_table_options
SELECT * FROM information_schema.foreign_table_options WHERE false

--- information_schema.foreign_tables
SELECT * FROM information_schema.foreign_tables WHERE false

--- information_schema.information_schema_catalog_name
SELECT * FROM information_schema.information_schema_catalog_name WHERE false

--- information_schema.key_column_usage
SELECT * FROM information_schema.key_column_usage WHERE false

--- information_schema.parameters
SELECT * FROM information_schema.parameters WHERE false

--- information_schema.referential_constraints
SELECT * FROM information_schema.referential_constraints WHERE false

--- information_schema.role_column_grants
SELECT * FROM information_schema.role_column_grants WHERE false

--- information_schema.role_routine_grants
SELECT * FROM information_schema.role_routine_grants WHERE false

--- information_schema.role_table_grants
SELECT * FROM information_schema.role_table_grants WHERE false

--- information_schema.role_udt_grants
SELECT * FROM information_schema.role_udt_grants WHERE false

--- information_schema.role_usage_grants
SELECT * FROM information_schema.role_usage_grants WHERE false

--- information_schema.routine_column_usage
SELECT * FROM information_schema.routine_column_usage WHERE false

--- information_schema.routine_privileges
SELECT * FROM information_schema.routine_privileges WHERE false

--- information_schema.routine_routine_usage
SELECT * FROM information_schema.routine_routine_usage WHERE false

--- information_schema.routine_sequence_usage
SELECT * FROM information_schema.routine_sequence_usage WHERE false

--- information_schema.routine_table_usage
SELECT * FROM information_schema.routine_table_usage WHERE false

--- information_schema.routines
SELECT * FROM information_schema.routines WHERE false

--- information_schema.schemata
SELECT * FROM information_schema.schemata WHERE false

--- information_schema.sequences
SELECT * FROM information_schema.sequences WHERE false

--- information_schema.sql_features
SELECT * FROM information_schema.sql_features WHERE false

--- information_schema.sql_implementation_info
SELECT * FROM information_schema.sql_implementation_info WHERE false

--- information_schema.sql_parts
SELECT * FROM information_schema.sql_parts WHERE false

--- information_schema.sql_sizing
SELECT * FROM information_schema.sql_sizing WHERE false

--- information_schema.table_constraints
SELECT * FROM information_schema.table_constraints WHERE false

--- information_schema.table_privileges
SELECT * FROM information_schema.table_privileges WHERE false

--- information_schema.tables
SELECT * FROM information_schema.tables WHERE false

--- information_schema.transforms
SELECT * FROM information_schema.transforms WHERE false

--- information_schema.triggered_update_columns
SELECT * FROM information_schema.triggered_update_columns WHERE false

--- information_schema.triggers
SELECT * FROM information_schema.triggers WHERE false

--- information_schema.udt_privileges
SELECT * FROM information_schema.udt_privileges WHERE false

--- information_schema.usage_privileges
SELECT * FROM information_schema.usage_privileges WHERE false

--- information_schema.user_defined_types
SELECT * FROM information_schema.user_defined_types WHERE false

--- information_schema.user_mapping_options
SELECT * FROM information_schema.user_mapping_options WHERE false

--- information_schema.user_mappings
SELECT * FROM information_schema.user_mappings WHERE false

--- information_schema.view_column_usage
SELECT * FROM information_schema.view_column_usage WHERE false

--- information_schema.view_routine_usage
SELECT * FROM information_schema.view_routine_usage WHERE false

--- information_schema.view_table_usage
SELECT * FROM information_schema.view_table_usage WHERE false

--- information_schema.views
SELECT * FROM information_schema.views WHERE false

--- pg_catalog.pg_aggregate
SELECT * FROM pg_catalog.pg_aggregate WHERE false

--- pg_catalog.pg_am
SELECT * FROM pg_catalog.pg_am WHERE false

--- pg_catalog.pg_amop
SELECT * FROM pg_catalog.pg_amop WHERE false

--- pg_catalog.pg_amproc
SELECT * FROM pg_catalog.pg_amproc WHERE false

--- pg_catalog.pg_attrdef
SELECT * FROM pg_catalog.pg_attrdef WHERE false

--- pg_catalog.pg_attribute
SELECT * FROM pg_catalog.pg_attribute WHERE false

--- pg_catalog.pg_auth_members
SELECT * FROM pg_catalog.pg_auth_members WHERE false

--- pg_catalog.pg_authid
SELECT * FROM pg_catalog.pg_authid WHERE false

--- pg_catalog.pg_available_extension_versions
SELECT * FROM pg_catalog.pg_available_extension_versions WHERE false

--- pg_catalog.pg_available_extensions
SELECT * FROM pg_catalog.pg_available_extensions WHERE false

--- pg_catalog.pg_backend_memory_contexts
SELECT * FROM pg_catalog.pg_backend_memory_contexts WHERE false

--- pg_catalog.pg_cast
SELECT * FROM pg_catalog.pg_cast WHERE false

--- pg_catalog.pg_class
SELECT * FROM pg_catalog.pg_class WHERE false

--- pg_catalog.pg_collation
SELECT * FROM pg_catalog.pg_collation WHERE false

--- pg_catalog.pg_config
SELECT * FROM pg_catalog.pg_config WHERE false

--- pg_catalog.pg_constraint
SELECT * FROM pg_catalog.pg_constraint WHERE false

--- pg_catalog.pg_conversion
SELECT * FROM pg_catalog.pg_conversion WHERE false

--- pg_catalog.pg_cursors
SELECT * FROM pg_catalog.pg_cursors WHERE false

--- pg_catalog.pg_database
SELECT * FROM pg_catalog.pg_database WHERE false

--- pg_catalog.pg_db_role_setting
SELECT * FROM pg_catalog.pg_db_role_setting WHERE false

--- pg_catalog.pg_default_acl
SELECT * FROM pg_catalog.pg_default_acl WHERE false

--- pg_catalog.pg_depend
SELECT * FROM pg_catalog.pg_depend WHERE false

--- pg_catalog.pg_description
SELECT * FROM pg_catalog.pg_description WHERE false

--- pg_catalog.pg_enum
SELECT * FROM pg_catalog.pg_enum WHERE false

--- pg_catalog.pg_event_trigger
SELECT * FROM pg_catalog.pg_event_trigger WHERE false

--- pg_catalog.pg_extension
SELECT * FROM pg_catalog.pg_extension WHERE false

--- pg_catalog.pg_file_settings
SELECT * FROM pg_catalog.pg_file_settings WHERE false

--- pg_catalog.pg_foreign_data_wrapper
SELECT * FROM pg_catalog.pg_foreign_data_wrapper WHERE false

--- pg_catalog.pg_foreign_server
SELECT * FROM pg_catalog.pg_foreign_server WHERE false

--- pg_catalog.pg_foreign_table
SELECT * FROM pg_catalog.pg_foreign_table WHERE false

--- pg_catalog.pg_group
SELECT * FROM pg_catalog.pg_group WHERE false

--- pg_catalog.pg_hba_file_rules
SELECT * FROM pg_catalog.pg_hba_file_rules WHERE false

--- pg_catalog.pg_ident_file_mappings
SELECT * FROM pg_catalog.pg_ident_file_mappings WHERE false

--- pg_catalog.pg_index
SELECT * FROM pg_catalog.pg_index WHERE false

--- pg_catalog.pg_indexes
SELECT * FROM pg_catalog.pg_indexes WHERE false

--- pg_catalog.pg_inherits
SELECT * FROM pg_catalog.pg_inherits WHERE false

--- pg_catalog.pg_init_privs
SELECT * FROM pg_catalog.pg_init_privs WHERE false

--- pg_catalog.pg_language
SELECT * FROM pg_catalog.pg_language WHERE false

--- pg_catalog.pg_largeobject
SELECT * FROM pg_catalog.pg_largeobject WHERE false

--- pg_catalog.pg_largeobject_metadata
SELECT * FROM pg_catalog.pg_largeobject_metadata WHERE false

--- pg_catalog.pg_locks
SELECT * FROM pg_catalog.pg_locks WHERE false

--- pg_catalog.pg_matviews
SELECT * FROM pg_catalog.pg_matviews WHERE false

--- pg_catalog.pg_namespace
SELECT * FROM pg_catalog.pg_namespace WHERE false

--- pg_catalog.pg_opclass
SELECT * FROM pg_catalog.pg_opclass WHERE false

--- pg_catalog.pg_operator
SELECT * FROM pg_catalog.pg_operator WHERE false

--- pg_catalog.pg_opfamily
SELECT * FROM pg_catalog.pg_opfamily WHERE false

--- pg_catalog.pg_parameter_acl
SELECT * FROM pg_catalog.pg_parameter_acl WHERE false

--- pg_catalog.pg_partitioned_table
SELECT * FROM pg_catalog.pg_partitioned_table WHERE false

--- pg_catalog.pg_policies
SELECT * FROM pg_catalog.pg_policies WHERE false

--- pg_catalog.pg_policy
SELECT * FROM pg_catalog.pg_policy WHERE false

--- pg_catalog.pg_prepared_statements
SELECT * FROM pg_catalog.pg_prepared_statements WHERE false

--- pg_catalog.pg_prepared_xacts
SELECT * FROM pg_catalog.pg_prepared_xacts WHERE false

--- pg_catalog.pg_proc
SELECT * FROM pg_catalog.pg_proc WHERE false

--- pg_catalog.pg_publication
SELECT * FROM pg_catalog.pg_publication WHERE false

--- pg_catalog.pg_publication_namespace
SELECT * FROM pg_catalog.pg_publication_namespace WHERE false

--- pg_catalog.pg_publication_rel
SELECT * FROM pg_catalog.pg_publication_rel WHERE false

--- pg_catalog.pg_publication_tables
SELECT * FROM pg_catalog.pg_publication_tables WHERE false

--- pg_catalog.pg_range
SELECT * FROM pg_catalog.pg_range WHERE false

--- pg_catalog.pg_replication_origin
SELECT * FROM pg_catalog.pg_replication_origin WHERE false

--- pg_catalog.pg_replication_origin_status
SELECT * FROM pg_catalog.pg_replication_origin_status WHERE false

--- pg_catalog.pg_replication_slots
SELECT * FROM pg_catalog.pg_replication_slots WHERE false

--- pg_catalog.pg_rewrite
SELECT * FROM pg_catalog.pg_rewrite WHERE false

--- pg_catalog.pg_roles
SELECT * FROM pg_catalog.pg_roles WHERE false

--- pg_catalog.pg_rules
SELECT * FROM pg_catalog.pg_rules WHERE false

--- pg_catalog.pg_seclabel
SELECT * FROM pg_catalog.pg_seclabel WHERE false

--- pg_catalog.pg_seclabels
SELECT * FROM pg_catalog.pg_seclabels WHERE false

--- pg_catalog.pg_sequence
SELECT * FROM pg_catalog.pg_sequence WHERE false

--- pg_catalog.pg_sequences
SELECT * FROM pg_catalog.pg_sequences WHERE false

--- pg_catalog.pg_settings
SELECT * FROM pg_catalog.pg_settings WHERE false

--- pg_catalog.pg_shadow
SELECT * FROM pg_catalog.pg_shadow WHERE false

--- pg_catalog.pg_shdepend
SELECT * FROM pg_catalog.pg_shdepend WHERE false

--- pg_catalog.pg_shdescription
SELECT * FROM pg_catalog.pg_shdescription WHERE false

--- pg_catalog.pg_shmem_allocations
SELECT * FROM pg_catalog.pg_shmem_allocations WHERE false

--- pg_catalog.pg_shseclabel
SELECT * FROM pg_catalog.pg_shseclabel WHERE false

--- pg_catalog.pg_stat_activity
SELECT * FROM pg_catalog.pg_stat_activity WHERE false

--- pg_catalog.pg_stat_all_indexes
SELECT * FROM pg_catalog.pg_stat_all_indexes WHERE false

--- pg_catalog.pg_stat_all_tables
SELECT * FROM pg_catalog.pg_stat_all_tables WHERE false

--- pg_catalog.pg_stat_archiver
SELECT * FROM pg_catalog.pg_stat_archiver WHERE false

--- pg_catalog.pg_stat_bgwriter
SELECT * FROM pg_catalog.pg_stat_bgwriter WHERE false

--- pg_catalog.pg_stat_database
SELECT * FROM pg_catalog.pg_stat_database WHERE false

--- pg_catalog.pg_stat_database_conflicts
SELECT * FROM pg_catalog.pg_stat_database_conflicts WHERE false

--- pg_catalog.pg_stat_gssapi
SELECT * FROM pg_catalog.pg_stat_gssapi WHERE false

--- pg_catalog.pg_stat_progress_analyze
SELECT * FROM pg_catalog.pg_stat_progress_analyze WHERE false

--- pg_catalog.pg_stat_progress_basebackup
SELECT * FROM pg_catalog.pg_stat_progress_basebackup WHERE false

--- pg_catalog.pg_stat_progress_cluster
SELECT * FROM pg_catalog.pg_stat_progress_cluster WHERE false

--- pg_catalog.pg_stat_progress_copy
SELECT * FROM pg_catalog.pg_stat_progress_copy WHERE false

--- pg_catalog.pg_stat_progress_create_index
SELECT * FROM pg_catalog.pg_stat_progress_create_index WHERE false

--- pg_catalog.pg_stat_progress_vacuum
SELECT * FROM pg_catalog.pg_stat_progress_vacuum WHERE false

--- pg_catalog.pg_stat_recovery_prefetch
SELECT * FROM pg_catalog.pg_stat_recovery_prefetch WHERE false

--- pg_catalog.pg_stat_replication
SELECT * FROM pg_catalog.pg_stat_replication WHERE false

--- pg_catalog.pg_stat_replication_slots
SELECT * FROM pg_catalog.pg_stat_replication_slots WHERE false

--- pg_catalog.pg_stat_slru
SELECT * FROM pg_catalog.pg_stat_slru WHERE false

--- pg_catalog.pg_stat_ssl
SELECT * FROM pg_catalog.pg_stat_ssl WHERE false

--- pg_catalog.pg_stat_subscription
SELECT * FROM pg_catalog.pg_stat_subscription WHERE false

--- pg_catalog.pg_stat_subscription_stats
SELECT * FROM pg_catalog.pg_stat_subscription_stats WHERE false

--- pg_catalog.pg_stat_sys_indexes
SELECT * FROM pg_catalog.pg_stat_sys_indexes WHERE false

--- pg_catalog.pg_stat_sys_tables
SELECT * FROM pg_catalog.pg_stat_sys_tables WHERE false

--- pg_catalog.pg_stat_user_functions
SELECT * FROM pg_catalog.pg_stat_user_functions WHERE false

--- pg_catalog.pg_stat_user_indexes
SELECT * FROM pg_catalog.pg_stat_user_indexes WHERE false

--- pg_catalog.pg_stat_user_tables
SELECT * FROM pg_catalog.pg_stat_user_tables WHERE false

--- pg_catalog.pg_stat_wal
SELECT * FROM pg_catalog.pg_stat_wal WHERE false

--- pg_catalog.pg_stat_wal_receiver
SELECT * FROM pg_catalog.pg_stat_wal_receiver WHERE false

--- pg_catalog.pg_stat_xact_all_tables
SELECT * FROM pg_catalog.pg_stat_xact_all_tables WHERE false

--- pg_catalog.pg_stat_xact_sys_tables
SELECT * FROM pg_catalog.pg_stat_xact_sys_tables WHERE false

--- pg_catalog.pg_stat_xact_user_functions
SELECT * FROM pg_catalog.pg_stat_xact_user_functions WHERE false

--- pg_catalog.pg_stat_xact_user_tables
SELECT * FROM pg_catalog.pg_stat_xact_user_tables WHERE false

--- pg_catalog.pg_statio_all_indexes
SELECT * FROM pg_catalog.pg_statio_all_indexes WHERE false

--- pg_catalog.pg_statio_all_sequences
SELECT * FROM pg_catalog.pg_statio_all_sequences WHERE false

--- pg_catalog.pg_statio_all_tables
SELECT * FROM pg_catalog.pg_statio_all_tables WHERE false

--- pg_catalog.pg_statio_sys_indexes
SELECT * FROM pg_catalog.pg_statio_sys_indexes WHERE false

--- pg_catalog.pg_statio_sys_sequences
SELECT * FROM pg_catalog.pg_statio_sys_sequences WHERE false

--- pg_catalog.pg_statio_sys_tables
SELECT * FROM pg_catalog.pg_statio_sys_tables WHERE false

--- pg_catalog.pg_statio_user_indexes
SELECT * FROM pg_catalog.pg_statio_user_indexes WHERE false

--- pg_catalog.pg_statio_user_sequences
SELECT * FROM pg_catalog.pg_statio_user_sequences WHERE false

--- pg_catalog.pg_statio_user_tables
SELECT * FROM pg_catalog.pg_statio_user_tables WHERE false

--- pg_catalog.pg_statistic
SELECT * FROM pg_catalog.pg_statistic WHERE false

--- pg_catalog.pg_statistic_ext
SELECT * FROM pg_catalog.pg_statistic_ext WHERE false

--- pg_catalog.pg_statistic_ext_data
--! types: @types
SELECT * FROM pg_catalog.pg_statistic_ext_data WHERE false

--- pg_catalog.pg_stats
SELECT * FROM pg_catalog.pg_stats WHERE false

--- pg_catalog.pg_stats_ext
SELECT * FROM pg_catalog.pg_stats_ext WHERE false

--- pg_catalog.pg_stats_ext_exprs
SELECT * FROM pg_catalog.pg_stats_ext_exprs WHERE false

--- pg_catalog.pg_subscription
SELECT * FROM pg_catalog.pg_subscription WHERE false

--- pg_catalog.pg_subscription_rel
SELECT * FROM pg_catalog.pg_subscription_rel WHERE false

--- pg_catalog.pg_tables
SELECT * FROM pg_catalog.pg_tables WHERE false

--- pg_catalog.pg_tablespace
SELECT * FROM pg_catalog.pg_tablespace WHERE false

--- pg_catalog.pg_timezone_abbrevs
SELECT * FROM pg_catalog.pg_timezone_abbrevs WHERE false

--- pg_catalog.pg_timezone_names
SELECT * FROM pg_catalog.pg_timezone_names WHERE false

--- pg_catalog.pg_transform
SELECT * FROM pg_catalog.pg_transform WHERE false

--- pg_catalog.pg_trigger
SELECT * FROM pg_catalog.pg_trigger WHERE false

--- pg_catalog.pg_ts_config
SELECT * FROM pg_catalog.pg_ts_config WHERE false

--- pg_catalog.pg_ts_config_map
SELECT * FROM pg_catalog.pg_ts_config_map WHERE false

--- pg_catalog.pg_ts_dict
SELECT * FROM pg_catalog.pg_ts_dict WHERE false

--- pg_catalog.pg_ts_parser
SELECT * FROM pg_catalog.pg_ts_parser WHERE false

--- pg_catalog.pg_ts_template
SELECT * FROM pg_catalog.pg_ts_template WHERE false

--- pg_catalog.pg_type
SELECT * FROM pg_catalog.pg_type WHERE false

--- pg_catalog.pg_user
SELECT * FROM pg_catalog.pg_user WHERE false

--- pg_catalog.pg_user_mapping
SELECT * FROM pg_catalog.pg_user_mapping WHERE false

--- pg_catalog.pg_user_mappings
SELECT * FROM pg_catalog.pg_user_mappings WHERE false

--- pg_catalog.pg_views
SELECT * FROM pg_catalog.pg_views WHERE false

