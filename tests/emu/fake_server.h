// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <boost/asio/detached.hpp>

#include "diameter/s6a_codec.h"
#include "diameter/s6a_request.h"
#include "diameter_dict/dictionary.h"
#include "emu/core_node.h"
#include "emu/s6a_port.h"
#include "fake_exchange.h"
#include "types/result_code.h"

namespace bindhss::emu::test {

inline const diameter_dict::Dictionary& test_dictionary() {
    static const diameter_dict::Dictionary one;  // libfdproto allows one a process
    return one;
}

/// An HSS of the tests (FakeHss, ProvisioningHss) behind a Diameter node.
template <class Hss>
class Server {
  public:
    Server(boost::asio::io_context& io, log::Logger& log)
        : io_(io),
          node_(
              io, test_dictionary(), settings(),
              [this](std::unique_ptr<diameter::IncomingRequest> incoming) {
                  boost::asio::co_spawn(io_, answer(std::move(incoming)), boost::asio::detached);
              },
              log) {
        node_.start();
    }
    [[nodiscard]] std::uint16_t port() const { return node_.listening().at(0).port; }
    boost::asio::awaitable<void> stop() {
        co_await node_.stop(diameter::DisconnectCause::rebooting, std::chrono::milliseconds(200));
    }
    /// Sends what an HSS sends, and gives the result of the answer; 0: none came.
    template <class Request>
    boost::asio::awaitable<std::uint32_t> ask(std::uint32_t command, Request request) {
        auto message = diameter::make_s6a_request(node_, command, {"mme1.test", "test"});
        encode(request, message);
        auto answer = co_await node_.send(std::move(message));
        if (!answer) co_return 0;
        last_answer = std::make_unique<diameter::Message>(std::move(*answer));
        const auto failure = diameter::failure_of(*last_answer);
        co_return failure ? result_code(failure->cause).number : diameter_success;
    }

    std::unique_ptr<diameter::Message> last_answer;
    Hss hss;

  private:
    static diameter::NodeSettings settings() {
        diameter::NodeSettings node;
        node.identity = "hss.test";
        node.realm = "test";
        node.listen = {{"127.0.0.1", 0}};
        diameter::PeerSettings anybody;
        anybody.identity = "*";
        anybody.realm = "test";
        node.peers = {anybody};
        return node;
    }

    boost::asio::awaitable<void> answer(std::unique_ptr<diameter::IncomingRequest> incoming) {
        auto decoded = diameter::decode_request(incoming->message());
        if (const auto* rejection = std::get_if<diameter::Rejection>(&decoded)) {
            incoming->reject(*rejection);
            co_return;
        }
        auto reply = incoming->make_answer();
        const auto result = co_await serve(std::get<s6a::Request>(std::move(decoded)));
        if (result) {
            encode(*result, reply);
        } else {
            encode(result.error(), reply);
        }
        incoming->answer(reply);
    }

    template <class T>
    static Result<s6a::Answer> answer_of(const Result<T>& result) {
        if (!result) return result.error();
        return s6a::Answer(*result);
    }
    static std::optional<TerminalReport> report_of(std::optional<TerminalInformation>& terminal) {
        if (!terminal) return std::nullopt;
        TerminalReport report{terminal->imei->str(), terminal->svn.value_or("")};
        terminal.reset();
        return report;
    }
    boost::asio::awaitable<Result<s6a::Answer>> serve(s6a::Request request) {
        if (auto* air = std::get_if<s6a::AuthenticationInformationRequest>(&request)) {
            co_return answer_of(co_await hss.authentication_information(*air));
        }
        if (auto* ulr = std::get_if<s6a::UpdateLocationRequest>(&request)) {
            const auto report = report_of(ulr->terminal_information);
            co_return answer_of(co_await hss.update_location(*ulr, report));
        }
        if (auto* pur = std::get_if<s6a::PurgeUeRequest>(&request)) {
            co_return answer_of(co_await hss.purge_ue(*pur));
        }
        if (auto* nor = std::get_if<s6a::NotifyRequest>(&request)) {
            const auto report = report_of(nor->terminal_information);
            co_return answer_of(co_await hss.notify(*nor, report));
        }
        auto& ecr = std::get<s6a::MeIdentityCheckRequest>(request);
        const TerminalReport report{ecr.terminal_information.imei->str(), {}};
        co_return answer_of(co_await hss.check_me_identity(ecr, report));
    }

    boost::asio::io_context& io_;
    diameter::Node node_;
};

inline S6aSettings mme_settings(std::uint16_t port) {
    S6aSettings settings;
    settings.identity = {"mme1.test", "test"};
    settings.connect = {"127.0.0.1", port};
    settings.destination_realm = "test";
    settings.request_timeout = std::chrono::milliseconds(2'000);
    settings.connect_timeout = std::chrono::milliseconds(5'000);
    return settings;
}

/// A server and an MME that is connected to it.
template <class Hss>
struct SocketBench {
    boost::asio::io_context io{1};
    log::Logger log{log::Settings{log::Level::error}};
    Server<Hss> server{io, log};
    CoreNode* node = nullptr;
    S6aPort port{io, test_dictionary(), mme_settings(server.port()),
                 [this](const HssRequest& request) {
                     return node != nullptr ? node->serve(request) : success_of(request);
                 },
                 log};

    template <class T>
    T run(boost::asio::awaitable<T> coroutine) {
        auto result = boost::asio::co_spawn(io, std::move(coroutine), boost::asio::use_future);
        io.restart();
        while (result.wait_for(std::chrono::seconds(0)) != std::future_status::ready && io.run_one() != 0) {
        }
        return result.get();
    }
    ~SocketBench() {
        run(port.disconnect());
        run(server.stop());
    }
};

}  // namespace bindhss::emu::test
