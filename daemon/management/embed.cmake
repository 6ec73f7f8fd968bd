# Writes OUTPUT, a C++ source that holds DOCUMENT. Run as: cmake -DDOCUMENT=<file> -DOUTPUT=<file> -P embed.cmake
file(READ ${DOCUMENT} text)
# String literals end where compilers may (65,536 characters are guaranteed): one a piece, which the compiler joins.
string(LENGTH "${text}" length)
set(pieces "")
set(begin 0)
while(begin LESS length)
    string(SUBSTRING "${text}" ${begin} 15000 piece)
    string(APPEND pieces "\n    R\"json(${piece})json\"")
    math(EXPR begin "${begin} + 15000")
endwhile()
file(WRITE ${OUTPUT}.new
    "// Generated from openapi.json.\n#include \"management/openapi.h\"\n\nnamespace bindhss::management {\n\n"
    "std::string_view openapi_document() {\n    static constexpr std::string_view text =${pieces};\n    return text;\n}\n\n"
    "}  // namespace bindhss::management\n")
execute_process(COMMAND ${CMAKE_COMMAND} -E copy_if_different ${OUTPUT}.new ${OUTPUT})
file(REMOVE ${OUTPUT}.new)
