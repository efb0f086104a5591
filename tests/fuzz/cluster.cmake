amid_fuzz(member LIBS amid_cluster)
