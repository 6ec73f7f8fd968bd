# Writes OUTPUT, a C++ source that holds every numbered migration of this folder with its SHA-256: the daemon needs no
# file at run time. Run as: cmake -DSCHEMA=<this folder> -DOUTPUT=<file> -P embed.cmake
file(GLOB files ${SCHEMA}/[0-9][0-9][0-9][0-9]_*.sql)
list(SORT files)
set(rows "")
foreach(file ${files})
    get_filename_component(stem ${file} NAME_WE)
    string(SUBSTRING ${stem} 0 4 digits)
    string(SUBSTRING ${stem} 5 -1 name)
    string(REGEX REPLACE "^0+" "" version ${digits})
    file(SHA256 ${file} checksum)
    file(READ ${file} text)
    # String literals end where compilers may: 65,536 characters are guaranteed, so is no migration longer.
    string(APPEND rows "    {${version}, \"${name}\", \"${checksum}\", R\"sql(${text})sql\"},\n")
endforeach()
file(WRITE ${OUTPUT}.new
    "// Generated from schema/*.sql.\n#include \"store/postgres/migrations.h\"\n\n"
    "namespace bindhss::store::postgres {\n\nstd::vector<Migration> embedded_migrations() {\n    return {\n${rows}    };\n}\n\n"
    "}  // namespace bindhss::store::postgres\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUTPUT}.new ${OUTPUT})
file(REMOVE ${OUTPUT}.new)
