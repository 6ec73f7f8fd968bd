// SPDX-License-Identifier: Apache-2.0
#include "api/key_exchanges.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "api/key_requests.h"
#include "net/address.h"
#include "procedure/kme_by_https.h"
#include "types/base64.h"
#include "types/limits.h"
#include "types/time_text.h"

namespace bindhss::api {

namespace {

using binding::ExchangeOutcome;
using boost::asio::awaitable;

constexpr std::string_view exchanges = "/kme/v1/exchanges";
/// After a fault that passes by itself.
constexpr long fault_pause_s = 5;

http::Response no_such_transaction() {
    return http::problem(404, "There is no such transaction, or its time is over.");
}

http::Response only_post() {
    auto response = http::problem(405, "This is asked by POST.");
    response.fields.emplace_back("allow", "POST");
    return response;
}

http::Response made(unsigned status, const boost::json::object& body) {
    http::Response response;
    response.status = status;
    response.body = boost::json::serialize(body);
    return response;
}

http::Response offered(const procedure::KeyOffer& offer) {
    boost::json::object body;
    const auto transaction = to_hex(offer.transaction);
    body["transaction"] = transaction;
    body["generation"] = offer.generation;
    body["container"] = to_base64(offer.container);
    body["expires"] = time_text(offer.deadline);
    auto response = made(201, body);
    response.fields.emplace_back("location", std::string(exchanges) + "/" + transaction);
    return response;
}

http::Response concluded(const procedure::KeyConfirmation& confirmation) {
    switch (confirmation.outcome) {
        case ExchangeOutcome::established: {
            boost::json::object body;
            body["outcome"] = binding::name_of(confirmation.outcome);
            return made(200, body);
        }
        case ExchangeOutcome::rsp_invalid:
            return http::problem(
                409, "The answer does not prove that the device has the key: " + confirmation.detail + ".");
        case ExchangeOutcome::refused:
            return http::problem(422, "The device did not take the key: " + confirmation.detail + ".");
        case ExchangeOutcome::superseded:
            return no_such_transaction();
        case ExchangeOutcome::not_answered:
        case ExchangeOutcome::not_understood:
            break;
    }
    return http::problem(422, "This is no answer of a device.");
}

/// "imsi/imei": what an event is about.
std::string name_of(const KeyRequest& request) {
    return request.imsi.str() + "/" + request.imei.str();
}

}  // namespace

KeyExchanges::KeyExchanges(procedure::LivePorts ports, KeyExchangeSettings settings, log::Logger& log)
    : ports_(std::move(ports)),
      tokens_(std::make_shared<const std::optional<http::BearerTokens>>(std::move(settings.tokens))),
      log_(log),
      limits_(settings.rates, ports_.now()->random, ports_.now()->alarms, ports_.now()->clock) {}

KeyExchanges::Tokens KeyExchanges::tokens() const {
    const std::lock_guard lock(mutex_);
    return tokens_;
}

void KeyExchanges::change(KeyExchangeSettings settings) {
    limits_.change(settings.rates);
    auto next = std::make_shared<const std::optional<http::BearerTokens>>(std::move(settings.tokens));
    const std::lock_guard lock(mutex_);
    tokens_.swap(next);
}

awaitable<http::Response> KeyExchanges::serve(http::Request request) {
    Client client;
    if (auto refusal = turned_away(request, client)) co_return std::move(*refusal);
    const std::string_view path = request.path;
    const bool one = path.starts_with(exchanges) && path.substr(exchanges.size()).starts_with('/');
    if (path != exchanges && !one) co_return http::problem(404, "There is nothing here.");
    if (request.method != "POST") co_return only_post();
    if (request.media_type() != "application/json")
        co_return http::problem(415, "The body is to be application/json.");
    if (path == exchanges) {
        co_return co_await begin(std::move(request.body), std::move(client));
    }
    auto transaction = request.path.substr(exchanges.size() + 1);
    co_return co_await finish(std::move(transaction), std::move(request.body), std::move(client));
}

/// Before anything is read that costs something: who comes too often cannot try tokens either.
std::optional<http::Response> KeyExchanges::turned_away(const http::Request& request, Client& client) {
    client.address = net::origin_of(request.peer);
    if (!request.client_names.empty()) client.name = request.client_names.front();
    if (const auto pause = limits_.refuse_address(client.address))
        return http::problem_for_now(429, "Too many requests of this client.", *pause);
    const auto tokens = this->tokens();
    if (!*tokens) return std::nullopt;
    if (auto holder = (*tokens)->holder(request.field("authorization"))) {
        client.name = std::move(*holder);
        return std::nullopt;
    }
    tell(log::Level::warning, "key_client_refused", client, {}, "it shows no token that is known");
    auto response = http::problem(401, "A token that is known here is needed.");
    response.fields.emplace_back("www-authenticate", "Bearer");
    return response;
}

awaitable<http::Response> KeyExchanges::begin(std::string body, Client client) {
    const auto read = read_key_request(body);
    if (const auto* complaint = std::get_if<std::string>(&read)) co_return http::problem(400, *complaint);
    const auto& wanted = std::get<KeyRequest>(read);
    if (const auto pause = limits_.refuse_pair(wanted.imsi, wanted.imei, client.address))
        co_return http::problem_for_now(429, "Too many requests for this subscription or device.", *pause);
    const auto ports = ports_.now();
    const auto offer = co_await procedure::offer_key(*ports, wanted.imsi, wanted.imei);
    if (!offer) co_return refused(offer.error(), name_of(wanted), client);
    tell(log::Level::info, "key_offered", client, name_of(wanted),
         "transaction " + to_hex(offer->transaction));
    co_return offered(*offer);
}

awaitable<http::Response> KeyExchanges::finish(std::string text, std::string body, Client client) {
    const auto transaction = read_transaction(text);
    if (!transaction) co_return no_such_transaction();
    auto read = read_key_answer(body);
    if (const auto* complaint = std::get_if<std::string>(&read)) co_return http::problem(400, *complaint);
    auto container = std::move(std::get<OctetString>(read));
    const auto ports = ports_.now();
    const auto confirmation = co_await procedure::confirm_key(*ports, *transaction, std::move(container));
    const auto name = "transaction " + to_hex(*transaction);
    if (!confirmation) co_return refused(confirmation.error(), name, client);
    const bool good = confirmation->outcome == ExchangeOutcome::established;
    tell(good ? log::Level::info : log::Level::warning, "key_answered", client, name,
         confirmation->detail.empty() ? binding::name_of(confirmation->outcome)
                                      : std::string_view(confirmation->detail));
    co_return concluded(*confirmation);
}

/// The log has the reason; who asks is told no more than the class of it.
http::Response KeyExchanges::refused(const Failure& failure, std::string_view what, const Client& client) {
    tell(log::Level::info, "key_refused", client, what, failure.detail);
    switch (failure.cause) {
        case Cause::unknown_serving_node:
            return no_such_transaction();
        case Cause::rate_limited: {
            const auto ports = ports_.now();
            const auto& pauses = ports->settings.provisioning.pauses;
            const auto pause = pauses.empty() ? std::chrono::seconds(1) : pauses.front();
            return http::problem_for_now(429, "The last attempt failed a short time ago.", pause.count());
        }
        case Cause::too_busy:
        case Cause::unable_to_comply:
        case Cause::unable_to_deliver:
        case Cause::authentication_data_unavailable:
            return http::problem_for_now(503, "The HSS cannot serve this now.", fault_pause_s);
        default:
            return http::problem(403, "There is no key for this subscription and device.");
    }
}

void KeyExchanges::tell(log::Level level, std::string_view event, const Client& client,
                        std::string_view object, std::string_view detail) {
    if (!log_.enabled(level)) return;
    const auto kept_back = told_.take(std::chrono::steady_clock::now());
    if (!kept_back) return;
    if (*kept_back != 0) log_.info("key_events_not_told", {{"count", *kept_back}});
    log_.event(level, event,
               {{"address", client.address}, {"client", client.name}, {"for", object}, {"detail", detail}});
}

}  // namespace bindhss::api
