// SPDX-License-Identifier: Apache-2.0
// provisioning.*: how devices are given their keys over the network.
#include <fmt/format.h>

#include "config/table.h"

namespace bindhss::config {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::uint32_t vendor_3gpp = 10'415;
constexpr std::uint32_t nas_container_type_max = 255;
// TS 24.301 9.9.3.42: 1 is LPP, 2 location services, 128 to 255 are reserved.
constexpr std::uint32_t nas_unused_first = 3;
constexpr std::uint32_t nas_unused_last = 127;
// The UE's attach ends when T3410 does (TS 24.301 10.2): 15 s.
constexpr milliseconds deadline_max{14'999};
constexpr std::size_t pauses_max = 16;

constexpr std::array<Choice<Cause>, 3> retry_codes{
    {{"5012", Cause::unable_to_comply}, {"3002", Cause::unable_to_deliver}, {"3004", Cause::too_busy}}};
constexpr std::array<Choice<RandAlgorithm>, 4> rand_algorithms{{{"aes128", RandAlgorithm::aes128},
                                                                {"aes256", RandAlgorithm::aes256},
                                                                {"1", RandAlgorithm::aes128},
                                                                {"2", RandAlgorithm::aes256}}};
constexpr std::array<Choice<StockMme>, 2> stock_mmes{
    {{"reject", StockMme::reject}, {"restricted_apn", StockMme::restricted_apn}}};

template <class Get>
Setting<Settings> flag(std::string_view key, std::string_view description, Get get) {
    return one_value<Settings>(key, "true | false", true, description, get, read_bool,
                               [](bool value) { return std::string(value ? "true" : "false"); });
}

template <class Get>
Setting<Settings> duration(std::string_view key, milliseconds min, milliseconds max,
                           std::string_view description, Get get) {
    return one_value<Settings>(
        key, fmt::format("duration, {} to {}", write_duration(min), write_duration(max)), true, description,
        get, [=](const YAML::Node& node) { return read_duration(node, min, max); }, write_duration);
}

template <class Get>
Setting<Settings> number(std::string_view key, std::uint32_t min, std::uint32_t max, bool reloadable,
                         std::string_view description, Get get) {
    return one_value<Settings>(
        key, fmt::format("{} to {}", min, max), reloadable, description, get,
        [=](const YAML::Node& node) { return static_cast<std::uint32_t>(read_number(node, min, max)); },
        [](std::uint32_t value) { return std::to_string(value); });
}

/// Nobody is trusted by "*".
std::string read_trusted(const YAML::Node& node) {
    auto text = read_text(node);
    const bool realm = text.starts_with("*.");
    try {
        (void)read_identity(YAML::Node(realm ? text.substr(2) : text));
    } catch (const BadValue&) {
        throw BadValue("is not the name of a node, or \"*.<realm>\" for all of a realm");
    }
    return text;
}

template <class Get>
Setting<Settings> nodes(std::string_view key, std::string_view description, Get get) {
    return list_of<Settings>(key, "list of names", true, description, get, read_trusted, write_text);
}

void add_who(std::vector<Setting<Settings>>& table) {
    table.push_back(flag(
        "provisioning.enabled",
        "Devices without a key get one while their Update-Location is pending, through MMEs that have the "
        "KME AVPs (docs/protocol.md). false: nobody is told that this HSS has them.",
        [](auto& s) -> auto& { return s.provisioning.enabled; }));
    table.push_back(number(
        "provisioning.kme_vendor_id", 1, 0xffff'ffff, false,
        "The Vendor-Id of the KME AVPs, the same in all nodes that have them. The default is IANA's example "
        "number (RFC 5612): put your own private enterprise number here before anybody else is involved.",
        [](auto& s) -> auto& { return s.provisioning.kme_vendor_id; }));
    table.push_back(nodes(
        "provisioning.nodes",
        "The nodes that are trusted to pass keys on: an Origin-Host, or \"*.<realm>\" for all of a realm.",
        [](auto& s) -> auto& { return s.provisioning.nodes; }));
    table.push_back(flag(
        "provisioning.without_tls",
        "true: a connection without TLS will do, because something else protects it, such as IPsec.",
        [](auto& s) -> auto& { return s.provisioning.without_tls; }));
    table.push_back(nodes(
        "provisioning.force_features",
        "Trusted nodes that are taken to have the KME AVPs although they do not announce them: for tests.",
        [](auto& s) -> auto& { return s.provisioning.force_features; }));
}

void add_exchange(std::vector<Setting<Settings>>& table) {
    table.push_back(duration(
        "provisioning.deadline", seconds(1), deadline_max,
        "From Update-Location to its answer when a key is provisioned in between. Less than the MME waits "
        "for an answer, which is often 10 s, and than the phone does (T3410, 15 s).",
        [](auto& s) -> auto& { return s.provisioning.deadline; }));
    table.push_back(duration(
        "provisioning.response_timer", milliseconds(500), deadline_max,
        "How long the MME has for the device's answer; shorter than the deadline.",
        [](auto& s) -> auto& { return s.provisioning.response_timer; }));
    table.push_back(number(
        "provisioning.nas_container_type", 1, nas_container_type_max, true,
        "The generic message container type by which UE and MME know the container (TS 24.301 9.9.3.42). 3 "
        "to 127 are unused there.",
        [](auto& s) -> auto& { return s.provisioning.nas_container_type; }));
    table.push_back(flag(
        "provisioning.home_mac",
        "The container is signed with keys that only this HSS and the card know, so that no visited network "
        "can give a device a key of its own.",
        [](auto& s) -> auto& { return s.provisioning.home_mac; }));
    table.push_back(duration(
        "provisioning.session_kept", seconds(10), minutes(10),
        "For how long CK and IK of a vector are kept, sealed, to sign with.",
        [](auto& s) -> auto& { return s.provisioning.session_kept; }));
    table.push_back(duration(
        "provisioning.reattach_after", milliseconds(500), minutes(1),
        "After a success a phone that has not come back by itself is told to, by Cancel-Location.",
        [](auto& s) -> auto& { return s.provisioning.reattach_after; }));
    table.push_back(one_value<Settings>(
        "provisioning.retry_code", "5012 | 3002 | 3004", true,
        "The result of an Update-Location whose exchange has failed in a way that may pass: "
        "UNABLE_TO_COMPLY, "
        "UNABLE_TO_DELIVER or TOO_BUSY. The phone is told of a failure of the network (EMM cause #17), and "
        "tries again.",
        [](auto& s) -> auto& { return s.provisioning.retry_code; },
        [](const YAML::Node& node) { return read_choice<Cause>(node, retry_codes); },
        [](Cause value) { return write_choice<Cause>(value, retry_codes); }));
    table.push_back(list_of<Settings>(
        "provisioning.pauses", "list of durations", true,
        "After a failure that may pass, how long until the next attempt: after the first one, after the "
        "second one, and so on; the last one for all that follow.",
        [](auto& s) -> auto& { return s.provisioning.pauses; },
        [](const YAML::Node& node) { return read_duration(node, seconds(1), hours(24)); }, write_duration));
}

void add_keys(std::vector<Setting<Settings>>& table) {
    table.push_back(one_value<Settings>(
        "provisioning.rand_algorithm", "aes128 | aes256", true,
        "What RAND is encrypted with under a key that is provisioned: AES-128 (16 octets of key) or AES-256 "
        "(32).",
        [](auto& s) -> auto& { return s.provisioning.rand_algorithm; },
        [](const YAML::Node& node) { return read_choice<RandAlgorithm>(node, rand_algorithms); },
        [](RandAlgorithm value) { return write_choice<RandAlgorithm>(value, rand_algorithms); }));
    table.push_back(duration(
        "provisioning.lifetime", seconds(0), hours(87'600),
        "For how long a key that was provisioned is good. 0s: for ever.",
        [](auto& s) -> auto& { return s.provisioning.lifetime; }));
    table.push_back(duration(
        "provisioning.renew_before", seconds(0), hours(8'760),
        "So long before its end a key is replaced, at the next access that proves it.",
        [](auto& s) -> auto& { return s.provisioning.renew_before; }));
}

void add_stock(std::vector<Setting<Settings>>& table) {
    table.push_back(one_value<Settings>(
        "provisioning.stock_mme", "reject | restricted_apn", true,
        "What becomes of a subscription that needs a key, has none, and is at an MME without the KME AVPs. "
        "reject: as binding.reject_code says. restricted_apn: it is served with restricted_profile, whose "
        "APN leads nowhere but to where devices fetch their keys; this gives a bearer to a device that has "
        "proven nothing.",
        [](auto& s) -> auto& { return s.provisioning.stock_mme; },
        [](const YAML::Node& node) { return read_choice<StockMme>(node, stock_mmes); },
        [](StockMme value) { return write_choice<StockMme>(value, stock_mmes); }));
    table.push_back(one_value<Settings>(
        "provisioning.restricted_profile", "text", true,
        "The name of the profile for stock_mme: restricted_apn.",
        [](auto& s) -> auto& { return s.provisioning.restricted_profile; }, read_text, write_text));
}

}  // namespace

void add_provisioning(std::vector<Setting<Settings>>& table) {
    add_who(table);
    add_exchange(table);
    add_keys(table);
    add_stock(table);
    add_provisioning_https(table);
}

void check_provisioning(const Settings& settings, const YAML::Node& root, Problems& problems) {
    const auto& provisioning = settings.provisioning;
    const auto refuse = [&](std::string_view name, std::string text) {
        const auto key = "provisioning." + std::string(name);
        problems.add(line_of(root, key), key, std::move(text));
    };
    if (provisioning.kme_vendor_id == vendor_3gpp)
        refuse("kme_vendor_id", "is 3GPP's: the KME AVPs need a Vendor-Id of their own");
    if (provisioning.response_timer >= provisioning.deadline)
        refuse("response_timer", "is not shorter than provisioning.deadline");
    if (provisioning.pauses.empty() || provisioning.pauses.size() > pauses_max)
        refuse("pauses", fmt::format("has {} entries, not 1 to {}", provisioning.pauses.size(), pauses_max));
    if (provisioning.lifetime.count() != 0 && provisioning.renew_before >= provisioning.lifetime)
        refuse("lifetime", "is no longer than provisioning.renew_before: a new key would be due at once");
    if (provisioning.stock_mme == StockMme::restricted_apn && provisioning.restricted_profile.empty())
        refuse("stock_mme", "needs provisioning.restricted_profile: restricted to which APN?");
    check_provisioning_https(settings, root, problems);
    if (!provisioning.enabled) return;
    if (provisioning.nodes.empty())
        refuse("enabled", "needs provisioning.nodes: which nodes are trusted to pass keys on?");
    if (settings.diameter.tls.certificate.empty() && !provisioning.without_tls) {
        refuse("enabled",
               "needs diameter.tls; or provisioning.without_tls, where something else protects S6a");
    }
}

std::vector<std::string> warnings(const Settings& settings) {
    const auto& provisioning = settings.provisioning;
    std::vector<std::string> texts;
    if (auto text = api_warning(settings); !text.empty()) texts.push_back(std::move(text));
    const auto type = provisioning.nas_container_type;
    if (type < nas_unused_first || type > nas_unused_last) {
        texts.push_back(
            fmt::format("provisioning.nas_container_type: {} has another meaning in TS 24.301 9.9.3.42, or "
                        "may get one; {} to {} are unused there",
                        type, nas_unused_first, nas_unused_last));
    }
    if (provisioning.enabled && !provisioning.force_features.empty()) {
        texts.emplace_back(
            "provisioning.force_features: is for tests; a node that has not the KME AVPs fails each time");
    }
    if (provisioning.stock_mme == StockMme::restricted_apn) {
        texts.emplace_back(
            "provisioning.stock_mme: restricted_apn gives a bearer to devices that have proven nothing: "
            "what its APN leads to is all that protects you");
    }
    if (!provisioning.https.listen.empty() && provisioning.https.client_ca.empty() &&
        provisioning.https.token_file.empty()) {
        texts.emplace_back(
            "provisioning.https: neither client_ca nor token_file: whoever reaches the listener and knows "
            "IMSI "
            "and IMEI of a device can keep its exchanges from ending");
    }
    return texts;
}

}  // namespace bindhss::config
