// SPDX-License-Identifier: Apache-2.0
// Who may use the API, and as whom.
#include "management/doorkeeper.h"

#include <unistd.h>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

#include "crypto/hash.h"
#include "crypto/random.h"

namespace bindhss {

namespace {

using management::Caller;
using management::Doorkeeper;
using management::DoorkeeperSettings;
using management::Role;
using management::Roles;
using management::Tokens;

std::string line_of(const std::string& name, const std::string& roles, const std::string& token) {
    return name + " " + roles + " " + to_hex(crypto::sha256(as_octets(token))) + "\n";
}

class DoorWorld {
  public:
    DoorWorld() : log({log::Level::debug, log::Format::text, path("log")}) {
        settings.own_user = 4'000'001;
        settings.socket_group = 4'000'002;
        settings.socket_roles = Roles(Role::provision);
        settings.certificates = {{"oss.example", Roles(Role::keys)}};
    }
    ~DoorWorld() { std::filesystem::remove_all(folder_); }
    DoorWorld(const DoorWorld&) = delete;
    DoorWorld& operator=(const DoorWorld&) = delete;

    void tokens(const std::string& text) {
        settings.token_file = path("tokens");
        std::ofstream(settings.token_file) << text;
    }
    [[nodiscard]] std::string path(const std::string& name) const { return (folder_ / name).string(); }
    [[nodiscard]] std::string logged() {
        log.flush();
        std::ifstream in(path("log"));
        return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
    }

  private:
    const std::filesystem::path folder_ = [] {
        static int number = 0;
        auto folder = std::filesystem::temp_directory_path() /
                      ("bindhss-door-" + std::to_string(::getpid()) + "-" + std::to_string(number++));
        std::filesystem::create_directories(folder);
        return folder;
    }();

