if(AMID_WITH_ETCD)
  amid_fuzz(etcd_answer LIBS amid_etcd)
endif()
