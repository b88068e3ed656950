# usage_build: what every target of ours is compiled and linked with. Warnings,
# sanitizers, hardening and the one floating-point rule (no contraction, so that a
# cost has the same bits on every target) stand here and nowhere else.
find_package(PkgConfig REQUIRED)
find_package(Threads REQUIRED)
pkg_check_modules(SQLITE3 REQUIRED IMPORTED_TARGET sqlite3>=3.40)
pkg_check_modules(SODIUM REQUIRED IMPORTED_TARGET libsodium)
pkg_check_modules(ZLIB REQUIRED IMPORTED_TARGET zlib)
pkg_check_modules(CRYPTO REQUIRED IMPORTED_TARGET libcrypto)

add_library(usage_build INTERFACE)
target_compile_features(usage_build INTERFACE c_std_11)
target_compile_definitions(usage_build INTERFACE _POSIX_C_SOURCE=200809L _DEFAULT_SOURCE)
target_compile_options(usage_build INTERFACE
  -ffp-contract=off -fno-strict-aliasing
  -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes
  -Wmissing-prototypes -Wvla -Wformat=2 -Wundef -Wcast-qual -Wnull-dereference
  -Wimplicit-fallthrough)
target_include_directories(usage_build INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
if(USAGE_WERROR)
  target_compile_options(usage_build INTERFACE -Werror)
endif()
if(USAGE_SANITIZE)
  target_compile_options(usage_build INTERFACE
    -fsanitize=${USAGE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(usage_build INTERFACE -fsanitize=${USAGE_SANITIZE})
endif()
if(USAGE_ANALYZE)
  target_compile_options(usage_build INTERFACE -fanalyzer)
endif()
if(USAGE_COVERAGE)
  target_compile_options(usage_build INTERFACE --coverage)
  target_link_options(usage_build INTERFACE --coverage)
endif()
target_compile_options(usage_build INTERFACE
  $<$<CONFIG:Release>:-fstack-protector-strong> $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
target_link_options(usage_build INTERFACE $<$<CONFIG:Release>:-Wl,-z,relro,-z,now>)
