# Not cmocka: the probes die by design, and the table they leave is what is to be read.
add_executable(test_confine test_confine.c)
target_link_libraries(test_confine PRIVATE amid_runner_core)
add_test(NAME test_confine COMMAND test_confine)
set_tests_properties(test_confine PROPERTIES LABELS confinement TIMEOUT 120)
