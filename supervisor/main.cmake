add_library(amid_config STATIC ${CMAKE_CURRENT_LIST_DIR}/config.c ${CMAKE_CURRENT_LIST_DIR}/config_print.c
                               ${CMAKE_CURRENT_LIST_DIR}/config_value.c)
target_link_libraries(amid_config PUBLIC amid_options amid_common PRIVATE PkgConfig::INIH)
