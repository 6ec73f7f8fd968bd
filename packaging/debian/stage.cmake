# SPDX-License-Identifier: Apache-2.0
# What Debian's policy wants of the files that cpack is about to pack: manual pages and changelog compressed (12.1, 12.7).
set(root "${CPACK_TEMPORARY_INSTALL_DIRECTORY}")
file(GLOB pages "${root}/usr/share/man/man*/*.[0-9]")
if(NOT pages)
    message(FATAL_ERROR "no manual pages in ${root}: build the target 'manual' first")
endif()
execute_process(COMMAND gzip -9nf ${pages} "${root}/usr/share/doc/bindhss/changelog.Debian" COMMAND_ERROR_IS_FATAL ANY)
