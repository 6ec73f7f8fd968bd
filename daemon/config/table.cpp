// SPDX-License-Identifier: Apache-2.0
#include "config/table.h"

#include <fmt/format.h>

#include <array>

#include "types/limits.h"

namespace bindhss::config {

namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr std::array<Choice<Cause>, 8> reject_codes{{
    {"5003", Cause::authorization_rejected},
    {"5420", Cause::unknown_eps_subscription},
    {"5421", Cause::rat_not_allowed},
    {"5004", Cause::roaming_not_allowed},
    {"authorization_rejected", Cause::authorization_rejected},
    {"unknown_eps_subscription", Cause::unknown_eps_subscription},
    {"rat_not_allowed", Cause::rat_not_allowed},
    {"roaming_not_allowed", Cause::roaming_not_allowed},
}};
constexpr std::array<Choice<OdbUnsupported>, 3> odb_unsupported{{{"reject", OdbUnsupported::reject},
                                                                 {"restrict", OdbUnsupported::restrict},
                                                                 {"ignore", OdbUnsupported::ignore}}};
constexpr std::array<Choice<ImeiAbsent>, 2> imei_absent{
    {{"allow", ImeiAbsent::allow}, {"reject", ImeiAbsent::reject}}};
constexpr std::array<Choice<UnlistedEquipment>, 3> unlisted_equipment{
    {{"permitted", UnlistedEquipment::permitted},
     {"prohibited", UnlistedEquipment::prohibited},
     {"unknown", UnlistedEquipment::unknown}}};
constexpr std::array<Choice<log::Level>, 4> levels{{{"debug", log::Level::debug},
                                                    {"info", log::Level::info},
                                                    {"warning", log::Level::warning},
                                                    {"error", log::Level::error}}};
constexpr std::array<Choice<log::Format>, 2> formats{
    {{"text", log::Format::text}, {"json", log::Format::json}}};

template <class Get>
Setting<Settings> text(std::string_view key, bool reloadable, std::string_view description, Get get) {
    return one_value<Settings>(key, "text", reloadable, description, get, read_text, write_text);
}

template <class Get>
Setting<Settings> path(std::string_view key, bool reloadable, std::string_view description, Get get) {
    return one_value<Settings>(key, "absolute path", reloadable, description, get, read_path, write_text);
}

template <class Get>
Setting<Settings> identity(std::string_view key, std::string_view description, Get get) {
    return one_value<Settings>(key, "name", false, description, get, read_identity, write_text);
}

template <class Get>
Setting<Settings> number(std::string_view key, std::uint32_t min, std::uint32_t max, bool reloadable,
                         std::string_view description, Get get) {
    return one_value<Settings>(
        key, fmt::format("{} to {}", min, max), reloadable, description, get,
        [=](const YAML::Node& node) { return static_cast<std::uint32_t>(read_number(node, min, max)); },
        [](std::uint32_t value) { return std::to_string(value); });
}

template <class Get>
Setting<Settings> mask(std::string_view key, std::string_view description, Get get) {
    return one_value<Settings>(
        key, "mask, 0x0000 to 0x00ff", true, description, get,
        [](const YAML::Node& node) { return read_mask(node, 0x00ff); }, write_mask);
}

template <class Get>
Setting<Settings> duration(std::string_view key, milliseconds min, milliseconds max, bool reloadable,
                           std::string_view description, Get get) {
    return one_value<Settings>(
        key, fmt::format("duration, {} to {}", write_duration(min), write_duration(max)), reloadable,
        description, get, [=](const YAML::Node& node) { return read_duration(node, min, max); },
        write_duration);
}

template <class T, std::size_t N, class Get>
Setting<Settings> choice(std::string_view key, const std::array<Choice<T>, N>& choices, bool reloadable,
                         std::string_view description, Get get) {
    std::vector<std::string_view> names;
    names.reserve(N);
    for (const auto& candidate : choices) names.push_back(candidate.first);
    const std::span<const Choice<T>> all(choices);
    return one_value<Settings>(
        key, fmt::format("{}", fmt::join(names, " | ")), reloadable, description, get,
        [=](const YAML::Node& node) { return read_choice<T>(node, all); },
        [=](T value) { return write_choice<T>(value, all); });
}

Setting<Settings> listen_setting() {
    return list_of<Settings>(
        "diameter.listen", "list of host:port", false,
        "Where peers may connect to over plain TCP (those with transport: tcp); [] for nobody. The default "
        "is this machine alone: name an address of the network of your MMEs (\"10.0.0.5:3868\", "
        "\"[2001:db8::5]:3868\"). S6a without TLS trusts that network.",
        [](auto& s) -> auto& { return s.diameter.listen; },
        [](const YAML::Node& node) { return read_endpoint(node, port_tcp); }, write_endpoint);
}

Setting<Settings> url_setting() {
    auto setting = text(
        "database.url", false,
        "PostgreSQL 15 or newer: postgresql://user@host1,host2/bindhss or \"host=... dbname=...\". "
        "Empty: a private cluster below state_directory, made at the first start, reached by a Unix "
        "socket only. A password is better kept in ~/.pgpass than here.",
        [](auto& s) -> auto& { return s.database.url; });
    setting.secret = true;
    return setting;
}

Setting<Settings> password_file_setting() {
    return file_setting(
        "database.password_file", false,
        "A file with the password for database.url, and nothing else; nobody else may be able to read it. "
        "Empty: "
        "the password, if there is one, is in the url or in ~/.pgpass.",
        [](auto& s) -> auto& { return s.database.password_file; });
}

void add_general(std::vector<Setting<Settings>>& table) {
    table.push_back(path(
        "state_directory", false,
        "Where the daemon keeps what is its own: the embedded database and its key.",
        [](auto& s) -> auto& { return s.state_directory; }));
    table.push_back(number(
        "threads", 1, 64, false,
        "Threads for peers and Authentication-Informations, and as many for all other requests; one of each "
        "a core is a good start.",
        [](auto& s) -> auto& { return s.threads; }));
    table.push_back(number(
        "real_time_priority", 0, 99, false,
        "From 1 on, what serves Authentication-Informations goes before everything else on this machine, at "
        "this real-time priority: their threads, and the processes of database.batch_connections in a "
        "PostgreSQL of this machine. For few cores that exchanges of keys or other programs share. Needs "
        "CAP_SYS_NICE.",
        [](auto& s) -> auto& { return s.real_time_priority; }));
}

void add_diameter(std::vector<Setting<Settings>>& table) {
    table.push_back(identity(
        "diameter.identity", "Our Origin-Host (RFC 6733 6.3), as the MMEs know this HSS.",
        [](auto& s) -> auto& { return s.diameter.identity; }));
    table.push_back(identity(
        "diameter.realm", "Our Origin-Realm (RFC 6733 6.4).",
        [](auto& s) -> auto& { return s.diameter.realm; }));
    table.push_back(listen_setting());
    table.push_back(peers_setting());
    table.push_back(duration(
        "diameter.watchdog", seconds(6), hours(1), false,
        "A peer silent for this long is asked for a sign of life (Tw of RFC 3539 3.4.1).",
        [](auto& s) -> auto& { return s.diameter.watchdog; }));
    table.push_back(duration(
        "diameter.reconnect", milliseconds(100), hours(1), false,
        "The pause before a lost peer is connected again (Tc of RFC 6733 2.1).",
        [](auto& s) -> auto& { return s.diameter.reconnect; }));
    table.push_back(duration(
        "diameter.capabilities_timeout", seconds(1), minutes(5), false,
        "How long a new connection may take to say who it is (CER/CEA, RFC 6733 5.3).",
        [](auto& s) -> auto& { return s.diameter.capabilities_timeout; }));
    table.push_back(duration(
        "diameter.request_timeout", milliseconds(500), minutes(1), false,
        "How long we wait for the answer to a request of ours, such as Cancel-Location.",
        [](auto& s) -> auto& { return s.diameter.request_timeout; }));
    add_tls(table);
}

void add_database(std::vector<Setting<Settings>>& table) {
    table.push_back(url_setting());
    table.push_back(password_file_setting());
    table.push_back(number(
        "database.connections", 1, 64, false, "Connections for everything but vectors.",
        [](auto& s) -> auto& { return s.database.connections; }));
    table.push_back(number(
        "database.batch_connections", 1, 16, false,
        "Connections that reserve sequence numbers, many requests a statement. One is best where database "
        "and daemon share a few cores; more serve more where the database has cores to spare.",
        [](auto& s) -> auto& { return s.database.batch_connections; }));
    table.push_back(path(
        "database.embedded_binaries", false, "Where initdb and postgres are, for the embedded database.",
        [](auto& s) -> auto& { return s.database.embedded_binaries; }));
    table.push_back(file_setting(
        "keys.file", false,
        "The key-encryption keys under which K, OPc and KME are sealed; nobody else may be able to "
        "read it. Empty: the file 'keys' in state_directory, made at the first start; with "
        "database.url it has to be named, for every daemon on that database needs the same.",
        [](auto& s) -> auto& { return s.keys.file; }));
}

void add_authentication(std::vector<Setting<Settings>>& table) {
    table.push_back(number(
        "authentication.vectors_max", 1, limits::vectors_max, true,
        "The most E-UTRAN vectors in one answer; a subscription bound by key always gets one.",
        [](auto& s) -> auto& { return s.authentication.vectors_max; }));
    table.push_back(mask(
        "authentication.amf_pre_processed_mask",
        "The AMF bits (TS 33.102 Annex H: bits 8 to 15 are the operator's) that tell a device that "
        "its RAND is encrypted. 0: none, the device knows it otherwise.",
        [](auto& s) -> auto& { return s.authentication.amf_pre_processed_mask; }));
    table.push_back(mask(
        "authentication.amf_generation_mask",
        "The AMF bits that carry the parity of the key's generation; none of those above.",
        [](auto& s) -> auto& { return s.authentication.amf_generation_mask; }));
}

void add_evidence(std::vector<Setting<Settings>>& table) {
    table.push_back(duration(
        "binding.authenticated_within", minutes(1), hours(720), true,
        "An Update-Location from a node that had no vectors for so long, that does not serve the UE and "
        "takes it "
        "over from no other node, is told of (update_unauthenticated): anybody could have written it.",
        [](auto& s) -> auto& { return s.binding.authenticated_within; }));
    table.push_back(duration(
        "binding.unanswered_after", seconds(5), minutes(10), true,
        "An encrypted vector that brought no Update-Location for so long speaks against the device's key "
        "when "
        "the next one is asked for.",
        [](auto& s) -> auto& { return s.binding.unanswered_after; }));
    table.push_back(number(
        "binding.suspect_strong", 1, 100, true,
        "After so many strong signs in a row a binding is suspect: nodes that had an encrypted vector purged "
        "the "
        "UE without having registered it.",
        [](auto& s) -> auto& { return s.binding.suspect_strong; }));
    table.push_back(number(
        "binding.suspect_weak", 1, 1'000, true, "The same for weak signs: vectors that nobody answered.",
        [](auto& s) -> auto& { return s.binding.suspect_weak; }));
    table.push_back(duration(
        "binding.reprovision_interval", seconds(10), hours(24), true,
        "Under terms with on_suspicion reprovision: the least time between two regular vectors for a suspect "
        "subscription.",
        [](auto& s) -> auto& { return s.binding.reprovision_interval; }));
    table.push_back(number(
        "binding.reprovisions_per_day", 0, 100, true, "And the most of them in 24 hours.",
        [](auto& s) -> auto& { return s.binding.reprovisions_per_day; }));
    table.push_back(duration(
        "binding.old_key_grace", seconds(0), hours(24), true,
        "For how long after a key was replaced a re-synchronisation may still be under it.",
        [](auto& s) -> auto& { return s.binding.old_key_grace; }));
}

void add_binding(std::vector<Setting<Settings>>& table) {
    table.push_back(duration(
        "binding.evidence_window", seconds(5), hours(1), true,
        "An Update-Location this soon after an encrypted vector proves that the device has the "
        "key.",
        [](auto& s) -> auto& { return s.binding.evidence_window; }));
    table.push_back(duration(
        "binding.regular_vector_open", seconds(5), hours(24), true,
        "A regular vector, issued before the subscription was bound, may still be in use at the "
        "MME for this long.",
        [](auto& s) -> auto& { return s.binding.regular_vector_open; }));
    add_evidence(table);
    table.push_back(choice(
        "binding.reject_code", reject_codes, true,
        "The result with which a wrong device is rejected. The MME makes EMM cause #15 of 5003 and "
        "5420, #13 of 5421, #11 of 5004 (TS 29.272 Annex A).",
        [](auto& s) -> auto& { return s.binding.reject_code; }));
    table.push_back(choice(
        "binding.imei_absent_monitor", imei_absent, true,
        "What becomes of an Update-Location without an IMEI when the policy is imei_monitor or kme.",
        [](auto& s) -> auto& { return s.binding.imei_absent_monitor; }));
    table.push_back(choice(
        "binding.imei_absent_enforce", imei_absent, true,
        "The same when the policy is imei_enforce or kme+imei.",
        [](auto& s) -> auto& { return s.binding.imei_absent_enforce; }));
}

void add_eir(std::vector<Setting<Settings>>& table) {
    table.push_back(choice(
        "eir.unknown", unlisted_equipment, true,
        "What an MME is told of a device that no entry covers: permitted; prohibited, where every device has "
        "to be listed; or unknown (5422), upon which the MME decides.",
        [](auto& s) -> auto& { return s.eir.unknown; }));
}

void add_log(std::vector<Setting<Settings>>& table) {
    table.push_back(choice(
        "log.level", levels, true, "The least important events that are written.",
        [](auto& s) -> auto& { return s.log.level; }));
    table.push_back(choice(
        "log.format", formats, true, "text for people, json (one object a line) for programs.",
        [](auto& s) -> auto& { return s.log.format; }));
    table.push_back(path(
        "log.file", true,
        "Where events go. Empty: standard error, hence the journal under systemd. A reload opens it anew.",
        [](auto& s) -> auto& { return s.log.file; }));
}

void add_subscription(std::vector<Setting<Settings>>& table) {
    table.push_back(number(
        "subscription.update_rate", 1, 100'000, true,
        "Nodes that are told of changed subscriptions in one second (IDR, DSR, CLR), all peers together: a "
        "change of a profile that many share must not flood the MMEs.",
        [](auto& s) -> auto& { return s.subscription.update_rate; }));
    table.push_back(choice(
        "subscription.odb_unsupported", odb_unsupported, true,
        "What becomes of a barred subscriber (ODB) at a node that did not announce that it can bar him: no "
        "service, Roaming-Restricted-Due-To-Unsupported-Feature, or service as if nothing were barred.",
        [](auto& s) -> auto& { return s.subscription.odb_unsupported; }));
}

std::vector<Setting<Settings>> make_table() {
    std::vector<Setting<Settings>> table;
    add_general(table);
    add_diameter(table);
    add_nodes(table);
    add_roaming(table);
    add_database(table);
    add_authentication(table);
    add_binding(table);
    add_provisioning(table);
    add_limits(table);
    add_subscription(table);
    add_eir(table);
    add_alarms(table);
    add_audit(table);
    add_api(table);
    add_metrics(table);
    add_log(table);
    return table;
}

}  // namespace

