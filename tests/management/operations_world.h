// SPDX-License-Identifier: Apache-2.0
// The API over a store in memory, asked on the test's own thread.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>
#include <map>
#include <set>

#include "management/api.h"
#include "management/router.h"
#include "store/memory/memory_store.h"

namespace bindhss::test {

namespace json = boost::json;
using management::Role;
using management::Roles;

inline constexpr const char* some_k = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
inline constexpr const char* some_opc = "cd63cb71954a9f4e48a5994e37a02baf";
inline constexpr const char* some_kme = "a0a1a2a3a4a5a6a7a8a9aaabacadaeaf";

/// A daemon that answers what it is told to.
class ToldDaemon final : public management::Running {
  public:
    json::array peers() override { return json::parse(R"([{"identity": "mme1"}])").as_array(); }
    json::object status() override { return json::parse(R"({"version": "1.0"})").as_object(); }
    json::array events(std::uint64_t after, const std::optional<Imsi>& imsi, std::size_t limit) override {
        json::array list;
        for (auto number = after + 1; number <= last_event && list.size() < limit; ++number)
            list.push_back(json::object{{"number", number}, {"imsi", imsi ? imsi->str() : "any"}});
        return list;
    }
    json::object health() override { return json::parse(R"({"ready": true, "checks": []})").as_object(); }
    std::string configuration() override { return "identity: hss\n"; }
    json::object reload() override {
        if (!reload_problem.empty()) throw std::runtime_error(reload_problem);
        return json::parse(R"({"changed": ["log.level"], "needs_restart": []})").as_object();
    }

    std::uint64_t last_event = 5;
    std::string reload_problem;
};

struct Answer {
    unsigned status = 0;
    std::string body;
    std::map<std::string, std::string> fields;
    std::string media_type;

    [[nodiscard]] json::object object() const { return json::parse(body).as_object(); }
    [[nodiscard]] std::string problem() const {
        const auto type = std::string(object().at("type").as_string());
        return type.substr(type.rfind(':') + 1);
    }
    [[nodiscard]] std::string detail() const { return std::string(object().at("detail").as_string()); }
    [[nodiscard]] json::array items() const { return object().at("items").as_array(); }
    [[nodiscard]] std::string etag() const { return fields.at("etag"); }
};

class OperationsWorld {
  public:
    explicit OperationsWorld(
        management::Running* running = nullptr,
        std::shared_ptr<store::MemoryStore> its_store = std::make_shared<store::MemoryStore>())
        : store(std::move(its_store)),
          log_({log::Level::error, log::Format::text, {}}),
          api_(
              {.workers = 0}, [this] { return stores_; }, running, log_) {
        caller.name = "somebody@somewhere";
        caller.roles.add(Role::admin);
    }

    Answer ask(const std::string& method, const std::string& target, const std::string& body = {},
               http::Fields fields = {}, const std::string& type = "application/json") {
        http::Request request;
        request.method = method;
        const auto mark = target.find('?');
        request.path = target.substr(0, mark);
        if (mark != std::string::npos) request.query = target.substr(mark + 1);
        request.fields = std::move(fields);
        if (!body.empty()) request.fields.emplace_back("content-type", type);
        request.body = body;
        const auto response = api_.serve_here(request, caller, stores_);
        Answer answer{response.status, response.body, {}, response.media_type};
        for (const auto& [name, value] : response.fields) answer.fields[name] = value;
        answers += response.body;
        for (const auto& [name, value] : response.fields) answers += name + ": " + value + "\n";
        return answer;
    }
    Answer get(const std::string& target, http::Fields fields = {}) {
        return ask("GET", target, {}, std::move(fields));
    }
    Answer change(const std::string& lines, http::Fields fields = {}, const std::string& query = {}) {
        return ask("POST", "/v1/changes" + query, lines, std::move(fields), "application/x-ndjson");
    }
    /// For what has to go well.
    Answer good(const std::string& method, const std::string& target, const std::string& body = {}) {
        auto answer = ask(method, target, body);
        INFO(method << " " << target << " " << body << ": " << answer.body);
        REQUIRE(answer.status / 100 == 2);
        return answer;
    }
    void subscriber(const std::string& imsi, const std::string& more = {}) {
        good("PUT", "/v1/subscribers/" + imsi,
             std::string(R"({"k": ")") + some_k + R"(", "opc": ")" + some_opc + "\"" + more + "}");
    }
    /// All pages of a list, `limit` rows each, as the texts of a member.
    std::vector<std::string> texts(
        const std::string& path, const std::string& query, const std::string& member, std::size_t limit,
        const std::function<void()>& between = [] {}) {
        std::vector<std::string> all;
        std::string cursor;
        for (int page = 0; page < 1'000; ++page) {
            const auto answer =
                get(path + "?limit=" + std::to_string(limit) + (query.empty() ? "" : "&" + query) +
                    (cursor.empty() ? "" : "&cursor=" + cursor));
            INFO(answer.body);
            REQUIRE(answer.status == 200);
            REQUIRE(answer.items().size() <= limit);
            for (const auto& item : answer.items()) {
                const auto& value = item.as_object().at(member);
                all.push_back(value.is_string() ? std::string(value.as_string()) : json::serialize(value));
            }
            const auto object = answer.object();
            const auto* next = object.if_contains("next");
            REQUIRE((next != nullptr) == answer.fields.contains("link"));
            if (next == nullptr) return all;
            cursor = std::string(next->as_string());
            between();
        }
        FAIL("the list has no end");
        return all;
    }
    /// A procedure of the store.
    template <class T>
    Result<T> run(store::Awaitable<T> work) {
        boost::asio::io_context io;
        auto future = boost::asio::co_spawn(io, std::move(work), boost::asio::use_future);
        io.run();
        return future.get();
    }

    std::shared_ptr<store::MemoryStore> store;
    management::Caller caller;
    std::string answers;  ///< all that was ever answered

  private:
    log::Logger log_;
    management::Stores stores_{store, store};
    management::Api api_;
};

}  // namespace bindhss::test
