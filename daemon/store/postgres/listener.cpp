// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/listener.h"

#include <pqxx/pqxx>

#include "store/postgres/conninfo.h"
#include "store/postgres/session.h"
#include "types/limits.h"

namespace bindhss::store::postgres {

namespace {

constexpr const char* node_work = "bindhss_node_work";

class Receiver final : public pqxx::notification_receiver {
  public:
    Receiver(pqxx::connection& connection, const std::function<void()>& changed)
        : pqxx::notification_receiver(connection, node_work), changed_(changed) {}
    void operator()(const std::string& /*payload*/, int /*backend*/) override { changed_(); }

  private:
    const std::function<void()>& changed_;
};

}  // namespace

Listener::Listener(const std::string& url, std::function<void()> changed, log::Logger& log)
    : conninfo_(complete_conninfo(url, "bindhssd-listener")),
      changed_(std::move(changed)),
      log_(log),
      thread_([this] { run(); }) {}

Listener::~Listener() {
    stopping_ = true;
    thread_.join();
}

void Listener::run() {
    while (!stopping_) {
        try {
            listen();
        } catch (const std::exception& error) {
            // The pools tell of an outage; this says what it costs.
            if (!lost_) {
                log_.warning("notices_lost",
                             {{"reason", describe(error)}, {"until_then", "polls each second"}});
            }
            lost_ = true;
            pause();
        }
    }
}

void Listener::pause() {
    for (int waited = 0; waited < limits::store_retry_ms_max && !stopping_;
         waited += limits::listener_wait_ms)
        std::this_thread::sleep_for(std::chrono::milliseconds(limits::listener_wait_ms));
}

void Listener::listen() {
    pqxx::connection connection(conninfo_);
    // libpqxx would connect anew behind our back, and nobody would look for what was missed.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
    connection.inhibit_reactivation(true);
#pragma GCC diagnostic pop
    const Receiver receiver(connection, changed_);
    if (lost_) log_.info("notices_heard");
    lost_ = false;
    changed_();
    while (!stopping_) connection.await_notification(0, limits::listener_wait_ms * 1'000L);
}

}  // namespace bindhss::store::postgres
