amid_fuzz(package LIBS amid_modules)
amid_fuzz(tar LIBS amid_pack)
