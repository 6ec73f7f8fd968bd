// SPDX-License-Identifier: Apache-2.0
// The ceiling of our own transport: every AIR gets the same AIA, without store, procedure or cryptography.
//
//   canned_server PORT [THREADS]
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "canned_vector.h"
#include "diameter/node.h"
#include "diameter/s6a_codec.h"
#include "diameter_dict/dictionary.h"

namespace {

using namespace bindhss;
namespace asio = boost::asio;

diameter::NodeSettings node_settings(std::uint16_t port) {
    diameter::NodeSettings settings;
    settings.realm = "epc.mnc001.mcc001.3gppnetwork.org";
    settings.identity = "hss." + settings.realm;
    settings.listen = {{"127.0.0.1", port}};
    settings.peers.push_back({"*", settings.realm, {"127.0.0.1"}, std::nullopt, false});
    return settings;
}

s6a::Answer canned_answer() {
    s6a::AuthenticationInformationAnswer answer;
    answer.eutran_vectors.push_back({1, *Rand::from(bench::canned_rand), *Res::from(bench::canned_xres),
                                     *Autn::from(bench::canned_autn), *Kasme::from(bench::canned_kasme)});
    return answer;
}

asio::awaitable<void> serve(asio::io_context& io, diameter::Node& node) {
    asio::signal_set signals(io, SIGTERM, SIGINT);
    node.start();
    std::puts("ready");
    std::fflush(stdout);
    co_await signals.async_wait(asio::use_awaitable);
    co_await node.stop(diameter::DisconnectCause::rebooting, std::chrono::seconds(1));
    io.stop();
}

void run(std::uint16_t port, unsigned threads) {
    const diameter_dict::Dictionary dictionary;
    log::Settings log_settings;
    log_settings.level = log::Level::warning;
    log::Logger log(log_settings);
    asio::io_context io(static_cast<int>(threads));
    const auto canned = canned_answer();
    const auto handler = [&canned](std::unique_ptr<diameter::IncomingRequest> request) {
        auto answer = request->make_answer();
        diameter::encode(canned, answer);
        request->answer(answer);
    };
    diameter::Node node(io, dictionary, node_settings(port), handler, log);
    asio::co_spawn(io, serve(io, node), [](const std::exception_ptr& failure) {
        if (failure) std::rethrow_exception(failure);
    });
    std::vector<std::jthread> workers;
    for (unsigned i = 1; i < threads; ++i) workers.emplace_back([&io] { io.run(); });
    io.run();
}

}  // namespace

int main(int argc, char** argv) try {
    if (argc < 2) throw std::invalid_argument("usage: canned_server PORT [THREADS]");
    run(static_cast<std::uint16_t>(std::stoul(argv[1])),
        argc > 2 ? static_cast<unsigned>(std::stoul(argv[2])) : 2);
    return 0;
} catch (const std::exception& error) {
    std::fprintf(stderr, "canned_server: %s\n", error.what());
    return 1;
}
