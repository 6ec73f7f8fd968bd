# libfdproto and libfdcore of Debian's libfreediameter-dev: FreeDiameter::proto and FreeDiameter::core.
find_path(FREEDIAMETER_INCLUDE_DIR freeDiameter/libfdproto.h)
find_library(FREEDIAMETER_PROTO fdproto)
find_library(FREEDIAMETER_CORE fdcore)
include(FindPackageHandleStandardArgs)
find_package_handle_standard_args(FreeDiameter
    REQUIRED_VARS FREEDIAMETER_PROTO FREEDIAMETER_CORE FREEDIAMETER_INCLUDE_DIR)
if(FreeDiameter_FOUND AND NOT TARGET FreeDiameter::proto)
    add_library(FreeDiameter::proto UNKNOWN IMPORTED)
    set_target_properties(FreeDiameter::proto PROPERTIES IMPORTED_LOCATION ${FREEDIAMETER_PROTO}
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${FREEDIAMETER_INCLUDE_DIR})
    add_library(FreeDiameter::core UNKNOWN IMPORTED)
    set_target_properties(FreeDiameter::core PROPERTIES IMPORTED_LOCATION ${FREEDIAMETER_CORE}
        INTERFACE_SYSTEM_INCLUDE_DIRECTORIES ${FREEDIAMETER_INCLUDE_DIR})
endif()
