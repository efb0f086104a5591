amid_unit_test(test_wallet SOURCES test_wallet.c LIBS amid_wallet)
