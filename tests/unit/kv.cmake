amid_unit_test(test_kv_key SOURCES test_kv_key.c LIBS amid_common)
amid_unit_test(test_store SOURCES test_store.c kv_harness.c LIBS amid_kv)
