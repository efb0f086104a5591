amid_unit_test(test_modules SOURCES test_modules.c LIBS amid_modules PkgConfig::SODIUM)
