amid_fuzz(runner_frames LIBS amid_lifecycle)
amid_fuzz(worker_memory LIBS amid_lifecycle)
