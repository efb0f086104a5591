add_library(amid_config STATIC ${CMAKE_CURRENT_LIST_DIR}/config.c ${CMAKE_CURRENT_LIST_DIR}/config_docs.c
                               ${CMAKE_CURRENT_LIST_DIR}/config_print.c ${CMAKE_CURRENT_LIST_DIR}/config_value.c)
target_link_libraries(amid_config PUBLIC amid_options amid_common PRIVATE PkgConfig::INIH)

# Parts of the program that tests link as well.
add_library(amid_boot STATIC ${CMAKE_CURRENT_LIST_DIR}/debug.c ${CMAKE_CURRENT_LIST_DIR}/notify.c
                             ${CMAKE_CURRENT_LIST_DIR}/privilege.c ${CMAKE_CURRENT_LIST_DIR}/state_folder.c)
target_link_libraries(amid_boot PUBLIC amid_options amid_loop PRIVATE PkgConfig::SYSTEMD)

if(TARGET amid_api AND TARGET amid_lifecycle AND TARGET amid_registry AND TARGET amid_http AND TARGET amid_auth
   AND TARGET amid_kv)
  add_executable(amid ${CMAKE_CURRENT_LIST_DIR}/main.c ${CMAKE_CURRENT_LIST_DIR}/node.c
                      ${CMAKE_CURRENT_LIST_DIR}/node_boot.c ${CMAKE_CURRENT_LIST_DIR}/node_cluster.c ${CMAKE_CURRENT_LIST_DIR}/node_migrate.c
                      ${CMAKE_CURRENT_LIST_DIR}/node_signal.c)
  target_link_libraries(amid PRIVATE amid_boot amid_config amid_api amid_lifecycle amid_registry amid_http amid_auth
                                     amid_kv amid_cluster amid_journal amid_loop amid_fetch amid_files)
endif()
