amid_fuzz(config LIBS amid_config)
