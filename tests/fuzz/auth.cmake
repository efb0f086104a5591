amid_fuzz(sign_in LIBS amid_auth)
amid_fuzz(credential LIBS amid_auth)
amid_fuzz(audit_page LIBS amid_audit_page)
