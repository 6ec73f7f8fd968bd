// SPDX-License-Identifier: Apache-2.0
#include "management/doorkeeper.h"

#include <unistd.h>

#include <algorithm>

#include "management/local_user.h"
#include "management/problem.h"
#include "net/address.h"

namespace bindhss::management {

namespace {

constexpr std::chrono::minutes failures_counted{1};

std::string origin_of(const http::Request& request) {
    if (request.unix_peer) return "uid " + std::to_string(request.unix_peer->user);
    return net::origin_of(request.peer);
}

bool is_in(const http::UnixPeer& peer, ::gid_t group) {
    return peer.group == group ||
           std::find(peer.groups.begin(), peer.groups.end(), group) != peer.groups.end();
}

}  // namespace

Doorkeeper::Doorkeeper(DoorkeeperSettings settings, Random& random, log::Logger& log)
    : random_(random), log_(log) {
    prepare(std::move(settings))();
}

std::function<void()> Doorkeeper::prepare(DoorkeeperSettings wanted) {
    auto tokens = wanted.token_file.empty() ? Tokens() : Tokens::load(wanted.token_file);
    auto terms = std::make_shared<const Terms>(Terms{std::move(wanted), std::move(tokens)});
    return [this, terms = std::move(terms)] {
        const std::lock_guard lock(mutex_);
        terms_ = terms;
    };
}

std::shared_ptr<const Doorkeeper::Terms> Doorkeeper::terms() const {
    const std::lock_guard lock(mutex_);
    return terms_;
}

std::variant<Caller, http::Response> Doorkeeper::admit(const http::Request& request) {
    auto name = name_of_request(request);
    const auto terms = this->terms();
    const auto authorization = request.field("authorization");
    if (!authorization.empty()) {
        const auto* const holder = terms->tokens.holder(authorization);
        if (holder == nullptr) return turn_away(request, name, "shows a token that nobody has");
        return Caller{holder->name, holder->roles, std::move(name)};
    }
    if (auto caller = by_certificate(*terms, request)) {
        caller->request = std::move(name);
        return std::move(*caller);
    }
    if (!request.unix_peer)
        return turn_away(request, name, "shows neither a token nor a certificate that is known");
    auto caller = by_socket(*terms, *request.unix_peer);
    caller.request = std::move(name);
    return caller;
}

std::optional<Caller> Doorkeeper::by_certificate(const Terms& terms, const http::Request& request) {
    for (const auto& shown : request.client_names) {
        for (const auto& known : terms.settings.certificates)
            if (known.name == shown) return Caller{known.name, known.roles, {}};
    }
    return std::nullopt;
}

Caller Doorkeeper::by_socket(const Terms& terms, const http::UnixPeer& peer) {
    const auto& settings = terms.settings;
    Roles roles;
    if (peer.user == 0 || peer.user == settings.own_user) roles = Roles(Role::admin);
    if (roles.none() && settings.socket_group && is_in(peer, *settings.socket_group))
        roles = settings.socket_roles;
    // What the name service calls him is for threads that may wait for it.
    return {std::to_string(peer.user) + "@" + host_name(), roles, {}, peer.user};
}

bool Doorkeeper::fails_too_often(const std::string& origin, std::chrono::steady_clock::time_point now) {
    const std::lock_guard lock(mutex_);
    // Too many at once: who has failed seldom is as good as forgotten.
    if (failures_.size() >= limits::api_origins_max && !failures_.contains(origin)) failures_.clear();
    auto& failures = failures_[origin];
    if (failures.count == 0 || now - failures.since >= failures_counted) failures = {now, 0};
    if (failures.count >= limits::api_failures_per_minute_max) return true;
    ++failures.count;
    return false;
}

http::Response Doorkeeper::turn_away(const http::Request& request, const std::string& name,
                                     std::string_view why) {
    const auto now = std::chrono::steady_clock::now();
    const auto origin = origin_of(request);
    http::Response response;
    if (fails_too_often(origin, now)) {
        response = Problem(too_busy, "Too many tokens of nobody came from here.").response();
    } else {
        if (const auto kept_back = told_.take(now)) {
            if (*kept_back != 0) log_.info("api_events_not_told", {{"count", *kept_back}});
            log_.warning("api_authentication_failed", {{"from", origin}, {"detail", why}, {"request", name}});
        }
        response = Problem(unauthenticated, "The request " + std::string(why) + ".").response();
    }
    response.fields.emplace_back("x-request-id", name);
    return response;
}

std::string Doorkeeper::name_of_request(const http::Request& request) {
    const auto given = request.field("x-request-id");
    if (!given.empty() && given.size() <= limits::api_request_id_octets_max &&
        std::all_of(given.begin(), given.end(), [](char c) { return c > ' ' && c < 0x7f; }))
        return std::string(given);
    Octets<8> octets{};
    random_.fill(octets);
    return to_hex(octets);
}

}  // namespace bindhss::management