const std::vector<Setting<Settings>>& table() {
    static const auto settings = make_table();
    return settings;
}

std::string_view describe_section(std::string_view section) {
    if (section == "diameter") return "S6a: who we are and who may talk to us.";
    if (section == "diameter.tls") {
        return "TLS 1.2 and 1.3 right after connect (RFC 6733 13.1), for every peer without transport: tcp. "
               "Both sides show a certificate, whose name has to be the Diameter identity. The files are "
               "read "
               "again when they change and on SIGHUP; connections live on.";
    }
    if (section == "roaming") return "Which networks may serve subscribers.";
    if (section == "database") return "Where everything that must survive is kept.";
    if (section == "keys") return "How secrets are sealed at rest.";
    if (section == "authentication") return "Vectors (TS 29.272 5.2.3).";
    if (section == "binding") return "What ties a subscription to devices.";
    if (section.starts_with("provisioning")) return describe_provisioning(section);
    if (section.starts_with("limits")) return describe_limits(section);
    if (section == "subscription") return "What nodes are told of subscriptions (TS 29.272 5.2.1, 5.2.2).";
    if (section == "api") {
        return "The API of operators, which bindhssctl speaks (docs/api.md): on a Unix socket, and over TCP "
               "with TLS where you want that.";
    }
    if (section == "eir") return "The equipment register that MMEs and SGSNs ask over S13 (TS 29.272 6).";
    if (section == "alarms") {
        return "What is told of alarms, and where; docs/alarms.md lists them. The log and bindhssctl "
               "alarm "
               "list have them always.";
    }
    if (section == "alarms.syslog") return "To a receiver of syslog (RFC 5424).";
    if (section == "alarms.webhook") return "As signed HTTP requests.";
    if (section == "audit") return "What operators changed, who and when.";
    if (section == "metrics") {
        return "What Prometheus reads (/metrics), and whether the daemon lives (/health) and serves "
               "(/ready), "
               "over HTTP without TLS: numbers and names of peers, no subscriber and no device.";
    }
    if (section == "log") return "Structured events.";
    return {};
}

}  // namespace bindhss::config
