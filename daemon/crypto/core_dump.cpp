// SPDX-License-Identifier: Apache-2.0
#include "crypto/core_dump.h"

#include <sys/prctl.h>
#include <sys/resource.h>

namespace bindhss::crypto {

void forbid_core_dumps() {
#if !defined(__SANITIZE_ADDRESS__)  // the leak checker has to attach to the process
    ::prctl(PR_SET_DUMPABLE, 0);
#endif
    const rlimit none{0, 0};
    ::setrlimit(RLIMIT_CORE, &none);
}

}  // namespace bindhss::crypto
