# Warnings are errors, in every target of ours.
add_library(bindhss_warnings INTERFACE)
target_compile_options(bindhss_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers -Werror)
