amid_unit_test(test_sign_in SOURCES test_sign_in.c LIBS amid_auth)
if(AMID_TEST_HOOKS)
  amid_unit_test(test_roster SOURCES test_roster.c kv_harness.c LIBS amid_auth amid_kv)
endif()
