// SPDX-License-Identifier: Apache-2.0
#include "procedure/dispatch.h"

#include "procedure/authentication_information.h"
#include "procedure/gate.h"
#include "procedure/me_identity_check.h"
#include "procedure/notify.h"
#include "procedure/purge_ue.h"
#include "procedure/update_location.h"

namespace bindhss::procedure {

namespace {

template <class T>
Result<s6a::Answer> widen(Result<T>&& result) {
    if (!result) return result.error();
    return s6a::Answer(std::move(*result));
}

boost::asio::awaitable<Result<s6a::Answer>> serve(const Ports& ports, s6a::Request request) {
    if (auto* air = std::get_if<s6a::AuthenticationInformationRequest>(&request)) {
        co_return widen(co_await authentication_information(ports, std::move(*air)));
    }
    if (auto* ulr = std::get_if<s6a::UpdateLocationRequest>(&request)) {
        co_return widen(co_await update_location(ports, std::move(*ulr)));
    }
    if (auto* check = std::get_if<s6a::MeIdentityCheckRequest>(&request)) {
        co_return widen(co_await me_identity_check(ports, std::move(*check)));
    }
    if (auto* pur = std::get_if<s6a::PurgeUeRequest>(&request)) {
        co_return widen(co_await purge_ue(ports, std::move(*pur)));
    }
    if (auto* nor = std::get_if<s6a::NotifyRequest>(&request)) {
        co_return widen(co_await notify(ports, std::move(*nor)));
    }
    co_return fail(Cause::command_unsupported, "no procedure for this command");
}

/// For the gate. A UE that has just been given its key is no refused one, although it is to come again.
std::optional<Cause> failure_of(const Result<s6a::Answer>& result) {
    if (result) return std::nullopt;
    const auto& info = result.error().kme_access_info;
    if (info && (info->flags & s6a::kme_access::binding_established) != 0) return std::nullopt;
    return result.error().cause;
}

}  // namespace

boost::asio::awaitable<Result<s6a::Answer>> dispatch(const Ports& ports, s6a::Request request,
                                                     std::string_view via) {
    if (ports.gate == nullptr) {
        co_return co_await serve(ports, std::move(request));
    }
    const auto pass = ports.gate->admit(request, via);
    if (!pass) co_return pass.error();
    auto result = co_await serve(ports, std::move(request));
    ports.gate->settle(*pass, failure_of(result));
    co_return result;
}

}  // namespace bindhss::procedure
