# What is installed, and the Debian package of it: scripts/package, or `cpack -G DEB` in the build folder. See
# docs/operations.md "Install the Debian package".

# What every installation has, also one without the package.
install(FILES config/bindhssd.yaml DESTINATION ${CMAKE_INSTALL_DATADIR}/bindhss)
install(DIRECTORY config/prometheus config/grafana DESTINATION ${CMAKE_INSTALL_DATADIR}/bindhss)
# The prefix is known when it is installed: the package has another one than a build.
install(CODE "
    set(BINDHSS_BINDIR \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}\")
    configure_file(\"${CMAKE_SOURCE_DIR}/packaging/bindhssd.service.in\" \"${CMAKE_BINARY_DIR}/bindhssd.service\" @ONLY)
    file(INSTALL \"${CMAKE_BINARY_DIR}/bindhssd.service\"
        DESTINATION \"\${CMAKE_INSTALL_PREFIX}/lib/systemd/system\")")

# Manual pages and completion say what the programs themselves say of their options.
find_program(PYTHON3 python3 REQUIRED)
set(manual ${CMAKE_BINARY_DIR}/manual)
set(manual_templates bindhssd.8 bindhssctl.1 bindhss-emu.1 bindhss-dict.1 bindhssd.yaml.5)
list(TRANSFORM manual_templates PREPEND ${CMAKE_SOURCE_DIR}/packaging/manual/ OUTPUT_VARIABLE manual_sources)
list(TRANSFORM manual_sources APPEND .in)
list(TRANSFORM manual_templates PREPEND ${manual}/ OUTPUT_VARIABLE manual_pages)
add_custom_command(
    OUTPUT ${manual_pages} ${manual}/bindhssctl.bash
    COMMAND ${PYTHON3} ${CMAKE_SOURCE_DIR}/packaging/manual.py --out ${manual} --version ${PROJECT_VERSION}
        --config ${CMAKE_SOURCE_DIR}/config/bindhssd.yaml $<TARGET_FILE:bindhssd> $<TARGET_FILE:bindhssctl>
        $<TARGET_FILE:bindhss-emu> $<TARGET_FILE:bindhss-dict>
    DEPENDS ${manual_sources} packaging/manual/bindhssctl.bash.in packaging/manual.py packaging/roff.py
        config/bindhssd.yaml bindhssd bindhssctl bindhss-emu bindhss-dict
    WORKING_DIRECTORY ${CMAKE_SOURCE_DIR})
add_custom_target(manual ALL DEPENDS ${manual_pages})
foreach(page ${manual_templates})
    string(REGEX REPLACE ".*\\." "" section ${page})
    install(FILES ${manual}/${page} DESTINATION ${CMAKE_INSTALL_MANDIR}/man${section})
endforeach()
install(FILES ${manual}/bindhssctl.bash DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions RENAME bindhssctl)

# What the package alone has: an installation from source must not replace the operator's own in /etc.
set(package_only COMPONENT debian EXCLUDE_FROM_ALL)
set(package_doc ${CMAKE_INSTALL_DATADIR}/doc/bindhss)
install(DIRECTORY DESTINATION /etc/bindhss
    DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE ${package_only})
install(FILES config/bindhssd.yaml DESTINATION /etc/bindhss PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ ${package_only})
install(FILES packaging/debian/bindhss.logrotate DESTINATION /etc/logrotate.d RENAME bindhss ${package_only})
install(FILES packaging/debian/copyright README.md DESTINATION ${package_doc} ${package_only})
install(FILES packaging/debian/changelog DESTINATION ${package_doc} RENAME changelog.Debian ${package_only})
install(FILES packaging/debian/lintian-overrides DESTINATION ${CMAKE_INSTALL_DATADIR}/lintian/overrides RENAME bindhss
    ${package_only})
install(DIRECTORY docs/ DESTINATION ${package_doc}/docs ${package_only})
install(DIRECTORY config/demo config/scenarios config/systemd DESTINATION ${package_doc}/examples ${package_only})

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME bindhss)
set(CPACK_PACKAGE_VERSION ${PROJECT_VERSION})
set(CPACK_INSTALL_CMAKE_PROJECTS "${CMAKE_BINARY_DIR};bindhss;ALL;/" "${CMAKE_BINARY_DIR};bindhss;debian;/")
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE
    WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)
set(CPACK_PRE_BUILD_SCRIPTS ${CMAKE_SOURCE_DIR}/packaging/debian/stage.cmake)
set(CPACK_VERBATIM_VARIABLES ON)

set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_MAINTAINER "BindHSS maintainers <maintainers@bindhss.example>")
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "Home Subscriber Server that ties SIM cards to devices")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
"BindHSS serves MMEs and SGSNs over Diameter S6a, S6d and S13, and makes a SIM
card useless in any device but the ones it is bound to: by the device's
identity (IMEI), or by a key that only the right device has, under which the
RAND of each authentication vector is encrypted.
.
The package has the daemon bindhssd with its systemd unit, the operator's
command line bindhssctl, and bindhss-emu, which plays MMEs with phones behind
them. Subscribers are kept in PostgreSQL: in a private cluster that the daemon
makes and runs by itself, or in a database of yours.")
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
# The dictionaries of S6a are freeDiameter's extensions, which are loaded by name: no link tells of them.
set(CPACK_DEBIAN_PACKAGE_DEPENDS "adduser, freediameter-extensions")
# Not needed by who has a database elsewhere.
set(CPACK_DEBIAN_PACKAGE_RECOMMENDS "postgresql-15")
set(CPACK_DEBIAN_PACKAGE_SUGGESTS "logrotate")
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA "")
foreach(file conffiles postinst prerm postrm)
    list(APPEND CPACK_DEBIAN_PACKAGE_CONTROL_EXTRA ${CMAKE_SOURCE_DIR}/packaging/debian/${file})
endforeach()
set(CPACK_DEBIAN_COMPRESSION_TYPE xz)
include(CPack)
