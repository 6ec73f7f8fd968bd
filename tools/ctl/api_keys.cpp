// SPDX-License-Identifier: Apache-2.0
// Keys through the API: KMEs, which go one way, and the public keys of devices.
#include <fmt/format.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <functional>

#include "ctl/api_rows.h"
#include "ctl/api_store.h"
#include "ctl/time_text.h"
#include "records/changes.h"
#include "store/names.h"
#include "types/base64.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace json = boost::json;

namespace {

/// Lines for one request, and the lines of a file that they come from.
struct Batch {
    std::string body;
    std::vector<std::size_t> lines;

    Batch() = default;
    ~Batch() { explicit_bzero(body.data(), body.size()); }
    Batch(const Batch&) = delete;
    Batch& operator=(const Batch&) = delete;

    void add(std::string text, std::size_t line) {
        body.append(text) += '\n';
        lines.push_back(line);
        explicit_bzero(text.data(), text.size());
    }
    [[nodiscard]] bool full() const { return body.size() >= limits::ctl_import_chunk_octets_max; }
    [[nodiscard]] bool empty() const { return lines.empty(); }
    void clear() {
        explicit_bzero(body.data(), body.size());
        body.clear();
        lines.clear();
    }
    /// Of the file that a line of this batch is in.
    [[nodiscard]] std::size_t line(std::size_t own) const {
        return own >= 1 && own <= lines.size() ? lines[own - 1] : 0;
    }
    [[nodiscard]] http::Request request(std::string path, const Query& query) const {
        http::Request request;
        request.method = "POST";
        request.path = std::move(path);
        request.query = query.text();
        request.fields.emplace_back("content-type", "application/x-ndjson");
        request.body = body;
        return request;
    }
};

/// What the audit is to call an import; a name that it would not take is left out.
void add_name(Query& query, const std::string& what) {
    if (!what.empty() && store::comment_problem(what).empty()) query.add("name", what);
}

std::string line_of(const store::DeviceKey& key) {
    json::object object;
    object["imei"] = key.imei.str();
    object["key"] = to_base64(key.der);
    if (!key.origin.empty()) object["origin"] = key.origin;
    if (key.valid_from) object["valid_from"] = time_text(*key.valid_from);
    if (key.valid_until) object["valid_until"] = time_text(*key.valid_until);
    if (key.secure) object["secure"] = *key.secure ? "yes" : "no";
    return json::serialize(object);
}

/// Tells of what ends an import of several requests, be it the file or an answer, with what `left` says that
/// the requests before have stored; empty: nothing.
template <class Import>
auto with_what_is_left(Import import, const std::function<std::string()>& left) {
    const auto told = [&left](const std::exception& error) {
        return std::string(error.what()) + "; " + left();
    };
    try {
        return import();
    } catch (const store::Unavailable& away) {
        if (left().empty()) throw;
        throw store::Unavailable(told(away));
    } catch (const Refused& error) {
        if (left().empty()) throw;
        throw Refused(told(error));
    }
}

/// One import of public keys over several requests.
class DeviceKeyRun {
  public:
    DeviceKeyRun(ApiClient& api, const store::DeviceKeyImportOptions& options, const std::string& what)
        : api_(api), options_(options) {
        query_.flag("dry_run", options.dry_run).flag("strict", options.strict);
        query_.flag("revoke_others", options.revoke_others).add_if("origin", options.origin);
        add_name(query_, what);
    }

    store::DeviceKeyImport run(store::DeviceKeySource& source) {
        return with_what_is_left([&] { return import(source); },
                                 [this] {
                                     return sent_ == 0 || !total_.stored
                                                ? std::string()
                                                : fmt::format(
                                                      "of the {} lines before, {} keys are new and stored",
                                                      sent_, total_.added);
                                 });
    }

  private:
    store::DeviceKeyImport import(store::DeviceKeySource& source) {
        total_.stored = !options_.dry_run;
        while (auto record = source.next()) {
            if (const auto* problem = std::get_if<std::string>(&record->key)) {
                refuse({record->line, *problem});
                continue;
            }
            batch_.add(line_of(std::get<store::DeviceKey>(record->key)), record->line);
            if (!batch_.full()) continue;
            require_no_whole();
            send();
        }
        // Of a strict import with a line that is wrong already, the rest is checked alone.
        if (options_.strict && total_.refused > 0) {
            query_.flag("dry_run", !options_.dry_run);
            total_.stored = false;
        }
        send();
        std::stable_sort(total_.errors.begin(), total_.errors.end(),
                         [](const auto& a, const auto& b) { return a.line < b.line; });
        return std::move(total_);
    }
    /// What counts for all of a file cannot be told by the requests for its parts.
    void require_no_whole() const {
        if (options_.strict) {
            throw Refused(
                "--strict takes what fits into one request: divide the file, or try it with "
                "--dry-run first and import it without");
        }
        // Of two keys of a device in two requests, the second would revoke the first.
        if (options_.revoke_others) {
            throw Refused(
                "--revoke-others takes what fits into one request (4 MiB): divide the file so that the keys "
                "of a device stay together, or name the database with --database");
        }
    }
    void refuse(store::LineError error) {
        ++total_.refused;
        if (total_.errors.size() < limits::import_errors_shown_max) total_.errors.push_back(std::move(error));
    }
    void send() {
        if (batch_.empty()) return;
        const auto answer =
            object_from(done_by(api_, batch_.request(path_of({"device-keys", "import"}), query_)));
        sent_ += batch_.lines.size();
        total_.added += number_in(answer, "added");
        total_.unchanged += number_in(answer, "unchanged");
        total_.revoked += number_in(answer, "revoked");
        const auto refused = number_in(answer, "refused");
        const auto* errors = answer.if_contains("errors");
        if (errors != nullptr && errors->is_array()) {
            for (const auto& each : errors->get_array()) {
                const auto& error = each.as_object();
                refuse({batch_.line(number_in(error, "line")), std::string(error.at("detail").as_string())});
                --total_.refused;
            }
        }
        total_.refused += refused;
        const auto* stored = answer.if_contains("stored");
        total_.stored = total_.stored && stored != nullptr && stored->is_bool() && stored->get_bool();
        batch_.clear();
    }

