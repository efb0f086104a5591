# Applied to every target of ours through amid_options; third-party sources get none of it.
add_library(amid_options INTERFACE)
target_compile_options(amid_options INTERFACE
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Werror -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -fno-strict-aliasing -fstack-protector-strong)
target_compile_definitions(amid_options INTERFACE _GNU_SOURCE AMID_VERSION="${PROJECT_VERSION}")
if(AMID_TEST_HOOKS)
  target_compile_definitions(amid_options INTERFACE AMID_TEST_HOOKS=1)
endif()
if(NOT AMID_SANITIZE)
  target_compile_options(amid_options INTERFACE $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2>)
endif()
target_include_directories(amid_options INTERFACE ${CMAKE_SOURCE_DIR})
target_link_options(amid_options INTERFACE -Wl,-z,relro,-z,now)
