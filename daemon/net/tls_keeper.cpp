// SPDX-License-Identifier: Apache-2.0
#include "net/tls_keeper.h"

#include <sys/stat.h>

#include <ctime>
#include <stdexcept>

#include "types/limits.h"

namespace bindhss::net {

namespace {

std::string as_text(std::chrono::sys_seconds time) {
    const auto seconds = static_cast<std::time_t>(time.time_since_epoch().count());
    std::tm broken_down{};
    ::gmtime_r(&seconds, &broken_down);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &broken_down);
    return text.data();
}

std::string joined(const std::vector<std::string>& names) {
    std::string text;
    for (const auto& name : names) text += (text.empty() ? "" : ", ") + name;
    return text;
}

}  // namespace

TlsKeeper::TlsKeeper(crypto::TlsFiles files, std::string identity, log::Logger& log, WallTime now)
    : files_(std::move(files)),
      identity_(std::move(identity)),
      log_(log),
      // First: a file that changes while it is read is read again.
      seen_(stamps()) {
    context_ = crypto::TlsContext::load(files_);
    tell_of(*context_, now);
}

std::shared_ptr<const crypto::TlsContext> TlsKeeper::current() const {
    const std::lock_guard lock(mutex_);
    return context_;
}

bool TlsKeeper::reload(WallTime now) {
    const std::lock_guard lock(mutex_);
    seen_ = stamps();
    try {
        context_ = crypto::TlsContext::load(files_);
    } catch (const std::runtime_error& error) {
        log_.error("tls_reload_failed",
                   {{"detail", error.what()}, {"do", "mend the file; until then the old ones are used"}});
        return false;
    }
    log_.info("tls_reloaded");
    tell_of(*context_, now);
    return true;
}

void TlsKeeper::look(WallTime now) {
    const auto found = stamps();
    bool changed = false;
    {
        const std::lock_guard lock(mutex_);
        changed = found != seen_;
        if (!changed && now - reminded_ >= std::chrono::hours(limits::tls_expiry_reminder_hours))
            tell_of_expiry(*context_, now);
    }
    if (changed) reload(now);
}

TlsKeeper::Stamps TlsKeeper::stamps() const {
    Stamps stamps;
    std::size_t at = 0;
    for (const auto* path : {&files_.certificate, &files_.private_key, &files_.ca, &files_.crl}) {
        struct stat status {};
        if (!path->empty() && ::stat(path->c_str(), &status) == 0) {
            stamps[at] = {status.st_mtim.tv_sec * 1'000'000'000 + status.st_mtim.tv_nsec, status.st_ino,
                          status.st_size};
        }
        ++at;
    }
    return stamps;
}

void TlsKeeper::tell_of(const crypto::TlsContext& context, WallTime now) {
    const auto& certificate = context.certificate();
    const auto names = joined(certificate.names);
    log_.info("tls_certificate",
              {{"file", files_.certificate}, {"names", names}, {"expires", as_text(context.expires())}});
    if (!identity_.empty() && !crypto::is_for_host(certificate, identity_)) {
        log_.warning("tls_certificate_name",
                     {{"file", files_.certificate},
                      {"names", names},
                      {"detail", "peers will refuse it: it is not made out to " + identity_},
                      {"do", "use a certificate whose subjectAltName has DNS:" + identity_}});
    }
    tell_of_expiry(context, now);
}

// REQUIRES: mutex_ is held, or nobody else knows this.
void TlsKeeper::tell_of_expiry(const crypto::TlsContext& context, WallTime now) {
    const auto left = context.expires() - now;
    if (left > std::chrono::days(limits::tls_expiry_warning_days)) return;
    reminded_ = now;
    const bool over = left <= std::chrono::seconds(0);
    log_.event(over ? log::Level::error : log::Level::warning,
               over ? "tls_certificate_expired" : "tls_certificate_expires",
               {{"file", files_.certificate},
                {"expires", as_text(context.expires())},
                {"days_left", std::chrono::floor<std::chrono::days>(left).count()},
                {"do", "renew it: peers refuse us with a certificate that has expired"}});
}

}  // namespace bindhss::net
