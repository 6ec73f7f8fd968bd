// SPDX-License-Identifier: Apache-2.0
// How bindhssctl asks the API of operators (docs/api.md), whether a daemon answers it or this process does.
#pragma once

#include <boost/json/object.hpp>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ctl/commands.h"
#include "http/message.h"
#include "store/provisioning.h"

namespace bindhss::ctl {

/// What the API refuses, in its own words.
class ApiProblem : public Refused {
  public:
    ApiProblem(unsigned status, std::string name, const std::string& detail,
               std::vector<store::LineError> errors = {})
        : Refused(detail), status_(status), name_(std::move(name)), errors_(std::move(errors)) {}
    [[nodiscard]] unsigned status() const { return status_; }
    /// "not-found"; empty: it was no problem of this API.
    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::vector<store::LineError>& errors() const { return errors_; }

  private:
    unsigned status_;
    std::string name_;
    std::vector<store::LineError> errors_;
};

/// REQUIRES: one thread at a time.
class ApiClient {
  public:
    virtual ~ApiClient() = default;
    /// The answer, whatever its status. Throws store::Unavailable when there is none.
    [[nodiscard]] virtual http::Response ask(const http::Request& request) = 0;
    /// Another one that asks the same API, for another thread.
    [[nodiscard]] virtual std::shared_ptr<ApiClient> another() const = 0;
    /// "unix:/run/bindhss/api.sock", "https://hss1:8443": for people, without a secret.
    [[nodiscard]] virtual std::string where() const = 0;
};

/// The parameters of a request, encoded.
class Query {
  public:
    Query() = default;
    Query& add(std::string_view name, std::string_view value);
    /// The same where there is a value.
    Query& add_if(std::string_view name, std::string_view value) {
        return value.empty() ? *this : add(name, value);
    }
    Query& flag(std::string_view name, bool value) { return value ? add(name, "true") : *this; }
    [[nodiscard]] const std::string& text() const { return text_; }

  private:
    std::string text_;
};

/// "/v1/subscribers/001010000000001" of {"subscribers", "001010000000001"}; each part is encoded.
[[nodiscard]] std::string path_of(std::initializer_list<std::string_view> parts);
[[nodiscard]] http::Request get_of(std::string path, const Query& query = {});
/// With a body of application/json.
[[nodiscard]] http::Request request_of(std::string method, std::string path, const boost::json::object& body,
                                       const Query& query = {});

/// The answer of a request that was done. An API that is busy is asked again for a while. Throws ApiProblem,
/// and store::Unavailable when nobody answers, the API stays busy, or what is behind it is away (429, 502,
/// 503, 504).
http::Response done_by(ApiClient& api, const http::Request& request);
/// Of a JSON object.
[[nodiscard]] boost::json::object object_from(const http::Response& response);
[[nodiscard]] boost::json::object fetch(ApiClient& api, const std::string& path, const Query& query = {});
/// Nothing: there is no such thing.
[[nodiscard]] std::optional<boost::json::object> find(ApiClient& api, const std::string& path,
                                                      const Query& query = {});

/// The objects of a list without pages.
[[nodiscard]] std::vector<boost::json::object> fetch_items(ApiClient& api, const std::string& path);
/// The objects of a list, `limit` at most, page after page from `after` on (empty: from the start; as
/// store/listing.h names a row).
[[nodiscard]] std::vector<boost::json::object> fetch_list(ApiClient& api, const std::string& path,
                                                          const Query& query, const store::Page& page);

}  // namespace bindhss::ctl
