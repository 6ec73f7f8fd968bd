// SPDX-License-Identifier: Apache-2.0
// bindhssctl over the store in memory.
#pragma once

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "ctl/api_store.h"
#include "ctl/caller.h"
#include "ctl/command_line.h"
#include "ctl/here_api.h"
#include "store/memory/memory_store.h"

namespace bindhss::test {

inline const std::string k = "465b5ce8b199b49faa5f0a2ee238a6bc";
inline const std::string opc = "cd63cb71954a9f4e48a5994e37a02baf";
inline const std::string kme = "000102030405060708090a0b0c0d0e0f";

/// Lends the store to a command: directly, or in the program ctl_over_api_test through the API.
inline ctl::Open lend(store::MemoryStore& store) {
    return [&store](const ctl::Target&) {
        const std::shared_ptr<store::MemoryStore> lent(&store, [](store::MemoryStore*) {});
#ifdef BINDHSS_CTL_OVER_API
        const auto open = [lent] { return management::Stores{lent, lent}; };
        const auto api = ctl::answer_here(open, ctl::caller(), "the store in memory");
        return ctl::Stores{std::make_shared<ctl::ApiProvisioning>(api, lent),
                           std::make_shared<ctl::ApiDeviceKeys>(api), api};
#else
        return ctl::Stores{lent, lent, nullptr};
#endif
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

/// Subscribers who come and go, and what operators do about them.
struct BindingSession : Session {
    template <class T>
    T await(boost::asio::awaitable<T> verb) {
        boost::asio::io_context io;
        std::optional<T> result;
        boost::asio::co_spawn(io, std::move(verb), [&](const std::exception_ptr& fault, T value) {
            if (fault) std::rethrow_exception(fault);
            result = std::move(value);
        });
        io.run();
        return std::move(*result);
    }
    void subscriber(const std::string& imsi) {
        REQUIRE(run({"subscriber", "add", imsi, test::k, test::opc}) == 0);
    }
    /// An Update-Location that was admitted. `imei` of 16 digits has its version; empty: none was reported.
    void registered(const std::string& imsi, const std::string& imei,
                    const std::function<void(store::Registration&)>& change = {}) {
        store::Registration place{{"mme1.example.org", "example.org"}, *Plmn::parse("00101")};
        place.time = SystemClock().now();
        if (!imei.empty()) place.terminal_information = TerminalInformation::normalise(imei, std::nullopt);
        if (change) change(place);
        const store::RegisterNode request{place};
        REQUIRE(await(store.register_node(*Imsi::parse(imsi), request, std::chrono::seconds(0))).has_value());
    }
    std::vector<store::NodeRequest> requests() {
        store::Claim claim;
        claim.now = SystemClock().now() + std::chrono::seconds(1);
        return await(store.take_requests(claim)).value();
    }
    bool told(const std::string& text) const { return (out + err).find(text) != std::string::npos; }
};

/// Of the environment, for as long as it lives.
struct Variable {
    std::string name;
    Variable(std::string named, const std::string& value) : name(std::move(named)) {
        ::setenv(name.c_str(), value.c_str(), 1);
    }
    ~Variable() { ::unsetenv(name.c_str()); }
    Variable(const Variable&) = delete;
    Variable& operator=(const Variable&) = delete;
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
