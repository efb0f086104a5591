amid_fuzz(transaction LIBS amid_wallet)
