amid_fuzz(file_path LIBS amid_files)
