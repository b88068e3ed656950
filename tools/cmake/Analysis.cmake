# Analysis as targets, over the product's own sources (ext, server), never part of a plain
# build: tidy (clang-tidy, .clang-tidy), cppcheck, spell (codespell over the whole tree). A
# tool that is not installed has no target. GCC's own analyser is the option USAGE_ANALYZE.
find_program(USAGE_CLANG_TIDY clang-tidy)
find_program(USAGE_CPPCHECK cppcheck)
find_program(USAGE_CODESPELL codespell)

# usage_analysis(TARGET ...): analyse the C sources of these targets.
function(usage_analysis)
  set(sources)
  foreach(target ${ARGN})
    get_target_property(files ${target} SOURCES)
    get_target_property(folder ${target} SOURCE_DIR)
    foreach(file ${files})
      if(file MATCHES "\\.c$" AND NOT IS_ABSOLUTE ${file})
        list(APPEND sources ${folder}/${file})
      endif()
    endforeach()
  endforeach()
  list(REMOVE_DUPLICATES sources)
  if(USAGE_CLANG_TIDY)
    add_custom_target(tidy
      COMMAND ${USAGE_CLANG_TIDY} --quiet -p ${PROJECT_BINARY_DIR} ${sources}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
  endif()
  if(USAGE_CPPCHECK)
    add_custom_target(cppcheck
      COMMAND ${USAGE_CPPCHECK} --quiet --enable=warning,portability --error-exitcode=1
              --inline-suppr --suppress=missingIncludeSystem -I ${PROJECT_SOURCE_DIR}
              -I ${PROJECT_BINARY_DIR}/generated ${sources}
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
  endif()
  if(USAGE_CODESPELL)
    add_custom_target(spell
      COMMAND ${USAGE_CODESPELL} --skip=*/node_modules,*/tests/data,*.lock,package-lock.json
              ext server schema tools panel/src README.md CMakeLists.txt
      WORKING_DIRECTORY ${PROJECT_SOURCE_DIR} VERBATIM)
  endif()
endfunction()
