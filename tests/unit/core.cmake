amid_unit_test(test_buffer SOURCES test_buffer.c LIBS amid_common)
amid_unit_test(test_common SOURCES test_common.c LIBS amid_common)
amid_unit_test(test_log SOURCES test_log.c LIBS amid_common)
amid_unit_test(test_loop SOURCES test_loop.c LIBS amid_loop)
amid_unit_test(test_config SOURCES test_config.c LIBS amid_config)
amid_unit_test(test_journal SOURCES test_journal.c LIBS amid_journal)
amid_unit_test(test_debug SOURCES test_debug.c LIBS amid_boot)
amid_unit_test(test_privilege SOURCES test_privilege.c LIBS amid_boot)

# The documents that the table of settings generates must say what it says. To write them anew:
# cmake --build build --target settings_docs
if(TARGET amid)
  set(settings_markdown ${CMAKE_SOURCE_DIR}/docs/settings.md)
  set(settings_man ${CMAKE_SOURCE_DIR}/docs/man/amid.conf.5)
  foreach(form markdown man)
    add_test(NAME settings_${form}_is_current
             COMMAND sh -c "\"$1\" \"$2\" | diff -u \"$3\" -" - $<TARGET_FILE:amid> --settings-${form}
                     ${settings_${form}})
  endforeach()
  add_custom_target(settings_docs
    COMMAND amid --settings-markdown > ${settings_markdown}
    COMMAND amid --settings-man > ${settings_man}
    VERBATIM)
endif()
