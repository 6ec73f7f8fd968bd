// SPDX-License-Identifier: Apache-2.0
#include "app/app.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <thread>

#include "app/app_metrics.h"
#include "app/daemon.h"
#include "app/monitor.h"
#include "app/start.h"
#include "crypto/random.h"
#include "diameter_dict/dictionary.h"
#include "scheduling/real_time.h"

namespace bindhss {

namespace {

namespace asio = boost::asio;

/// Runs `io`, after the calling thread has been given the priority that is configured.
void serve_first(asio::io_context& io, unsigned real_time_priority, log::Logger& log) {
    if (real_time_priority != 0) {
        if (const auto error = scheduling::run_in_real_time(static_cast<int>(real_time_priority)))
            log.warning("real_time_refused", {{"reason", "a thread of peers: " + error.message()}});
    }
    io.run();
}

/// Runs both on as many threads each as are configured, until the main coroutine, on `io`, has ended; its
/// exception, if any, is thrown here.
void run_threads(asio::io_context& io, asio::io_context& patient, const config::Settings& settings,
                 asio::awaitable<void> main, log::Logger& log) {
    const auto patient_has_work = asio::make_work_guard(patient);
    std::exception_ptr failure;
    asio::co_spawn(io, std::move(main), [&](const std::exception_ptr& failed) {
        failure = failed;
        io.stop();
        patient.stop();
    });
    {
        std::vector<std::jthread> workers;
        for (unsigned i = 0; i < settings.threads; ++i) workers.emplace_back([&patient] { patient.run(); });
        const auto serve = [&] { serve_first(io, settings.real_time_priority, log); };
        for (unsigned i = 1; i < settings.threads; ++i) workers.emplace_back(serve);
        serve();
    }
    if (failure) std::rethrow_exception(failure);
}

}  // namespace

void run_daemon(config::Source source, config::Loaded loaded, log::Logger& log) {
    const auto settings = loaded.settings;
    for (const auto& text : config::warnings(settings))
        log.warning("configuration_warning", {{"detail", text}});
    crypto::SystemRandom random;
    const SystemClock clock;
    asio::io_context io(static_cast<int>(settings.threads));
    asio::io_context patient(static_cast<int>(settings.threads));
    // From here on, so that a daemon that is still starting ends in order too.
    asio::signal_set stop(io, SIGTERM, SIGINT);
    asio::signal_set hangup(io, SIGHUP);
    const diameter_dict::Dictionary dictionary(diameter_dict::Dictionary::extensions_default,
                                               settings.provisioning.kme_vendor_id);
    // What is wrong with a file is told at once, even while the database is away.
    auto files = load_files(settings);
    Configuration configuration(std::move(source), std::move(loaded), log);
    Monitor monitor(settings.diameter.identity, clock);
    const MetricsListener metrics(settings.metrics, monitor, clock, log);
    Database database(settings, log);
    const auto keys = database.prepare(random, io, stop);
    if (!keys) return log.info("stopped");
    Daemon daemon({io, patient, database.url(), *keys, dictionary, random, clock, log, monitor},
                  configuration, std::move(files));
    run_threads(io, patient, settings, daemon.serve(stop, hangup), log);
    log.info("stopped");
}

}  // namespace bindhss
