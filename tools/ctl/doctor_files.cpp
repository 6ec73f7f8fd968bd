// SPDX-License-Identifier: Apache-2.0
// What doctor finds on this machine, without asking anybody.
#include <fmt/format.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/timex.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "config/config.h"
#include "crypto/tls_context.h"
#include "ctl/doctor.h"
#include "ctl/time_text.h"

namespace bindhss::ctl {

namespace {

/// It lives as long as the daemon, and in its sight only.
bool is_credential(const std::string& path) {
    return path.starts_with("credential:");
}

/// A file that nobody but its owner may read.
void check_secret(const std::string& what, const std::string& path, const std::string& missing,
                  Findings& findings) {
    if (is_credential(path)) return findings.ok(what, path + ", which systemd hands to the daemon alone");
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
        if (errno == EACCES)
            return findings.warn(what, path + " cannot be seen by this user", "run doctor as root");
        return findings.fail(what, path + ": " + std::strerror(errno), missing);
    }
    if (!S_ISREG(status.st_mode)) return findings.fail(what, path + " is not a regular file", missing);
    if ((status.st_mode & (S_IRWXG | S_IRWXO)) != 0) {
        return findings.fail(what,
                             fmt::format("{} has mode {:04o}: others may read or change it", path,
                                         static_cast<unsigned>(status.st_mode) & 07777U),
                             "chmod 600 " + path + ", and think of who may have read it");
    }
    findings.ok(what, path + ", readable by its owner alone");
}

void check_space(const std::string& directory, Findings& findings) {
    struct statvfs space {};
    if (::statvfs(directory.c_str(), &space) != 0) {
        return findings.fail("state directory", directory + ": " + std::strerror(errno),
                             "make it for the daemon's user, mode 0700");
    }
    constexpr double gibi = 1024.0 * 1024 * 1024;
    constexpr double few = 1.0;
    constexpr double too_few = 0.1;
    constexpr double small_part = 0.05;
    const auto free = static_cast<double>(space.f_bavail) * static_cast<double>(space.f_frsize) / gibi;
    const auto all = static_cast<double>(space.f_blocks) * static_cast<double>(space.f_frsize) / gibi;
    const auto detail = fmt::format("{}: {:.1f} of {:.1f} GiB free", directory, free, all);
    if (free < too_few) {
        findings.fail("state directory", detail, "make room: the database stops when it is full");
    } else if (free < few || free < all * small_part) {
        findings.warn("state directory", detail, "make room before it is full");
    } else {
        findings.ok("state directory", detail);
    }
}

void check_certificate(const std::string& what, const std::string& certificate, const std::string& key,
                       WallTime now, Findings& findings) {
    if (certificate.empty()) return;
    if (is_credential(certificate) || is_credential(key))
        return findings.ok(what, "comes from systemd: the log tells of it before it expires");
    crypto::TlsFiles files;
    files.certificate = certificate;
    files.private_key = key;
    files.ask_for_certificates = false;
    if (::access(certificate.c_str(), R_OK) != 0 || ::access(key.c_str(), R_OK) != 0) {
        if (errno == EACCES) {
            return findings.warn(what, certificate + " or its key cannot be read by this user",
                                 "run doctor as root");
        }
    }
    try {
        const auto expires = crypto::TlsContext::load(files)->expires();
        const auto left = std::chrono::duration_cast<std::chrono::hours>(expires - now).count() / 24;
        constexpr std::int64_t soon = 30;
        const auto detail = fmt::format("{}: valid until {}", certificate, time_text(WallTime(expires)));
        if (expires <= now) {
            findings.fail(what, detail, "it has expired: renew it; bindhssctl reload has it read");
        } else if (left < soon) {
            findings.warn(what, fmt::format("{}, for {} days", detail, left),
                          "renew it; bindhssctl reload has it read");
        } else {
            findings.ok(what, detail);
        }
    } catch (const std::exception& error) {
        findings.fail(what, error.what(), "correct the files");
    }
}

}  // namespace

void check_files(const Target& target, Findings& findings) {
    const auto& settings = target.settings;
    check_secret("keys file", target.keys_file.value_or(config::keys_file(settings)),
                 "without the right keys nothing in the database can be read: take it from the backup",
                 findings);
    check_space(settings.state_directory, findings);
    if (!settings.api.token_file.empty()) {
        check_secret("token file", settings.api.token_file, "make it, with lines of bindhssctl token make",
                     findings);
    }
    if (!settings.diameter.tls.private_key.empty())
        check_secret("private key of Diameter", settings.diameter.tls.private_key, "make it", findings);
    if (!settings.api.private_key.empty())
        check_secret("private key of the API", settings.api.private_key, "make it", findings);
    findings.ok("backup",
                "keep a copy of the keys file apart from the database's backups: neither is of use "
                "without the other");
}

void check_certificates(const Target& target, WallTime now, Findings& findings) {
    const auto& settings = target.settings;
    check_certificate("certificate of Diameter", settings.diameter.tls.certificate,
                      settings.diameter.tls.private_key, now, findings);
    check_certificate("certificate of the API", settings.api.certificate, settings.api.private_key, now,
                      findings);
    const auto& https = settings.provisioning.https;
    check_certificate("certificate for devices", https.certificate, https.private_key, now, findings);
}

void check_clock(Findings& findings) {
    struct timex time {};
    const auto state = ::adjtimex(&time);
    if (state < 0) return;  // a container may not ask
    if (state == TIME_ERROR || (time.status & STA_UNSYNC) != 0) {
        return findings.warn(
            "clock", "this machine's clock is not synchronised",
            "have chrony or systemd-timesyncd run: rules, certificates and exchanges of keys "
            "go by the clock");
    }
    findings.ok("clock", "synchronised");
}

}  // namespace bindhss::ctl
