# Run at build time: brings PANEL/node_modules to what package-lock.json says.
# Several build folders share node_modules, and `npm ci` starts by deleting it, so
# one runs at a time and the others find its work done. The mark beside the
# packages is the lock file's hash; without it (a hand-run `npm ci`) the packages
# are taken as they are if npm's own record is newer than the lock file.
file(LOCK ${PANEL}/.install.lock GUARD PROCESS TIMEOUT 600)

set(mark ${PANEL}/node_modules/.package-lock.sha256)
file(SHA256 ${PANEL}/package-lock.json wanted)
set(present "")
if(EXISTS ${mark})
  file(READ ${mark} present)
endif()
if(present STREQUAL wanted)
  return()
endif()

set(npm_record ${PANEL}/node_modules/.package-lock.json)
if(present STREQUAL "" AND EXISTS ${npm_record}
   AND ${npm_record} IS_NEWER_THAN ${PANEL}/package-lock.json)
  file(WRITE ${mark} ${wanted})
  return()
endif()

execute_process(COMMAND ${NPM} ci --no-audit --no-fund --loglevel=error
  WORKING_DIRECTORY ${PANEL} RESULT_VARIABLE status)
if(NOT status EQUAL 0)
  message(FATAL_ERROR "npm ci failed in ${PANEL}; the panel needs its packages from the npm registry")
endif()
file(WRITE ${mark} ${wanted})
