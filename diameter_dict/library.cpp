// SPDX-License-Identifier: Apache-2.0
#include "diameter_dict/library.h"

#include <dlfcn.h>
#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdcore.h>
#include <freeDiameter/libfdproto.h>

#include <array>
#include <atomic>
#include <cstdarg>
#include <cstring>
#include <stdexcept>

#ifndef __has_feature
#define __has_feature(feature) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#define BINDHSS_LEAK_CHECK
#include <sanitizer/lsan_interface.h>
#endif

// libfdcore exports it without a public header; it fills a dictionary with RFC 6733 and starts nothing.
extern "C" int fd_dict_base_protocol(struct dictionary* dict);

namespace bindhss::diameter_dict {

namespace {

// freeDiameter logs what it refuses, with content of messages in it. We report the same by value, so this is
// silence.
void discard(int, const char*, va_list) {}

// The .fdx extensions reach the dictionary through this global of libfdcore, and use no other field of it.
fd_config& extension_config() {
    static fd_config config{};
    return config;
}

std::atomic<bool> in_use{false};

// Loading leaves a few names behind: freeDiameter copies the name of an object and forgets the copy when the
// object exists already. It is once and about 200 octets, so a leak check need not speak of it.
class LeaksOfLoading {
  public:
#ifdef BINDHSS_LEAK_CHECK
    LeaksOfLoading() {
        __lsan_disable();
    }
    ~LeaksOfLoading() {
        __lsan_enable();
    }
    LeaksOfLoading(const LeaksOfLoading&) = delete;
    LeaksOfLoading& operator=(const LeaksOfLoading&) = delete;
#endif
};

// In the order of their dependencies; RFC 5777 is what dict_mip6a stands on (MIP6-Agent-Info,
// Service-Selection).
constexpr std::array extension_names{"dict_nasreq", "dict_dcca", "dict_dcca_3gpp", "dict_rfc5777",
                                     "dict_mip6a"};

}  // namespace

void require(int code, const std::string& what) {
    if (code != 0) throw std::runtime_error("Diameter dictionary: " + what + ": " + std::strerror(code));
}

Library::Library(const std::string& extensions) {
    if (in_use.exchange(true))
        throw std::runtime_error("Diameter dictionary: only one can be loaded in a process");
    [[maybe_unused]] const LeaksOfLoading leaks;
    fd_log_handler_register(discard);
    fd_g_debug_lvl = FD_LOG_FATAL;
    require(fd_libproto_init(), "fd_libproto_init");
    require(fd_dict_init(&dictionary_), "fd_dict_init");
    require(fd_dict_base_protocol(dictionary_), "the base protocol of libfdcore");
    auto& config = extension_config();
    config.cnf_eyec = EYEC_CONFIG;
    config.cnf_dict = dictionary_;
    fd_g_config = &config;
    for (const auto* name : extension_names) load(extensions + "/" + name + ".fdx");
}

// The extensions stay mapped for the life of the process: types in the dictionary point to their functions.
void Library::load(const std::string& path) const {
    void* handle = dlopen(path.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (handle == nullptr) {
        const char* reason = dlerror();
        throw std::runtime_error("Diameter dictionary: cannot load " + path + ": " +
                                 (reason ? reason : "no reason"));
    }
    using Entry = int (*)(int major, int minor, char* configuration);
    const auto entry = reinterpret_cast<Entry>(dlsym(handle, "fd_ext_init"));
    if (entry == nullptr)
        throw std::runtime_error("Diameter dictionary: " + path + " is no freeDiameter extension");
    require(entry(FD_PROJECT_VERSION_MAJOR, FD_PROJECT_VERSION_MINOR, nullptr), path);
}

Library::~Library() {
    fd_g_config = nullptr;
    if (dictionary_ != nullptr) fd_dict_fini(&dictionary_);
    fd_log_handler_unregister();
}

}  // namespace bindhss::diameter_dict
