# usage_embed_sql(NAME FILES schema/a.sql ...)
# Makes the static library NAME whose header "NAME.h" (in the generated include
# folder) declares, for each file, `extern const char sql_<path>[]`, where <path>
# is the file's path below schema/ without .sql and with every other character
# than a letter or digit as an underscore:
# schema/views/usage_events.sql is sql_views_usage_events.
# C holds no statement text of its own; it names these. Rebuilt when a file changes.
function(usage_embed_sql name)
  cmake_parse_arguments(arg "" "" "FILES" ${ARGN})
  set(header ${PROJECT_BINARY_DIR}/generated/${name}.h)
  set(source ${PROJECT_BINARY_DIR}/generated/${name}.c)
  set(files)
  foreach(file ${arg_FILES})
    list(APPEND files ${PROJECT_SOURCE_DIR}/${file})
  endforeach()
  string(REPLACE ";" "|" joined "${files}")
  add_custom_command(OUTPUT ${header} ${source}
    COMMAND ${CMAKE_COMMAND} -D "FILES=${joined}" -D ROOT=${PROJECT_SOURCE_DIR}/schema
            -D HEADER=${header} -D SOURCE=${source} -D NAME=${name}
            -P ${PROJECT_SOURCE_DIR}/tools/cmake/embed_sql_script.cmake
    DEPENDS ${files} ${PROJECT_SOURCE_DIR}/tools/cmake/embed_sql_script.cmake
    COMMENT "Embedding SQL into ${name}" VERBATIM)
  add_library(${name} STATIC ${source} ${header})
  set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON C_VISIBILITY_PRESET hidden)
  target_link_libraries(${name} PRIVATE usage_build)
  target_include_directories(${name} PUBLIC ${PROJECT_BINARY_DIR}/generated)
endfunction()
