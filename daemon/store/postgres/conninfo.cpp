// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/conninfo.h"

#include <libpq-fe.h>

#include <map>
#include <memory>

#include "crypto/secret_file.h"

namespace bindhss::store::postgres {
namespace {

std::map<std::string, std::string> parse(const std::string& url) {
    char* raw_error = nullptr;
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(
        PQconninfoParse(url.c_str(), &raw_error), &PQconninfoFree);
    const std::unique_ptr<char, decltype(&PQfreemem)> error(raw_error, &PQfreemem);
    // libpq's own text may quote the string, and with it a password.
    if (!options) throw std::invalid_argument("the database URL is not a connection string of PostgreSQL");
    std::map<std::string, std::string> values;
    for (const auto* option = options.get(); option->keyword != nullptr; ++option)
        if (option->val != nullptr && *option->val != '\0') values[option->keyword] = option->val;
    return values;
}

std::string print(const std::map<std::string, std::string>& values) {
    std::string text;
    for (const auto& [keyword, value] : values) {
        if (!text.empty()) text.push_back(' ');
        text.append(keyword).append("='");
        for (const char c : value) {
            if (c == '\'' || c == '\\') text.push_back('\\');
            text.push_back(c);
        }
        text.push_back('\'');
    }
    return text;
}

}  // namespace

std::string complete_conninfo(const std::string& url, std::string_view application) {
    auto values = parse(url);
    const auto add = [&](const char* keyword, std::string_view value) { values.try_emplace(keyword, value); };
    add("connect_timeout", "2");
    add("keepalives_idle", "5");
    add("keepalives_interval", "1");
    add("keepalives_count", "3");
    add("tcp_user_timeout", "3000");
    add("application_name", application);
    add("client_encoding", "UTF8");
    if (values["host"].find(',') != std::string::npos) add("target_session_attrs", "read-write");
    if (values["host"].empty()) values.erase("host");
    return print(values);
}

std::string with_password(const std::string& url, std::string_view password) {
    auto values = parse(url);
    values["password"] = password;
    return print(values);
}

std::string with_password_file(const std::string& url, const std::string& file) {
    if (file.empty()) return url;
    constexpr std::size_t octets_max = 1'024;
    const auto password = crypto::load_secret({"database password", 1, octets_max}, file);
    const auto octets = password.view();
    return with_password(url, {reinterpret_cast<const char*>(octets.data()), octets.size()});
}

std::string describe_conninfo(const std::string& url) {
    auto values = parse(url);
    return values["host"] + ":" + values["port"] + "/" + values["dbname"];
}

}  // namespace bindhss::store::postgres
