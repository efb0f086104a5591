# Not cmocka: the probes die by design, and the table they leave is what is to be read.
add_executable(test_confine test_confine.c)
target_link_libraries(test_confine PRIVATE amid_runner_core)
add_test(NAME test_confine COMMAND test_confine)
set_tests_properties(test_confine PROPERTIES LABELS confinement TIMEOUT 120)

amid_unit_test(test_wire SOURCES test_wire.c LIBS amid_proto)
amid_unit_test(test_channel SOURCES test_channel.c LIBS amid_runner_core)
amid_unit_test(test_text SOURCES test_text.c LIBS amid_runner_core)
amid_unit_test(test_runner SOURCES test_runner.c LIBS amid_runner_client)
add_dependencies(test_runner amid-runner)
amid_unit_test(test_host_bytes SOURCES test_host_bytes.c LIBS amid_runner_core)
amid_unit_test(test_arena SOURCES test_arena.c LIBS amid_runner_core)
