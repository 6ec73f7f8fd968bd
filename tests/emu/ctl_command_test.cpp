// SPDX-License-Identifier: Apache-2.0
#include "emu/ctl_command.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>

using namespace bindhss::emu;
namespace asio = boost::asio;

namespace {

CtlResult run(const std::string& command, const std::vector<std::string>& arguments) {
    asio::io_context io;
    CtlCommand ctl(io, command);
    auto result = asio::co_spawn(io, ctl.run(arguments), asio::use_future);
    io.run();
    return result.get();
}

}  // namespace

TEST_CASE("Operator's command: arguments arrive as they are, without a shell", "[emu][ctl]") {
    const auto result = run("printf %s|", {"a b", "$HOME;*"});
    CHECK(result.exit_code == 0);
    CHECK(result.output == "a b|$HOME;*|");
}

TEST_CASE("Operator's command: its exit code and its errors are told", "[emu][ctl]") {
    const auto result = run("sh -c", {"echo one; echo two >&2; cat; exit 3"});
    CHECK(result.exit_code == 3);
    CHECK(result.output == "one\ntwo\n");
    CHECK(run("sh -c", {"kill -9 $$"}).exit_code == -1);
}

TEST_CASE("Operator's command: a program that does not exist is told, and much output is cut", "[emu][ctl]") {
    const auto missing = run("/nonexistent/bindhssctl", {"profile", "list"});
    CHECK(missing.exit_code == -1);
    CHECK(missing.output == "/nonexistent/bindhssctl cannot be run");
    CHECK(run("", {}).exit_code == -1);
    const auto much = run("head -c 200000", {"/dev/zero"});
    CHECK(much.exit_code == 0);
    CHECK(much.output.size() == CtlCommand::output_octets_max);
}
