// SPDX-License-Identifier: Apache-2.0
#include "alarm_outlets/webhook.h"

#include "alarm/log_outlet.h"
#include "crypto/hmac.h"
#include "crypto/secret_file.h"
#include "http/client.h"

namespace bindhss::alarm {

namespace asio = boost::asio;

namespace {

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
    : Courier(executor, std::move(courier), log),
      settings_(std::make_shared<const WebhookSettings>(std::move(settings))),
      clock_(clock) {
    Octets<12> run{};
    random.fill(run);
    run_ = to_hex(run);
}

void Webhook::change(WebhookSettings settings) {
    auto next = std::make_shared<const WebhookSettings>(std::move(settings));
    const std::lock_guard lock(mutex_);
    settings_.swap(next);
}

Webhook::Settings Webhook::settings() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

http::Request Webhook::request(const Item& item, const WebhookSettings& settings) const {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_.now()).time_since_epoch().count();
    const auto timestamp = std::to_string(seconds);
    http::Request request;
    request.method = "POST";
    request.path = settings.to.target;
    request.body = json_of(item.notice, settings.origin);
    request.fields = {{"Content-Type", "application/json"},
                      {"Idempotency-Key", run_ + "-" + std::to_string(item.number)},
                      {"BindHSS-Timestamp", timestamp},
                      {"BindHSS-Signature", webhook_signature(settings.secret, timestamp, request.body)}};
    return request;
}

asio::awaitable<Courier::Outcome> Webhook::attempt(std::vector<Item> items) {
    const auto settings = this->settings();
    const auto& to = settings->to;
    http::Asking where{to.host, to.port, to.authority(), settings->tls, settings->deadline};
    where.answer_octets_max = limits::webhook_answer_octets_max;
    where.body_wanted = false;
    auto posted = request(items.front(), *settings);
    const auto answered = co_await http::ask(executor(), std::move(where), std::move(posted));
    if (const auto* problem = std::get_if<std::string>(&answered))
        co_return Outcome{Outcome::Kind::again, *problem};
    const auto status = std::get<http::Response>(answered).status;
    if (status >= 200 && status < 300) co_return Outcome{};
    const auto kind = may_help_to_try_again(status) ? Outcome::Kind::again : Outcome::Kind::refused;
    co_return Outcome{kind, to.authority() + " answers " + std::to_string(status)};
}

}  // namespace bindhss::alarm
