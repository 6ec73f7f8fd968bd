// SPDX-License-Identifier: Apache-2.0
// Settings from the environment, where values come from, and credentials.
#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <set>

#include "config/config.h"

using namespace bindhss;
using namespace std::chrono_literals;

namespace {

config::Source with(std::vector<config::Variable> environment) {
    config::Source source;
    source.environment = std::move(environment);
    return source;
}

std::string problems_of(const std::string& text, std::vector<config::Variable> environment) {
    try {
        (void)config::parse(text, "f", with(std::move(environment)));
    } catch (const config::Error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("every key has a variable of its own") {
    std::set<std::string> variables;
    for (const auto& [key, reloadable] : config::all_keys()) {
        INFO(key);
        CHECK(variables.insert(config::variable_of(key)).second);
    }
    CHECK(variables.contains("BINDHSS_DIAMETER_IDENTITY"));
    CHECK(variables.contains("BINDHSS_STATE_DIRECTORY"));
    CHECK(variables.contains("BINDHSS_PROVISIONING_HTTPS_TOKEN_FILE"));
}

TEST_CASE("the environment goes before the file, and the file before the default") {
    const auto [settings, origins] = config::parse(
        "threads: 3\nlog:\n  level: debug\n", "f",
        with({{"BINDHSS_LOG_LEVEL", "error"},
              {"BINDHSS_DATABASE_URL", "host=h dbname=d password='a: b # c'"},
              {"BINDHSS_KEYS_FILE", "/k"},
              {"BINDHSS_DIAMETER_WATCHDOG", "7s"},
              {"BINDHSS_DIAMETER_LISTEN", "[\"127.0.0.1:1\", 10.0.0.1]"},
              {"BINDHSS_DIAMETER_PEERS", "[{identity: m.e, transport: tcp, addresses: [10.0.0.1]}]"}}));
    CHECK(settings.threads == 3);
    CHECK(settings.log.level == log::Level::error);
    CHECK(settings.database.url == "host=h dbname=d password='a: b # c'");
    CHECK(settings.diameter.watchdog == 7s);
    CHECK(settings.diameter.listen == std::vector<config::Endpoint>{{"127.0.0.1", 1}, {"10.0.0.1", 3868}});
    REQUIRE(settings.diameter.peers.size() == 1);
    CHECK(settings.diameter.peers[0].realm == "localdomain");
    CHECK(origins.at("threads") == "f:1");
    CHECK(origins.at("log.level") == "BINDHSS_LOG_LEVEL");
    CHECK(origins.at("diameter.peers") == "BINDHSS_DIAMETER_PEERS");
    CHECK_FALSE(origins.contains("diameter.realm"));
}

TEST_CASE("what is shown tells where each value comes from, and no password") {
    const auto [settings, origins] = config::parse(
        "threads: 3\n", "/etc/f",
        with({{"BINDHSS_DATABASE_URL", "postgresql://u:hush@h/d"}, {"BINDHSS_KEYS_FILE", "/k"}}));
    const auto shown = config::render(settings, origins);
    CHECK(shown.find("# /etc/f:1:\nthreads: 3\n") != std::string::npos);
    CHECK(shown.find("  # BINDHSS_DATABASE_URL:\n  url: \"postgresql://u:***@h/d\"\n") != std::string::npos);
    CHECK(shown.find("hush") == std::string::npos);
    CHECK(shown.find("state_directory: /var/lib/bindhss\n") != std::string::npos);
    auto again = config::parse(shown, "g");
    again.database.url = settings.database.url;
    CHECK(config::differences(settings, again).empty());
}

TEST_CASE("a bad value is told of by the name of its variable") {
    CHECK(
        problems_of("", {{"BINDHSS_LOG_LEVEL", "inof"}}) ==
        "BINDHSS_LOG_LEVEL: log.level: 'inof' is none of debug, info, warning, error, did you mean 'info'?");
    CHECK(problems_of("", {{"BINDHSS_THREADS", "two"}}) == "BINDHSS_THREADS: threads: is not a whole number");
    CHECK(problems_of("", {{"BINDHSS_DIAMETER_LISTEN", "127.0.0.1"}}) ==
          "BINDHSS_DIAMETER_LISTEN: diameter.listen: is not a list: write [a, b], or [] for none");
    CHECK(problems_of("", {{"BINDHSS_DIAMETER_LISTEN", "[1"}})
              .starts_with("BINDHSS_DIAMETER_LISTEN: diameter.listen: is not YAML: "));
    CHECK(problems_of("", {{"BINDHSS_DIAMETER_PEERS", "[{realm: e}]"}}) ==
          "BINDHSS_DIAMETER_PEERS: diameter.peers[1].identity: is missing");
    CHECK(problems_of("threads: 2\n", {{"BINDHSS_DATABASE_URL", "postgresql://u:hush@h/d"}}) ==
          "BINDHSS_DATABASE_URL: database.url: needs keys.file: every daemon on one database uses the same "
          "keys");
    CHECK(problems_of("threads: 0\n", {{"BINDHSS_LOG_LEVEL", "x"}}) ==
          "f:1: threads: is outside 1 to 64\n"
          "BINDHSS_LOG_LEVEL: log.level: 'x' is none of debug, info, warning, error");
}

TEST_CASE("a variable that belongs to no key is refused, but for those of the tools") {
    CHECK(problems_of("", {{"BINDHSS_DIAMETER_IDENTTY", "x"}}) ==
          "BINDHSS_DIAMETER_IDENTTY: is the variable of no key, did you mean 'BINDHSS_DIAMETER_IDENTITY'?");
    CHECK(problems_of("", {{"BINDHSS_API", "x"}, {"BINDHSS_TOKEN_FILE", "/t"}}).empty());
}

TEST_CASE("an empty variable is an empty text, and no number") {
    CHECK(config::parse("log: {file: /l}", "f", with({{"BINDHSS_LOG_FILE", ""}})).settings.log.file.empty());
    CHECK(problems_of("", {{"BINDHSS_THREADS", ""}}) == "BINDHSS_THREADS: threads: is not a whole number");
}

TEST_CASE("a file may be a credential of the service manager", "[credentials]") {
    const std::string text = "/tmp/bindhss-credentials-" + std::to_string(::getpid()) + ".yaml";
    {
        std::ofstream file(text);
        file << "threads: 2\nkeys:\n  file: credential:kek\n";
    }
    auto source = with({{"BINDHSS_PROVISIONING_HTTPS_TOKEN_FILE", "credential:tokens"}});
    source.file = text;
    source.credentials = "/run/credentials/bindhssd.service";
    const auto loaded = config::load(source);
    CHECK(config::keys_file(loaded.settings) == "/run/credentials/bindhssd.service/kek");
    CHECK(loaded.settings.provisioning.https.token_file == "/run/credentials/bindhssd.service/tokens");
    source.credentials.reset();
    CHECK_THROWS_WITH(
        config::load(source),
        text +
            ":3: keys.file: is a credential, and there is no $CREDENTIALS_DIRECTORY: systemd makes it for a "
            "unit "
            "with LoadCredential=kek:FILE\n"
            "BINDHSS_PROVISIONING_HTTPS_TOKEN_FILE: provisioning.https.token_file: is a credential, and "
            "there is "
            "no $CREDENTIALS_DIRECTORY: systemd makes it for a unit with LoadCredential=tokens:FILE");
    // bindhssctl reads the same file, and may never need that key.
    CHECK(config::load(text).keys.file == "credential:kek");
    std::remove(text.c_str());
    CHECK(problems_of("keys: {file: 'credential:../x'}", {}) ==
          "f:1: keys.file: is not credential:NAME, with the name of a LoadCredential= of the unit");
    CHECK(problems_of("log: {file: 'credential:x'}", {}) == "f:1: log.file: is not an absolute path");
}
