// SPDX-License-Identifier: Apache-2.0
#include "log/log.h"

#include "log/event_budget.h"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <regex>
#include <thread>
#include <vector>

using namespace bindhss;
using log::Format;
using log::Level;

namespace {

std::string value_in(Format format, std::string_view value) {
    return log::render(format, "T", Level::info, "e", {{"v", value}});
}

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

struct TemporaryFile {
    std::string path =
        std::filesystem::temp_directory_path() / ("bindhss_log_test_" + std::to_string(::getpid()));
    TemporaryFile() { std::filesystem::remove(path); }
    ~TemporaryFile() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("an event is one JSON object with time, level, event and its fields") {
    CHECK(log::render(Format::json, "2026-01-02T03:04:05.000006Z", Level::warning, "peer.closed",
                      {{"peer", "mme1"}, {"count", 3}, {"open", true}, {"seconds", 0.5}}) ==
          R"({"time":"2026-01-02T03:04:05.000006Z","level":"warning","event":"peer.closed",)"
          R"("peer":"mme1","count":3,"open":true,"seconds":0.5})");
    CHECK(log::render(Format::json, "T", Level::info, "e", {{"v", std::nan("")}}).find(R"("v":null)") !=
          std::string::npos);
}

TEST_CASE("an event is one line of text in which bare words are not quoted") {
    CHECK(log::render(Format::text, "T", Level::info, "peer.closed",
                      {{"peer", "mme1"}, {"why", "no answer"}}) ==
          R"(T info    peer.closed peer=mme1 why="no answer")");
    CHECK(value_in(Format::text, "") == R"(T info    e v="")");
    CHECK(value_in(Format::text, "a=b") == R"(T info    e v="a=b")");
}

TEST_CASE("a value from a peer cannot forge a line, a field or a terminal's command") {
    for (const auto format : {Format::text, Format::json}) {
        const auto line = value_in(format, "x\n\"\\\r\t\x1b[2J\x7f\0y");
        CHECK(std::none_of(line.begin(), line.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }));
    }
    CHECK(value_in(Format::text, "x\ny=\"z\"") == R"(T info    e v="x\ny=\"z\"")");
    CHECK(value_in(Format::json, std::string_view("a\0b", 3)).find(R"("a\u0000b")") != std::string::npos);
    CHECK(value_in(Format::json, "\xc2\x85|\xe2\x80\xa8|\xe2\x80\xae").find(R"("\u0085|\u2028|\u202e")") !=
          std::string::npos);
}

TEST_CASE("octets that are not UTF-8 are replaced, what is UTF-8 stays") {
    CHECK(value_in(Format::json, "Z\xc3\xbcrich").find("Z\xc3\xbcrich") != std::string::npos);
    const std::vector<std::string> broken{"\xff",         "\xc0\x80",         "\xc3",
                                          "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80"};
    for (const auto& octets : broken) {
        const auto line = value_in(Format::json, octets);
        CHECK(line.find("\xef\xbf\xbd") != std::string::npos);
        CHECK(line.find(octets) == std::string::npos);
    }
}

TEST_CASE("the log file gets whole lines from several threads, warnings at once") {
    const TemporaryFile file;
    log::Logger logger({Level::info, Format::json, file.path});
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&] {
                for (int i = 0; i < 100; ++i) logger.info("e", {{"i", i}});
            });
    }
    logger.debug("not written");
    logger.warning("last");
    const auto lines = lines_of(file.path);
    REQUIRE(lines.size() == 401);
    const std::regex expected(
        R"re(\{"time":"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z","level":"(info|warning)","event":"(e|last)".*\})re");
    for (const auto& line : lines) CHECK(std::regex_match(line, expected));
}

TEST_CASE("the log file is flushed within about a second") {
    const TemporaryFile file;
    log::Logger logger({Level::info, Format::text, file.path});
    logger.info("e");
    for (int i = 0; i < 30 && lines_of(file.path).empty(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    CHECK(lines_of(file.path).size() == 1);
}

TEST_CASE("a log file that cannot be opened is refused") {
    CHECK_THROWS_AS(log::Logger({Level::info, Format::text, "/proc/none/log"}), std::runtime_error);
}

TEST_CASE("a budget of events lets so many a second through and counts the rest") {
    using namespace std::chrono_literals;
    log::EventBudget budget(2);
    const auto now = std::chrono::steady_clock::now();
    CHECK(budget.take(now) == 0U);
    CHECK(budget.take(now) == 0U);
    CHECK_FALSE(budget.take(now).has_value());
    CHECK_FALSE(budget.take(now + 999ms).has_value());
    CHECK(budget.take(now + 1s) == 2U);
    CHECK(budget.take(now + 1s) == 0U);
    CHECK_FALSE(budget.take(now + 1s).has_value());
}