  public:
    DoorkeeperSettings settings;
    crypto::SystemRandom random;
    log::Logger log;
};

http::Request from_network(const std::string& authorization = {}) {
    http::Request request;
    request.peer = boost::asio::ip::make_address("192.0.2.7");
    if (!authorization.empty()) request.fields.emplace_back("authorization", authorization);
    return request;
}

http::Request by_socket(::uid_t user, ::gid_t group = 4'000'009, std::vector<::gid_t> groups = {}) {
    http::Request request;
    request.unix_peer = http::UnixPeer{user, group, std::move(groups)};
    return request;
}

Roles roles_of(std::variant<Caller, http::Response> result) {
    REQUIRE(std::holds_alternative<Caller>(result));
    return std::get<Caller>(result).roles;
}

unsigned status_of(std::variant<Caller, http::Response> result) {
    REQUIRE(std::holds_alternative<http::Response>(result));
    return std::get<http::Response>(result).status;
}

std::string complaint(const std::string& text) {
    try {
        (void)Tokens::parse(text, "f");
    } catch (const std::runtime_error& error) {
        return error.what();
    }
    return "";
}

}  // namespace

TEST_CASE("a file of tokens has names, roles and digests", "[management][roles]") {
    const std::string digest(64, 'a');
    const auto tokens = Tokens::parse("# who\n\n" + line_of("oss", "read,provision", "secret-1") +
                                          "  ops\tadmin\t" + digest + " \r\nlast keys " + digest,
                                      "f");
    CHECK(tokens.size() == 3);
    const auto* oss = tokens.holder("Bearer secret-1");
    REQUIRE(oss != nullptr);
    CHECK(oss->name == "oss");
    CHECK(oss->roles.may(Role::read));
    CHECK(oss->roles.may(Role::provision));
    CHECK_FALSE(oss->roles.may(Role::keys));
    CHECK(tokens.holder("bearer secret-1") == oss);
    for (const auto* const shown : {"Bearer secret-2", "Basic secret-1", "Bearer", "Bearer ", "secret-1", ""})
        CHECK(tokens.holder(shown) == nullptr);
    CHECK(Tokens::parse("", "f").size() == 0);
    CHECK(complaint("\noss read\n").starts_with("token file f:2: is not a name, roles"));
    for (const auto& bad : {"oss " + digest, "oss all " + digest, "oss read, " + digest,
                            "oss ,read " + digest, "oss read " + digest.substr(1),
                            "oss read " + digest + " more", std::string(65, 'n') + " read " + digest})
        CHECK(complaint(bad).starts_with("token file f:1: "));
    std::string many;
    for (std::size_t i = 0; i <= limits::bearer_tokens_max; ++i) many += "n read " + digest + "\n";
    CHECK(complaint(many).starts_with("token file f:65: is the entry after the 64"));
    CHECK_THROWS_WITH(Tokens::load("/nowhere/tokens"), Catch::StartsWith("token file /nowhere/tokens: "));
}

TEST_CASE("tokens, certificates and users of the socket have their roles", "[management][roles]") {
    DoorWorld world;
    world.tokens(line_of("dashboard", "read", "secret-1"));
    Doorkeeper door(world.settings, world.random, world.log);

    const auto dashboard = door.admit(from_network("Bearer secret-1"));
    REQUIRE(std::holds_alternative<Caller>(dashboard));
    CHECK(std::get<Caller>(dashboard).name == "dashboard");
    CHECK(roles_of(dashboard) == Roles(Role::read));
    CHECK(status_of(door.admit(from_network("Bearer secret-2"))) == 401);
    CHECK(status_of(door.admit(from_network())) == 401);

    auto shown = from_network();
    shown.client_names = {"other.example", "oss.example"};
    const auto oss = door.admit(shown);
    CHECK(roles_of(oss) == Roles(Role::keys));
    CHECK(std::get<Caller>(oss).name == "oss.example");
    shown.client_names = {"other.example"};
    CHECK(status_of(door.admit(shown)) == 401);

    CHECK(roles_of(door.admit(by_socket(0))) == Roles(Role::admin));
    CHECK(roles_of(door.admit(by_socket(4'000'001))) == Roles(Role::admin));
    CHECK(roles_of(door.admit(by_socket(4'000'003, 4'000'002))) == Roles(Role::provision));
    CHECK(roles_of(door.admit(by_socket(4'000'003, 1, {2, 4'000'002}))) == Roles(Role::provision));
    const auto stranger = door.admit(by_socket(4'000'003, 1, {2}));
    CHECK(roles_of(stranger).none());
    CHECK(std::get<Caller>(stranger).name.starts_with("4000003@"));
    // What root is called is asked for by those who may wait for the answer.
    CHECK(std::get<Caller>(door.admit(by_socket(0))).name.starts_with("0@"));
    CHECK(std::get<Caller>(door.admit(by_socket(0))).local_user == 0U);
    // Who shows a token is who has it, and nobody else.
    auto root = by_socket(0);
    root.fields = {{"authorization", "Bearer secret-1"}};
    CHECK(roles_of(door.admit(root)) == Roles(Role::read));
    root.fields = {{"authorization", "Bearer secret-2"}};
    CHECK(status_of(door.admit(root)) == 401);
    CHECK(world.logged().find("secret") == std::string::npos);
}

TEST_CASE("requests have names: theirs, or ours", "[management]") {
    DoorWorld world;
    Doorkeeper door(world.settings, world.random, world.log);
    const auto named = [&](const std::string& given) {
        auto request = by_socket(0);
        if (!given.empty()) request.fields = {{"x-request-id", given}};
        return std::get<Caller>(door.admit(request)).request;
    };
    CHECK(named("ticket-42") == "ticket-42");
    CHECK(named("").size() == 16);
    CHECK(named("") != named(""));
    CHECK(named("two words").size() == 16);
    CHECK(named(std::string(65, 'x')).size() == 16);
}

TEST_CASE("who shows too many tokens of nobody is answered 429, and nobody else is", "[management][roles]") {
    DoorWorld world;
    world.tokens(line_of("dashboard", "read", "secret-1"));
    Doorkeeper door(world.settings, world.random, world.log);
    for (std::size_t i = 0; i < limits::api_failures_per_minute_max; ++i)
        CHECK(status_of(door.admit(from_network("Bearer guess" + std::to_string(i)))) == 401);
    CHECK(status_of(door.admit(from_network("Bearer guess"))) == 429);
    CHECK(status_of(door.admit(from_network())) == 429);
    auto elsewhere = from_network("Bearer guess");
    elsewhere.peer = boost::asio::ip::make_address("192.0.2.8");
    CHECK(status_of(door.admit(elsewhere)) == 401);
    // Others may come from the same address.
    CHECK(roles_of(door.admit(from_network("Bearer secret-1"))) == Roles(Role::read));
    auto with_certificate = from_network();
    with_certificate.client_names = {"oss.example"};
    CHECK(roles_of(door.admit(with_certificate)) == Roles(Role::keys));
    CHECK(status_of(door.admit(from_network("Bearer guess"))) == 429);
    CHECK(world.logged().find("api_authentication_failed") != std::string::npos);
    CHECK(world.logged().find("guess") == std::string::npos);
}

TEST_CASE("a reload takes over new tokens, or nothing", "[management][reload]") {
    DoorWorld world;
    world.tokens(line_of("dashboard", "read", "secret-1"));
    Doorkeeper door(world.settings, world.random, world.log);
    world.tokens("nonsense\n");
    CHECK_THROWS_AS(door.prepare(world.settings), std::runtime_error);
    CHECK(roles_of(door.admit(from_network("Bearer secret-1"))) == Roles(Role::read));
    world.tokens(line_of("dashboard", "admin", "secret-2"));
    const auto apply = door.prepare(world.settings);
    CHECK(roles_of(door.admit(from_network("Bearer secret-1"))) == Roles(Role::read));
    apply();
    CHECK(status_of(door.admit(from_network("Bearer secret-1"))) == 401);
    CHECK(roles_of(door.admit(from_network("Bearer secret-2"))) == Roles(Role::admin));
}

}  // namespace bindhss
