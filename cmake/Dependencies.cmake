# Every library comes from a Debian package; two are built here from the C sources that the package installs.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(LIBEVENT REQUIRED IMPORTED_TARGET libevent_core libevent_extra libevent_pthreads
                  libevent_openssl)
pkg_check_modules(CJSON REQUIRED IMPORTED_TARGET libcjson)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3)
pkg_check_modules(SECCOMP REQUIRED IMPORTED_TARGET libseccomp)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(INIH REQUIRED IMPORTED_TARGET inih)
pkg_check_modules(SYSTEMD REQUIRED IMPORTED_TARGET libsystemd)
pkg_check_modules(OPENSSL REQUIRED IMPORTED_TARGET libssl libcrypto)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
# Only its headers: amid loads the library when it first needs it (supervisor/fetch/curl_library.h).
find_path(CURL_INCLUDE_DIR curl/curl.h PATH_SUFFIXES ${CMAKE_LIBRARY_ARCHITECTURE} REQUIRED)

# For what is linked into runners: a shared library would be mapped into every worker.
find_library(NETTLE_STATIC libnettle.a REQUIRED)
find_library(SODIUM_STATIC libsodium.a REQUIRED)

option(AMID_STATIC_LIBS "Link the smaller libraries statically, as the rpm does" OFF)
if(AMID_STATIC_LIBS)
  function(amid_link_statically prefix)
    set(archives)
    foreach(name ${ARGN})
      find_library(${name}_ARCHIVE lib${name}.a REQUIRED)
      list(APPEND archives ${${name}_ARCHIVE})
    endforeach()
    set_property(TARGET PkgConfig::${prefix} PROPERTY INTERFACE_LINK_LIBRARIES ${archives} Threads::Threads ${CMAKE_DL_LIBS} m)
  endfunction()
  amid_link_statically(LIBEVENT event_openssl event_pthreads event_extra event_core)
  amid_link_statically(SQLITE3 sqlite3)
  amid_link_statically(SECCOMP seccomp)
  amid_link_statically(SODIUM sodium)
  amid_link_statically(INIH inih)
  amid_link_statically(ZLIB z)
  amid_link_statically(OPENSSL ssl crypto)
  # Debian ships no static libcjson: the package carries a private copy instead.
  find_library(CJSON_LIBRARY cjson REQUIRED)
  set(CMAKE_BUILD_RPATH /usr/lib/amid)
  set(CMAKE_INSTALL_RPATH /usr/lib/amid)
endif()

set(AMID_DUKTAPE_DIR /usr/share/duktape CACHE PATH "Where duktape-dev installs duktape.c and duktape.h")
set(AMID_LLHTTP_DIR /usr/share/llhttp CACHE PATH "Where node-llhttp installs its C sources")

# duktape.h includes "duk_config.h" from its own folder first, so both are taken to where ours is found instead.
configure_file(${AMID_DUKTAPE_DIR}/duktape.c ${CMAKE_BINARY_DIR}/third/duktape/duktape.c COPYONLY)
configure_file(${AMID_DUKTAPE_DIR}/duktape.h ${CMAKE_BINARY_DIR}/third/duktape/duktape.h COPYONLY)
add_library(duktape STATIC ${CMAKE_BINARY_DIR}/third/duktape/duktape.c ${CMAKE_SOURCE_DIR}/runner/input.c)
target_include_directories(duktape SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/third/duktape ${CMAKE_SOURCE_DIR}/runner/duktape)
target_include_directories(duktape PRIVATE ${CMAKE_SOURCE_DIR})
target_compile_definitions(duktape PUBLIC "AMID_PACKAGED_DUK_CONFIG=\"${AMID_DUKTAPE_DIR}/duk_config.h\"" PRIVATE _GNU_SOURCE)
target_compile_options(duktape PRIVATE -O2 -w)
target_link_libraries(duktape PUBLIC m)
if(AMID_SANITIZE OR AMID_FUZZ)
  # The engine relies on unaligned and wrapping arithmetic it guards itself; ASan stays on.
  target_compile_options(duktape PRIVATE -fno-sanitize=undefined)
endif()
if(AMID_FUZZ)
  # The engine is not what is fuzzed, and clang needs minutes for its one file with all of that.
  target_compile_options(duktape PRIVATE -O0 -fno-sanitize=all)
endif()

find_path(LLHTTP_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp /usr/include/llhttp /usr/include REQUIRED)
add_library(llhttp STATIC ${AMID_LLHTTP_DIR}/llhttp.c ${AMID_LLHTTP_DIR}/api.c ${AMID_LLHTTP_DIR}/http.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE_DIR})
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
target_compile_options(llhttp PRIVATE -O2 -w)
