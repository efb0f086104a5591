amid_fuzz(fetch_target LIBS amid_fetch)
amid_fuzz(answer_head LIBS amid_fetch)
amid_fuzz(address LIBS amid_fetch)
amid_fuzz(upgrade LIBS amid_fetch)
