// SPDX-License-Identifier: Apache-2.0
// bindhss-emu device-exchange: a device that fetches its key by HTTPS, as one behind a stock MME does.
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json/serialize.hpp>
#include <iostream>

#include "alarm/address.h"
#include "crypto/secret_file.h"
#include "emu/device_key_file.h"
#include "emu/options.h"
#include "http/client.h"
#include "types/base64.h"
#include "types/json_object.h"
#include "types/limits.h"

namespace bindhss::emu {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

/// No connection, or an answer that no such server gives.
class NoServer : public std::runtime_error {
  public:
    using std::runtime_error::runtime_error;
};

/// The server, as one device sees it.
class KeyServer {
  public:
    explicit KeyServer(const DeviceExchangeOptions& options) {
        try {
            url_ = alarm::WebAddress::parse(options.url);
        } catch (const alarm::BadAddress& error) {
            throw UsageError(std::string("--url ") + error.what());
        }
        if (url_.tls) tls_ = crypto::TlsContext::load_client(options.ca);
        if (options.token_file.empty()) return;
        token_ = crypto::load_secret(
            {"token", limits::bearer_token_octets_min, limits::bearer_token_octets_max}, options.token_file);
    }

    /// `path` is what follows the URL.
    http::Response post(const std::string& path, const json::object& body) const {
        auto target = url_.target;
        while (target.ends_with('/')) target.pop_back();
        http::Request request;
        request.method = "POST";
        request.path = target + path;
        request.body = json::serialize(body);
        request.fields = {{"content-type", "application/json"}};
        if (!token_.empty()) {
            const auto token = token_.view();
            request.fields.emplace_back("authorization", "Bearer " + std::string(token.begin(), token.end()));
        }
        asio::io_context io;
        http::Asking where{url_.host, url_.port, url_.authority(), tls_};
        std::variant<http::Response, std::string> answered;
        asio::co_spawn(io, http::ask(io.get_executor(), std::move(where), std::move(request)),
                       [&](const std::exception_ptr& failed, std::variant<http::Response, std::string> a) {
                           if (failed) std::rethrow_exception(failed);
                           answered = std::move(a);
                       });
        io.run();
        if (const auto* problem = std::get_if<std::string>(&answered)) throw NoServer(*problem);
        return std::get<http::Response>(std::move(answered));
    }

  private:
    alarm::WebAddress url_;
    std::shared_ptr<const crypto::TlsContext> tls_;
    SecretString token_;
};

json::object object_of(const http::Response& response) {
    auto parsed = parse_json_object(response.body);
    if (const auto* problem = std::get_if<std::string>(&parsed)) throw NoServer("the answer " + *problem);
    return std::get<json::object>(std::move(parsed));
}

std::string member(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

ExitCode refused(const http::Response& response) {
    std::cout << "refused: " << response.status << ' ' << member(object_of(response), "detail") << '\n';
    return ExitCode::not_as_expected;
}

SecureElement secure_element(const DeviceExchangeOptions& options) {
    const auto conduct = parse_exchange_conduct(options.conduct);
    if (!conduct) throw UsageError("--conduct is one of " + exchange_conduct_names());
    auto key = read_device_key(options.private_key);
    if (const auto* complaint = std::get_if<std::string>(&key)) throw UsageError(*complaint);
    return SecureElement(std::get<crypto::DevicePrivateKey>(std::move(key)), *conduct);
}

ExitCode exchange(const DeviceExchangeOptions& options) {
    const auto imsi = Imsi::parse(options.imsi);
    if (!imsi) throw UsageError("--imsi is no IMSI of 6 to 15 digits");
    const auto imei = Imei::parse(options.imei);
    if (!imei) throw UsageError("--imei is no IMEI of 14, 15 or 16 digits");
    Me me(*imei);
    auto element = secure_element(options);
    const KeyServer server(options);

    const auto offer = server.post("/kme/v1/exchanges", {{"imsi", options.imsi}, {"imei", options.imei}});
    if (offer.status != 201) return refused(offer);
    const auto offered = object_of(offer);
    const auto transaction = member(offered, "transaction");
    const auto container = from_base64(member(offered, "container"));
    if (!container || transaction.empty()) throw NoServer("the offer is none");
    std::cout << "offered: transaction " << transaction << ", to be answered by "
              << member(offered, "expires") << '\n';

    const auto answer = element.answer(*container, *imsi, std::nullopt, me);
    if (const auto status = element.last_status())
        std::cout << "the device: " << binding::name_of(*status) << '\n';
    if (!answer) {
        std::cout << "the device says nothing\n";
        return ExitCode::not_as_expected;
    }
    // Before the answer goes out: should its own answer be lost, the device is left with the key that the
    // HSS may have made the active one.
    if (const auto generation = element.generation(); generation && !options.kme_out.empty())
        write_kme(options.kme_out, *generation, me.kme(*generation));
    const auto done = server.post("/kme/v1/exchanges/" + transaction, {{"container", to_base64(*answer)}});
    if (done.status != 200) return refused(done);
    std::cout << member(object_of(done), "outcome") << '\n';
    return ExitCode::as_expected;
}

}  // namespace

ExitCode device_exchange_command(const DeviceExchangeOptions& options) {
    try {
        return exchange(options);
    } catch (const NoServer& error) {
        std::cerr << "bindhss-emu: " << error.what() << '\n';
        return ExitCode::cannot_connect;
    }
}

}  // namespace bindhss::emu
