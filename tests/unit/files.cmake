amid_unit_test(test_file_path SOURCES test_file_path.c LIBS amid_files)
amid_unit_test(test_files SOURCES test_files.c LIBS amid_files)
