amid_unit_test(test_deadline SOURCES test_deadline.c LIBS amid_cluster)
amid_unit_test(test_member SOURCES test_member.c LIBS amid_cluster)
