if(AMID_WITH_ETCD)
  amid_unit_test(test_etcd_space SOURCES test_etcd_space.c etcd_fixture.c kv_harness.c LIBS amid_kv)
endif()
