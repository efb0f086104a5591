# amid_js_bundle(NAME <name> ENTRY <file> BUILD <script> [DEPENDS ...])
#   Runs `node BUILD ENTRY OUTPUT.js`, which must write one ES5 program, compiles that with amid-jsc and leaves
#   ${CMAKE_BINARY_DIR}/js/<name>.js and .bin. The target is called js_<name>.
find_program(NODE_PROGRAM node REQUIRED)
find_program(NPM_PROGRAM npm REQUIRED)

# Installed while configuring, not by a rule: every build folder shares node_modules, and a rule would
# install again for each folder that has not run it yet.
set(AMID_NPM_STAMP ${CMAKE_SOURCE_DIR}/node_modules/.package-lock.json)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/package-lock.json)
if(${CMAKE_SOURCE_DIR}/package-lock.json IS_NEWER_THAN ${AMID_NPM_STAMP})
  message(STATUS "Installing the locked npm packages")
  execute_process(
    COMMAND ${NPM_PROGRAM} ci --no-audit --no-fund --silent
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    COMMAND_ERROR_IS_FATAL ANY)
  file(TOUCH ${AMID_NPM_STAMP})
endif()

function(amid_js_bundle)
  cmake_parse_arguments(JS "" "NAME;ENTRY;BUILD" "DEPENDS" ${ARGN})
  set(out ${CMAKE_BINARY_DIR}/js/${JS_NAME})
  file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/js)
  add_custom_command(
    OUTPUT ${out}.js ${out}.bin
    COMMAND ${NODE_PROGRAM} ${JS_BUILD} ${JS_ENTRY} ${out}.js
    COMMAND amid-jsc ${JS_NAME}.js ${out}.js ${out}.bin
    DEPENDS ${JS_ENTRY} ${JS_BUILD} ${JS_DEPENDS} ${AMID_NPM_STAMP} amid-jsc
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR}
    COMMENT "Bundling ${JS_NAME}"
    VERBATIM)
  add_custom_target(js_${JS_NAME} DEPENDS ${out}.bin)
endfunction()
