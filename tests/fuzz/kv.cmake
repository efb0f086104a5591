amid_fuzz(kv_key LIBS amid_common)
amid_fuzz(worker LIBS amid_registry)
amid_fuzz(worker_edit LIBS amid_registry)
amid_fuzz(permissions LIBS amid_registry)
