// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/webhook.h"

#include <boost/beast/http/message.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <sstream>

#include "alarm/log_outlet.h"
#include "crypto/hmac.h"
#include "crypto/secret_file.h"
#include "net/connection.h"

namespace bindhss::alarm {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;

namespace {

/// An answer that comes in pieces.
class Answer {
  public:
    Answer() {
        parser_.body_limit(limits::webhook_answer_octets_max);
        parser_.eager(true);
    }
    /// Takes from `octets` what it understands; none: the connection has ended. Returns why it is no answer.
    std::string take(std::string& octets) {
        error_code error;
        if (octets.empty()) {
            parser_.put_eof(error);
            return error ? "the connection ended before the answer did" : "";
        }
        const auto used = parser_.put(asio::buffer(octets), error);
        octets.erase(0, used);
        if (error && error != http::error::need_more) return "the answer is not HTTP: " + error.message();
        return octets.size() > limits::webhook_answer_octets_max ? "the answer has no end" : "";
    }
    [[nodiscard]] bool complete() const { return parser_.is_done(); }
    /// The rest of it is of no interest.
    [[nodiscard]] bool has_status() const { return parser_.is_header_done(); }
    [[nodiscard]] unsigned status() const { return parser_.get().result_int(); }

  private:
    http::response_parser<http::string_body> parser_;
};

bool may_help_to_try_again(unsigned status) {
    return status == 408 || status == 425 || status == 429 || status >= 500 || status < 200;
}

}  // namespace

std::string webhook_signature(const SecretString& secret, std::string_view timestamp, std::string_view body) {
    const auto text = std::string(timestamp) + "." + std::string(body);
    return "v1=" + to_hex(crypto::hmac_sha256(secret.view(), as_octets(text)).view());
}

SecretString load_webhook_secret(const std::string& path) {
    const crypto::SecretFile file{"webhook secret", limits::webhook_secret_octets_min,
                                  limits::webhook_secret_octets_max};
    return crypto::load_secret(file, path);
}

Webhook::Webhook(const asio::any_io_executor& executor, CourierSettings courier, WebhookSettings settings,
                 Random& random, const Clock& clock, log::Logger& log)
    : Courier(executor, std::move(courier), log), settings_(std::move(settings)), clock_(clock) {
    Octets<12> run{};
    random.fill(run);
    run_ = to_hex(run);
}

std::string Webhook::request(const Item& item) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    const auto timestamp = std::to_string(seconds);
    http::request<http::string_body> request(http::verb::post, settings_.to.target, 11);
    request.body() = json_of(item.notice, settings_.origin);
    request.set(http::field::host, settings_.to.authority());
    request.set(http::field::user_agent, "BindHSS");
    request.set(http::field::content_type, "application/json");
    request.set(http::field::connection, "close");
    request.set("Idempotency-Key", run_ + "-" + std::to_string(item.number));
    request.set("BindHSS-Timestamp", timestamp);
    request.set("BindHSS-Signature", webhook_signature(settings_.secret, timestamp, request.body()));
    request.prepare_payload();
    std::ostringstream text;
    text << request;
    return text.str();
}

asio::awaitable<Courier::Outcome> Webhook::attempt(Item item) {
    net::Connection connection(executor());
    connection.deadline(settings_.deadline);
    auto problem = co_await connection.open(settings_.to.host, settings_.to.port, settings_.tls);
    auto octets = request(item);
    if (problem.empty()) problem = co_await connection.send(octets);
    octets.clear();
    Answer answer;
    while (problem.empty() && !answer.complete()) {
        const auto before = octets.size();
        problem = co_await connection.receive(&octets);
        if (!problem.empty()) break;
        if (octets.size() == before) octets.clear();
        problem = answer.take(octets);
    }
    if (!answer.has_status())
        co_return Outcome{Outcome::Kind::again, settings_.to.authority() + ": " + problem};
    const auto status = answer.status();
    if (status >= 200 && status < 300) co_return Outcome{};
    const auto kind = may_help_to_try_again(status) ? Outcome::Kind::again : Outcome::Kind::refused;
    co_return Outcome{kind, settings_.to.authority() + " answers " + std::to_string(status)};
}

}  // namespace bindhss::alarm
