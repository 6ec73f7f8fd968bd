# BINDHSS_SANITIZE=address (with undefined) or thread, for every target.
if(BINDHSS_SANITIZE STREQUAL "address")
    add_compile_options(-fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(BINDHSS_SANITIZE STREQUAL "thread")
    # GCC 12 warns of the fences in Asio, which it cannot follow.
    add_compile_options(-fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
    add_link_options(-fsanitize=thread)
elseif(BINDHSS_SANITIZE)
    message(FATAL_ERROR "BINDHSS_SANITIZE is '${BINDHSS_SANITIZE}': it may be address, thread or empty")
endif()
