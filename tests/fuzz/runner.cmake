amid_fuzz(wire LIBS amid_proto)
amid_fuzz(frame LIBS amid_runner_core)
amid_fuzz(reply LIBS amid_runner_core)
