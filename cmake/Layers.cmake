# A layer is a static library that exports exactly its own folder as an include path: `#include "store/store.h"`
# compiles only in a target that links bindhss_store. That is how the link rules forbid the wrong include.
#
#   bindhss_layer(store SOURCES a.cpp b.cpp PUBLIC bindhss_binding PRIVATE Boost::headers)
#
# The folder of the layer is the current source directory; FOLDER overrides its name in includes.
function(bindhss_layer name)
    cmake_parse_arguments(ARG "" "FOLDER" "SOURCES;PUBLIC;PRIVATE" ${ARGN})
    if(NOT ARG_FOLDER)
        set(ARG_FOLDER ${name})
    endif()
    set(root ${CMAKE_BINARY_DIR}/layers/${name})
    file(MAKE_DIRECTORY ${root}/${ARG_FOLDER})
    file(GLOB headers CONFIGURE_DEPENDS RELATIVE ${CMAKE_CURRENT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR}/*.h)
    foreach(header ${headers})
        file(CREATE_LINK ${CMAKE_CURRENT_SOURCE_DIR}/${header} ${root}/${ARG_FOLDER}/${header} SYMBOLIC)
    endforeach()
    if(ARG_SOURCES)
        add_library(bindhss_${name} STATIC ${ARG_SOURCES})
        target_include_directories(bindhss_${name} PUBLIC ${root})
        target_link_libraries(bindhss_${name} PUBLIC ${ARG_PUBLIC} PRIVATE bindhss_warnings ${ARG_PRIVATE})
    else()
        add_library(bindhss_${name} INTERFACE)
        target_include_directories(bindhss_${name} INTERFACE ${root})
        target_link_libraries(bindhss_${name} INTERFACE ${ARG_PUBLIC})
    endif()
endfunction()
