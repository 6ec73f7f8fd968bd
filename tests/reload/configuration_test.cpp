// SPDX-License-Identifier: Apache-2.0
// A reload happens as a whole or not at all.
#include "app/configuration.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <sstream>

using namespace bindhss;

namespace {

/// A file, a log and a configuration of them.
class World {
  public:
    explicit World(const std::string& text) {
        write(text);
        configuration.emplace(config::Source{path, {}, std::nullopt},
                              config::load(config::Source{path, {}, std::nullopt}), logger);
    }
    ~World() {
        std::remove(path.c_str());
        std::remove(log_path.c_str());
    }
    World(const World&) = delete;
    World& operator=(const World&) = delete;

    void write(const std::string& text) const { std::ofstream(path) << text; }
    std::string logged() {
        logger.flush();
        std::ostringstream text;
        text << std::ifstream(log_path).rdbuf();
        return text.str();
    }

    const std::string path = "/tmp/bindhss-reload-" + std::to_string(::getpid()) + ".yaml";
    const std::string log_path = path + ".log";
    log::Logger logger{{log::Level::info, log::Format::text, log_path}};
    std::optional<Configuration> configuration;
};

}  // namespace

TEST_CASE("a reload gives each part the new settings, and tells what has changed and what waits") {
    World world("threads: 2\n");
    std::vector<std::uint32_t> seen;
    world.configuration->follow([&](const config::Settings& wanted) -> Configuration::Apply {
        const auto rate = wanted.subscription.update_rate;
        return [&seen, rate] { seen.push_back(rate); };
    });
    world.write("threads: 4\nsubscription: {update_rate: 7}\n");
    const auto outcome = world.configuration->reload();
    CHECK(outcome.changed == std::vector<std::string>{"subscription.update_rate"});
    CHECK(outcome.needs_restart == std::vector<std::string>{"threads"});
    CHECK(seen == std::vector<std::uint32_t>{7});
    CHECK(world.configuration->now()->subscription.update_rate == 7);
    CHECK(world.configuration->now()->threads == 2);
    CHECK(world.configuration->shown().find("threads: 2\n") != std::string::npos);
    CHECK(world.logged().find("reloaded changed=subscription.update_rate needs_restart=threads") !=
          std::string::npos);
}

TEST_CASE("a wrong file changes nothing, and the log has each line of what is wrong with it") {
    World world("threads: 2\n");
    int told = 0;
    world.configuration->follow(
        [&](const config::Settings&) -> Configuration::Apply { return [&told] { ++told; }; });
    world.write("subscription: {update_rate: 7}\nlog: {level: loud}\n");
    const auto what = world.path + ":2: log.level: 'loud' is none of debug, info, warning, error";
    CHECK_THROWS_WITH(world.configuration->reload(), what);
    CHECK(told == 0);
    CHECK(world.configuration->now()->subscription.update_rate ==
          config::Settings{}.subscription.update_rate);
    CHECK(world.logged().find("reload_refused detail=\"" + what) != std::string::npos);
}

TEST_CASE("a part that objects keeps every other part as it was") {
    World world("threads: 2\n");
    int told = 0;
    world.configuration->follow(
        [&](const config::Settings&) -> Configuration::Apply { return [&told] { ++told; }; });
    world.configuration->follow([](const config::Settings& wanted) -> Configuration::Apply {
        if (wanted.log.level == log::Level::debug) throw std::runtime_error("token file /t: is not there");
        return {};
    });
    world.write("log: {level: debug}\n");
    CHECK_THROWS_WITH(world.configuration->reload(), "token file /t: is not there");
    CHECK(told == 0);
    CHECK(world.configuration->now()->log.level == log::Level::info);
    world.write("threads: 2\n");
    CHECK(world.configuration->reload().changed.empty());
    CHECK(told == 1);
}

TEST_CASE("a file that is gone is a wrong file") {
    World world("threads: 2\n");
    std::remove(world.path.c_str());
    CHECK_THROWS_WITH(world.configuration->reload(),
                      world.path + ": cannot be read: No such file or directory");
}