    ApiClient& api_;
    const store::DeviceKeyImportOptions& options_;
    Query query_;
    Batch batch_;
    std::uint64_t sent_ = 0;  ///< lines that requests before have done
    store::DeviceKeyImport total_;
};

}  // namespace

store::KmeImport ApiProvisioning::import_kmes(store::KmeSource& source, bool dry_run,
                                              const std::string& what) {
    if (direct_) return direct_->import_kmes(source, dry_run, what);
    Query query;
    query.flag("dry_run", dry_run);
    add_name(query, what);
    store::KmeImport total;
    std::uint64_t stored = 0;
    Batch batch;
    const auto send = [&] {
        if (batch.empty()) return;
        try {
            const auto answer =
                object_from(done_by(*api_, batch.request(path_of({"kmes", "import"}), query)));
            total.added += number_in(answer, "added");
            total.replaced += number_in(answer, "replaced");
            total.unchanged += number_in(answer, "unchanged");
        } catch (const ApiProblem& problem) {
            if (problem.errors().empty()) throw;
            for (const auto& error : problem.errors())
                total.errors.push_back({batch.line(error.line), error.text});
            if (stored > 0 && !dry_run) {
                throw Refused(
                    fmt::format("line {}: {}", total.errors.front().line, total.errors.front().text));
            }
        }
        stored += batch.lines.size();
        batch.clear();
    };
    const auto import = [&] {
        while (auto record = source.next()) {
            store::PutKme put{std::move(record->owner), std::move(record->key), record->generation};
            batch.add(records::line_of({std::move(put), 0}), record->line);
            if (!batch.full()) continue;
            send();
            if (!total.errors.empty()) return total;
        }
        send();
        return total;
    };
    return with_what_is_left(import, [&] {
        return stored == 0 || dry_run ? std::string()
                                      : fmt::format("the {} keys before are imported", stored);
    });
}

void ApiDeviceKeys::act_as(std::string who) {
    if (direct_) direct_->act_as(std::move(who));
}

store::DeviceKeyImport ApiDeviceKeys::import_device_keys(store::DeviceKeySource& source,
                                                         const store::DeviceKeyImportOptions& options,
                                                         const std::string& what) {
    if (direct_) return direct_->import_device_keys(source, options, what);
    return DeviceKeyRun(*api_, options, what).run(source);
}

std::uint64_t ApiDeviceKeys::revoke_device_keys(Imei imei, const std::optional<Octets<32>>& fingerprint) {
    json::object body;
    if (fingerprint) body["fingerprint"] = to_hex(*fingerprint);
    const auto request = request_of("POST", path_of({"device-keys", imei.str(), "revoke"}), body);
    return number_in(object_from(done_by(*api_, request)), "revoked");
}

std::vector<store::DeviceKey> ApiDeviceKeys::device_keys(const std::optional<Imei>& imei,
                                                         const std::optional<Imei>& after,
                                                         std::size_t limit) {
    Query query;
    if (imei) query.add("imei", imei->str());
    const store::Page page(after ? after->str() : std::string(), limit);
    auto keys = fetch_rows<store::DeviceKey>(*api_, path_of({"device-keys"}), query, page);
    // A page ends with the last key of a device.
    if (keys.size() > limit) keys.erase(keys.begin() + static_cast<std::ptrdiff_t>(limit), keys.end());
    return keys;
}

std::uint64_t ApiDeviceKeys::renew_kmes(const std::variant<Imei, std::string>& owner) {
    const auto request = request_of("POST", path_of({"kmes", owner_text(owner), "renew"}), {});
    try {
        return number_in(object_from(done_by(*api_, request)), "keys");
    } catch (const ApiProblem& problem) {
        if (problem.status() == 404) return 0;
        throw;
    }
}

std::vector<store::ExchangeRow> ApiDeviceKeys::exchanges(const store::Page& page) {
    return fetch_rows<store::ExchangeRow>(*api_, path_of({"exchanges"}), {}, page);
}

}  // namespace bindhss::ctl
