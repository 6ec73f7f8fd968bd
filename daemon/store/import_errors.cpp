// SPDX-License-Identifier: Apache-2.0
// What is wrong with an import beyond its own words, as only the stored rows can tell.
#include "store/import_plan.h"
#include "subscription/merge.h"
#include "types/limits.h"

namespace bindhss::store {
namespace {

std::string counted(std::uint64_t number, const std::string& noun) {
    return std::to_string(number) + " " + noun + (number == 1 ? "" : "s");
}

/// "2 bindings and 1 group": what is not zero.
std::string both(std::uint64_t a, const std::string& noun_a, std::uint64_t b, const std::string& noun_b) {
    std::string text = a > 0 ? counted(a, noun_a) : "";
    if (a > 0 && b > 0) text += " and ";
    return b > 0 ? text + counted(b, noun_b) : text;
}

/// The words for what owner_name() wrote.
std::string shown_owner(const std::string& owner) {
    const auto colon = owner.find(':') + 1;
    const auto name = owner.substr(colon);
    return owner.starts_with("group:") ? "device group " + quoted(name) : "device " + name;
}

}  // namespace

LineError needs_group(const Planned<PutDevice>& device) {
    return {device.line, "a device range or TAC needs a group"};
}

LineError needs_keys(const Planned<PutSubscriber>& subscriber) {
    return {subscriber.line, "there is no subscriber " + subscriber.put->imsi.str() +
                                 " yet: a new one needs k and opc (or op)"};
}

LineError unknown_subscriber(std::size_t line, const Imsi& imsi) {
    return {line, "there is no subscriber " + imsi.str()};
}

LineError unknown_subscriber(const Planned<PutBinding>& binding) {
    return {binding.line, "there is no subscriber " + binding.put->imsi.str() + " to bind"};
}

LineError unknown_subscriber(const Planned<RemoveSubscriber>& removal) {
    return {removal.line, "there is no subscriber " + removal.put->imsi.str() + " to remove"};
}

LineError unknown_profile(const Planned<RemoveProfile>& removal) {
    return {removal.line, "there is no profile " + quoted(removal.put->name) + " to remove"};
}

LineError profile_in_use(const Planned<RemoveProfile>& removal, std::uint64_t subscribers) {
    return {removal.line,
            "the profile " + quoted(removal.put->name) + " is that of " + counted(subscribers, "subscriber")};
}

LineError profile_limits(const Planned<RemoveProfile>& removal, std::uint64_t terms,
                         std::uint64_t registrations) {
    const auto name = quoted(removal.put->name);
    if (terms > 0) {
        return {removal.line, "the profile " + name + " is the substitute of " + std::to_string(terms) +
                                  (terms == 1 ? " set of terms" : " sets of terms")};
    }
    return {removal.line, counted(registrations, "registration") + (registrations == 1 ? " is" : " are") +
                              " limited to the profile " + name};
}

LineError terms_in_use(const Planned<RemoveTerms>& removal, bool standard, std::uint64_t bindings,
                       std::uint64_t groups) {
    const auto name = quoted(removal.put->name);
    if (standard) return {removal.line, "the terms " + name + " are the default ones"};
    return {removal.line,
            "the terms " + name + " are those of " + both(bindings, "binding", groups, "subscription group")};
}

LineError group_in_use(const Planned<RemoveSubscriptionGroup>& removal, std::uint64_t members,
                       std::uint64_t rules) {
    return {removal.line, "the subscription group " + quoted(removal.put->name) + " has " +
                              both(members, "member", rules, "rule")};
}

LineError too_many_groups(std::size_t line, const Imsi& imsi) {
    return {line, "subscriber " + imsi.str() + " would be in more than " +
                      counted(limits::subscription_groups_max, "group")};
}

LineError too_many_devices(std::size_t line, const Imsi& imsi) {
    return {line, "the binding of subscriber " + imsi.str() + " names " +
                      counted(limits::binding_devices_max, "device") + " already: use a device group"};
}

LineError unknown_rule(std::size_t line, std::int64_t id) {
    return {line, "there is no rule " + std::to_string(id)};
}

LineError unknown_kme(const Planned<RetireKme>& retirement) {
    const auto& put = *retirement.put;
    return {retirement.line,
            shown_owner(owner_name(put.owner)) + " has no KME" +
                (put.generation ? " of generation " + std::to_string(*put.generation) : std::string()) +
                " in use"};
}

LineError retired_generation(std::size_t line, const std::string& owner, std::uint32_t generation) {
    return {line, "the KME of generation " + std::to_string(generation) + " of " + shown_owner(owner) +
                      " was retired: a new key needs a higher generation"};
}

LineError replaced_generation(std::size_t line, const std::string& owner, std::uint32_t generation,
                              std::uint32_t newest) {
    return {line, shown_owner(owner) + " has a KME of generation " + std::to_string(newest) +
                      " by now: generation " + std::to_string(generation) + " is not stored any more"};
}

std::optional<std::string> kme_problem(std::size_t octets, std::uint32_t generation) {
    if (octets != 16 && octets != 32) return "a KME has 16 or 32 octets";
    if (generation > kme_generation_max)
        return "a KME's generation is at most " + std::to_string(kme_generation_max);
    return std::nullopt;
}

std::string no_group_for_kme(std::string_view group) {
    return "there is no device group " + quoted(group) + " to have this KME";
}

OverrideCheck check_override_of(std::string_view imsi, std::string_view profile_document,
                                std::string_view override_document) {
    const auto made = subscription::subscription_of(profile_document, override_document, "");
    if (!made) {
        return {"subscriber " + std::string(imsi) + ", profile and override together: " + made.error().detail,
                std::nullopt};
    }
    const bool has_a_say = override_document.find("\"apns\"") != std::string_view::npos ||
                           override_document.find("\"pdp_contexts\"") != std::string_view::npos;
    if (!has_a_say) return {};
    return {std::nullopt, made->data.has_eps() || made->data.has_gprs()};
}

}  // namespace bindhss::store
