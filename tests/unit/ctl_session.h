// SPDX-License-Identifier: Apache-2.0
// bindhssctl over the store in memory.
#pragma once

#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ctl/command_line.h"
#include "store/memory/memory_store.h"

namespace bindhss::test {

inline const std::string k = "465b5ce8b199b49faa5f0a2ee238a6bc";
inline const std::string opc = "cd63cb71954a9f4e48a5994e37a02baf";
inline const std::string kme = "000102030405060708090a0b0c0d0e0f";

/// Lends the store to a command.
inline ctl::Open lend(store::Provisioning& store) {
    return [&store](const ctl::Target&) {
        return std::shared_ptr<store::Provisioning>(&store, [](store::Provisioning*) {});
    };
}

struct Session {
    store::MemoryStore store;
    std::string out;
    std::string err;

    int run(std::vector<std::string> arguments, const std::string& input = {}) {
        std::istringstream in(input);
        std::ostringstream o;
        std::ostringstream e;
        const auto code = ctl::run(arguments, {in, o, e}, lend(store));
        out = o.str();
        err = e.str();
        for (const auto& secret : {k, opc, kme}) {
            CHECK(out.find(secret.substr(4, 12)) == std::string::npos);
            CHECK(err.find(secret.substr(4, 12)) == std::string::npos);
        }
        return code;
    }
};

struct TemporaryFile {
    std::string path;
    TemporaryFile(const std::string& name, const std::string& text)
        : path(std::filesystem::temp_directory_path() / (std::to_string(::getpid()) + name)) {
        std::ofstream(path) << text;
    }
    ~TemporaryFile() { std::filesystem::remove(path); }
};

}  // namespace bindhss::test
