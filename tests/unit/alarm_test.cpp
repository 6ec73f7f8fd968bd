// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "alarm/log_sink.h"

using namespace bindhss;

TEST_CASE("every alarm has its row, found by its id, with all its texts") {
    std::set<std::string_view> names;
    for (const auto& row : alarm::catalogue()) {
        CHECK(alarm::describe(row.id).name == row.name);
        CHECK(names.insert(row.name).second);
        CHECK_FALSE(row.text.empty());
        CHECK_FALSE(row.cause.empty());
        CHECK_FALSE(row.remedy.empty());
    }
    CHECK(alarm::describe(alarm::Id::sqn_exhausted).name == "sqn_exhausted");
}

TEST_CASE("the manual has the catalogue as it is") {
    std::ostringstream manual;
    manual << std::ifstream(BINDHSS_SOURCE_DIR "/docs/operations.md").rdbuf();
    for (const auto& row : alarm::catalogue()) {
        std::string line = "| `";
        for (const auto part :
             {row.name, std::string_view("` | "), alarm::name_of(row.severity), std::string_view(" | "),
              row.text, std::string_view(" | "), row.cause, std::string_view(" | "), row.remedy})
            line += part;
        for (auto at = line.find('<'); at != std::string::npos; at = line.find('<'))
            line.replace(at, 1, "&lt;");
        for (auto at = line.find('>'); at != std::string::npos; at = line.find('>'))
            line.replace(at, 1, "&gt;");
        CHECK_THAT(manual.str(), Catch::Contains(line + " |\n"));
    }
}

TEST_CASE("an alarm is an event of the log at a level by its severity") {
    const auto path =
        std::filesystem::temp_directory_path() / ("bindhss_alarm_test_" + std::to_string(::getpid()));
    std::filesystem::remove(path);
    {
        log::Logger logger({log::Level::info, log::Format::json, path.string()});
        alarm::LogSink sink(logger);
        sink.raise({alarm::Id::pair_unauthorised, Imsi::parse("001010000000004"),
                    Imei::parse("35824005000001"), "mme1.example", "not in the list", WallTime{}});
        sink.raise({alarm::Id::association_first_seen, Imsi::parse("001010000000004"), std::nullopt, "", "",
                    WallTime{}});
    }
    std::ostringstream text;
    text << std::ifstream(path).rdbuf();
    std::filesystem::remove(path);
    CHECK(text.str().find(R"("level":"error","event":"alarm","id":"pair_unauthorised","severity":"major",)"
                          R"("imsi":"001010000000004","imei":"35824005000001","peer":"mme1.example",)"
                          R"("detail":"not in the list"})") != std::string::npos);
    CHECK(text.str().find(R"("level":"info","event":"alarm","id":"association_first_seen")") !=
          std::string::npos);
}
