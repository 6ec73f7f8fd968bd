// SPDX-License-Identifier: Apache-2.0
#include "app/after_restore.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "app/start.h"
#include "crypto/random.h"
#include "store/postgres/restore.h"

namespace bindhss {

void run_after_restore(const config::Settings& settings, log::Logger& log, std::uint64_t seq_ahead) {
    constexpr std::uint64_t told_each = 1'000'000;
    crypto::SystemRandom random;
    boost::asio::io_context io;
    boost::asio::signal_set stop(io, SIGTERM, SIGINT);
    Database database(settings, log);
    const auto keys = database.prepare(random, io, stop);
    if (!keys) return log.info("stopped");
    std::uint64_t told = 0;
    const auto restored = store::postgres::finish_restore(database.url(), seq_ahead, [&](std::uint64_t done) {
        if (done - told < told_each) return;
        told = done;
        log.info("restore_proceeds", {{"subscriptions", done}});
    });
    log.info("restore_finished", {{"subscriptions", restored.lifted},
                                  {"seq_ahead", seq_ahead},
                                  {"seq_exhausted", restored.exhausted},
                                  {"registrations_unproven", restored.unproven},
                                  {"requests_dropped", restored.dropped},
                                  {"nodes_to_reset", restored.nodes}});
}

}  // namespace bindhss
