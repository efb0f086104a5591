amid_fuzz(sign_in LIBS amid_auth)
