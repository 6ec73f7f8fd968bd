# Warnings are errors, in every target of ours.
add_library(bindhss_warnings INTERFACE)
target_compile_options(bindhss_warnings INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor -Woverloaded-virtual
    -Wno-missing-field-initializers
    # Instrumented code looks to GCC like what nobody wrote.
    $<$<STREQUAL:${BINDHSS_SANITIZE},>:-Werror>
    # GCC 12 takes the operator delete of an inlined coroutine frame of Asio's for another one's.
    # It takes an optional within a variant for uninitialised too, once both are inlined; clang-tidy's analyser,
    # which follows the paths, looks for such faults.
    # At -O3 it suspects std::string of copying over itself (its bug 105651).
    "$<$<CXX_COMPILER_ID:GNU>:-Wno-mismatched-new-delete;-Wno-maybe-uninitialized;-Wno-restrict>")
