// SPDX-License-Identifier: Apache-2.0
// bindhssctl as a process, on a database of its own.
#pragma once

#include <sys/stat.h>
#include <sys/wait.h>

#include <catch2/catch.hpp>
#include <cstdio>
#include <fstream>
#include <vector>

#include "crypto/random.h"
#include "support/postgres_fixture.h"

namespace bindhss::test {

struct Outcome {
    int code;
    std::string text;  ///< standard output and error
};

inline std::string quoted(const std::string& argument) {
    std::string result = "'";
    for (const char c : argument) result += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return result + "'";
}

inline Outcome bindhssctl(const std::vector<std::string>& arguments) {
    std::string command = quoted(BINDHSSCTL);
    for (const auto& argument : arguments) command += " " + quoted(argument);
    auto* const pipe = popen((command + " 2>&1 </dev/null").c_str(), "r");
    REQUIRE(pipe != nullptr);
    Outcome outcome{};
    char block[4096];
    while (const auto size = fread(block, 1, sizeof block, pipe)) outcome.text.append(block, size);
    const int status = pclose(pipe);
    outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    return outcome;
}

inline std::string new_keys(const TemporaryDirectory& directory) {
    const auto path = directory.path() + "/keys";
    crypto::SystemRandom random;
    crypto::KeyRing::create(path, random);
    return path;
}

inline std::vector<std::string> demo_import() {
    const std::string demo = BINDHSS_SOURCE_DIR "/config/demo/";
    return {"import", demo + "subscribers.csv", demo + "devices.csv", demo + "kmes.csv",
            demo + "bindings.csv"};
}

/// bindhssctl on a migrated database.
struct Installation {
    TemporaryDirectory directory;
    TestDatabase database;
    std::string keys = new_keys(directory);

    [[nodiscard]] Outcome run(std::vector<std::string> arguments) const {
        for (const auto& argument : {std::string("--database"), database.url(), std::string("--keys"), keys})
            arguments.push_back(argument);
        return bindhssctl(arguments);
    }
    /// The output of a command that has to succeed.
    [[nodiscard]] std::string done(const std::vector<std::string>& arguments) const {
        auto outcome = run(arguments);
        INFO(outcome.text);
        CHECK(outcome.code == 0);
        return outcome.text;
    }
};

}  // namespace bindhss::test
