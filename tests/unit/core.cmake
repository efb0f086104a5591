amid_unit_test(test_buffer SOURCES test_buffer.c LIBS amid_common)
amid_unit_test(test_common SOURCES test_common.c LIBS amid_common)
amid_unit_test(test_log SOURCES test_log.c LIBS amid_common)
amid_unit_test(test_loop SOURCES test_loop.c LIBS amid_loop)
amid_unit_test(test_config SOURCES test_config.c LIBS amid_config)
amid_unit_test(test_journal SOURCES test_journal.c LIBS amid_journal)
amid_unit_test(test_debug SOURCES test_debug.c LIBS amid_boot)
amid_unit_test(test_notify SOURCES test_notify.c LIBS amid_boot)
amid_unit_test(test_privilege SOURCES test_privilege.c LIBS amid_boot)

# Writes the documents that the table of settings generates anew; scripts/check-docs compares them.
if(TARGET amid)
  add_custom_target(settings_docs
    COMMAND amid --settings-markdown > ${CMAKE_SOURCE_DIR}/docs/settings.md
    COMMAND amid --settings-man > ${CMAKE_SOURCE_DIR}/docs/man/amid.conf.5
    VERBATIM)
endif()
amid_unit_test(test_audit SOURCES test_audit.c kv_harness.c LIBS amid_journal)
amid_unit_test(test_secrets SOURCES test_secrets.c kv_harness.c LIBS amid_auth amid_kv)
