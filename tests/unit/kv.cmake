amid_unit_test(test_kv_key SOURCES test_kv_key.c LIBS amid_common)
