# cmake -DOUTPUT=… -DPRELUDE=… -DCOMPILER=… -DREHEARSAL=… "-DENGINE=file;file;…" -P build_id.cmake
# Writes the header with the build id and what the embedded bytecode is checked against.
function(bytes_of hex out)
  string(REGEX REPLACE "(..)" "0x\\1, " list "${hex}")
  set(${out} "{${list}}" PARENT_SCOPE)
endfunction()

set(all "")
foreach(file ${ENGINE} ${PRELUDE} ${COMPILER})
  file(SHA256 ${file} hash)
  string(APPEND all ${hash})
endforeach()
string(SHA256 id "${all}")
file(SHA256 ${PRELUDE} prelude)
file(SHA256 ${COMPILER} compiler)
file(SIZE ${PRELUDE} prelude_bytes)
file(SIZE ${COMPILER} compiler_bytes)
file(SIZE ${REHEARSAL} rehearsal_bytes)
bytes_of(${id} id_bytes)
bytes_of(${prelude} prelude_hash)
bytes_of(${compiler} compiler_hash)
file(WRITE ${OUTPUT} "#ifndef AMID_RUNNER_BUILD_ID_H
#define AMID_RUNNER_BUILD_ID_H

#define BUILD_ID_TEXT \"${id}\"
#define BUILD_ID ${id_bytes}
#define BUILD_PRELUDE_BYTES ${prelude_bytes}
#define BUILD_PRELUDE_SHA256 ${prelude_hash}
#define BUILD_COMPILER_BYTES ${compiler_bytes}
#define BUILD_COMPILER_SHA256 ${compiler_hash}
#define BUILD_REHEARSAL_BYTES ${rehearsal_bytes}

#endif
")
