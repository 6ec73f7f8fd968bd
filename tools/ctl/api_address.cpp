// SPDX-License-Identifier: Apache-2.0
#include "ctl/api_address.h"

#include <fmt/format.h>

#include <charconv>
#include <fstream>

#include "ctl/file_report.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

constexpr std::uint16_t default_port = 8443;
constexpr std::size_t token_octets_max = 1'024;

std::string url_of(const ApiAddress& address) {
    if (!address.socket.empty()) return "unix:" + address.socket;
    const bool v6 = address.host.find(':') != std::string::npos;
    return fmt::format("https://{}{}{}:{}", v6 ? "[" : "", address.host, v6 ? "]" : "", address.port);
}

class HttpApi final : public ApiClient {
  public:
    HttpApi(http::Destination where, std::string url, std::string token)
        : destination_(where), url_(std::move(url)), token_(std::move(token)), client_(std::move(where)) {}

    http::Response ask(const http::Request& request) override {
        auto asked = request;
        if (!token_.empty()) asked.fields.emplace_back("authorization", "Bearer " + token_);
        try {
            return client_.ask(asked);
        } catch (const http::NoAnswer& none) {
            throw store::Unavailable(explained(none.what()));
        }
    }
    std::shared_ptr<ApiClient> another() const override {
        return std::make_shared<HttpApi>(destination_, url_, token_);
    }
    std::string where() const override { return url_; }

  private:
    /// With what of the arguments it has to do. What TLS says by itself does not name the host.
    [[nodiscard]] std::string explained(const std::string& why) const {
        if (!destination_.tls) return why;
        if (why.find(" alert ") != std::string::npos) return why + " (--certificate: what was shown)";
        if (why.starts_with("TLS failed")) return url_ + ": " + why + " (--ca: whom to trust)";
        return why.starts_with("its certificate") ? url_ + ": " + why : why;
    }

    http::Destination destination_;
    std::string url_;
    std::string token_;
    http::BlockingClient client_;
};

std::string read_token(const std::string& path) {
    std::ifstream file(path);
    if (!file) throw unusable(path, std::string("cannot be read: ") + std::strerror(errno));
    std::string line;
    std::getline(file, line);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.pop_back();
    if (line.empty() || line.size() > token_octets_max)
        throw unusable(path, "has no token in its first line");
    for (const char c : line)
        if (c <= ' ' || c > '~') throw unusable(path, "has a token with characters that no token has");
    return line;
}

std::shared_ptr<const crypto::TlsContext> tls_of(const Credentials& credentials) {
    try {
        if (credentials.certificate.empty()) return crypto::TlsContext::load_client(credentials.ca);
        crypto::TlsFiles files;
        files.certificate = credentials.certificate;
        files.private_key = credentials.private_key;
        files.ca = credentials.ca;
        return crypto::TlsContext::load(files);
    } catch (const std::runtime_error& error) {
        throw Refused(error.what());
    }
}

}  // namespace

ApiAddress parsed_api(const std::string& text) {
    ApiAddress address;
    constexpr std::string_view unix_scheme = "unix:";
    constexpr std::string_view tls_scheme = "https://";
    if (text.starts_with('/')) {
        address.socket = text;
        return address;
    }
    if (text.starts_with(unix_scheme)) {
        address.socket = text.substr(unix_scheme.size());
        while (address.socket.starts_with("//")) address.socket.erase(0, 1);
        if (address.socket.starts_with('/')) return address;
    }
    const Refused wrong("the API's address " + shown(text) +
                        " is neither unix:/path nor https://host[:port]" +
                        (text.starts_with("http://") ? ": without TLS there is the socket alone" : ""));
    if (!text.starts_with(tls_scheme)) throw wrong;
    auto rest = text.substr(tls_scheme.size());
    if (rest.ends_with('/')) rest.pop_back();
    address.port = default_port;
    auto end = rest.starts_with('[') ? rest.find(']') : rest.find(':');
    if (rest.starts_with('[')) {
        if (end == std::string::npos) throw wrong;
        address.host = rest.substr(1, end - 1);
        ++end;
    } else {
        end = std::min(end, rest.size());
        address.host = rest.substr(0, end);
    }
    if (address.host.empty() || address.host.find_first_of("/@?# ") != std::string::npos) throw wrong;
    if (end == rest.size()) return address;
    const auto* const last = rest.data() + rest.size();
    const auto [stop, error] = std::from_chars(rest.data() + end + 1, last, address.port);
    if (rest[end] != ':' || error != std::errc() || stop != last || address.port == 0) throw wrong;
    return address;
}

std::shared_ptr<ApiClient> connect_api(const ApiAddress& address, const Credentials& credentials) {
    http::Destination where;
    where.socket = address.socket;
    where.host = address.host;
    where.port = address.port;
    if (where.socket.empty()) {
        if (!credentials.certificate.empty() && credentials.ca.empty())
            throw Refused("--certificate needs --ca: whom to trust");
        where.tls = tls_of(credentials);
    }
    auto token = credentials.token_file.empty() ? std::string() : read_token(credentials.token_file);
    return std::make_shared<HttpApi>(std::move(where), url_of(address), std::move(token));
}

}  // namespace bindhss::ctl
