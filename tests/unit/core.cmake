amid_unit_test(test_buffer SOURCES test_buffer.c LIBS amid_common)
amid_unit_test(test_common SOURCES test_common.c LIBS amid_common)
amid_unit_test(test_log SOURCES test_log.c LIBS amid_common)
amid_unit_test(test_loop SOURCES test_loop.c LIBS amid_loop)
amid_unit_test(test_config SOURCES test_config.c LIBS amid_config)
amid_unit_test(test_journal SOURCES test_journal.c LIBS amid_journal)
amid_unit_test(test_privilege SOURCES test_privilege.c LIBS amid_boot)

if(TARGET amid)
  add_test(NAME settings_markdown_is_current
           COMMAND sh -c "\"$1\" --settings-markdown | diff -u \"$2\" -" - $<TARGET_FILE:amid>
                   ${CMAKE_SOURCE_DIR}/docs/settings.md)
  # Writes the document anew: cmake --build build --target settings_markdown
  add_custom_target(settings_markdown COMMAND amid --settings-markdown > ${CMAKE_SOURCE_DIR}/docs/settings.md VERBATIM)
endif()
