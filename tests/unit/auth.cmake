amid_unit_test(test_sign_in SOURCES test_sign_in.c LIBS amid_auth)
