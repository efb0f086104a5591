amid_fuzz(config LIBS amid_config)
amid_fuzz(log_line LIBS amid_common)
