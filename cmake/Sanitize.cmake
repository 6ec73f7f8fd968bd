# BINDHSS_SANITIZE=address (with undefined) or thread, for every target.
if(BINDHSS_SANITIZE STREQUAL "address")
    # At -O2 -g GCC 12 takes five times as long over a coroutine. The checks left out are made at each access, and what
    # they find ASan finds too.
    add_compile_options(-O1 -g1 -fsanitize=address,undefined -fno-sanitize=null,alignment,object-size
        -fno-sanitize-recover=all -fno-omit-frame-pointer)
    add_link_options(-fsanitize=address,undefined)
elseif(BINDHSS_SANITIZE STREQUAL "thread")
    # GCC 12 warns of the fences in Asio, which it cannot follow.
    add_compile_options(-O1 -g1 -fsanitize=thread -fno-omit-frame-pointer -Wno-tsan)
    add_link_options(-fsanitize=thread)
elseif(BINDHSS_SANITIZE)
    message(FATAL_ERROR "BINDHSS_SANITIZE is '${BINDHSS_SANITIZE}': it may be address, thread or empty")
endif()
