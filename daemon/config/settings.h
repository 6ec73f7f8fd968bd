// SPDX-License-Identifier: Apache-2.0
// Everything that an operator may choose, as plain values whose initialisers are the defaults. What each
// means, its range and its name in the file are in config/table.cpp. daemon/app maps them to the settings of
// the layers.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "alarm/address.h"
#include "alarm/alarm.h"
#include "log/log.h"
#include "types/identity.h"
#include "types/request_limits.h"
#include "types/result.h"

namespace bindhss::config {

using std::chrono::milliseconds;

struct Endpoint {
    std::string host;
    std::uint16_t port = 3868;
    bool operator==(const Endpoint&) const = default;
};

enum class Transport : std::uint8_t { tls, tcp };

struct PeerSettings {
    std::string identity;  ///< "*": any of the realm
    std::string realm;     ///< load() puts diameter.realm here when the file says nothing
    Transport transport = Transport::tls;
    std::vector<std::string> addresses;  ///< or prefixes; empty: from anywhere, which load() allows tls alone
    std::optional<Endpoint> connect;
    bool relay = false;
    bool operator==(const PeerSettings&) const = default;
};

struct TlsSettings {
    std::string certificate;  ///< empty: no TLS
    std::string private_key;
    std::string ca;
    std::string crl;  ///< empty: none
    std::vector<Endpoint> listen;
};

/// Where single nodes are served otherwise than the standards say; off unless a node is named.
enum class Quirk : std::uint8_t {
    ula_error_stub,     ///< an error in Update-Location-Answer has the AVPs that Open5GS looks for first
    no_route_record,    ///< a relay that hides the hops behind it
    features_optional,  ///< the M bit of Supported-Features is not meant
};

struct NodeSettings {
    std::string identity;  ///< an Origin-Host, "*.<realm>" or "*"
    std::vector<Quirk> quirks;
    bool operator==(const NodeSettings&) const = default;
};

/// Which PLMNs the nodes of a realm may ask for.
struct RoamingRealm {
    std::string realm;
    std::vector<Plmn> plmns;
    bool operator==(const RoamingRealm&) const = default;
};

enum class UnlistedRealms : std::uint8_t { derive, allow, reject };

struct RoamingSettings {
    UnlistedRealms unlisted_realms = UnlistedRealms::derive;
    std::vector<RoamingRealm> realms;
};

struct DiameterSettings {
    std::string identity = "hss.localdomain";
    std::string realm = "localdomain";
    std::vector<Endpoint> listen{{"127.0.0.1", 3868}};
    std::vector<PeerSettings> peers;
    TlsSettings tls;
    milliseconds watchdog{30'000};
    milliseconds reconnect{5'000};
    milliseconds capabilities_timeout{10'000};
    milliseconds request_timeout{6'000};
};

struct DatabaseSettings {
    std::string url;  ///< empty: the embedded cluster. May hold a password: never log it, see masked_url()
    std::string password_file;  ///< empty: none
    unsigned connections = 4;
    unsigned batch_connections = 1;
    std::string embedded_binaries = "/usr/lib/postgresql/15/bin";
};

struct KeysSettings {
    std::string file;  ///< as in the file; see keys_file()
};

struct AuthenticationSettings {
    std::uint32_t vectors_max = 5;
    std::uint16_t amf_pre_processed_mask = 0x0080;
    std::uint16_t amf_generation_mask = 0x0040;
};

enum class ImeiAbsent : std::uint8_t { allow, reject };

struct BindingSettings {
    milliseconds evidence_window{120'000};
    milliseconds regular_vector_open{600'000};
    milliseconds authenticated_within{24 * 3'600'000};
    milliseconds unanswered_after{30'000};
    std::uint32_t suspect_strong = 2;
    std::uint32_t suspect_weak = 5;
    milliseconds reprovision_interval{600'000};
    std::uint32_t reprovisions_per_day = 5;
    milliseconds old_key_grace{600'000};
    Cause reject_code = Cause::authorization_rejected;
    ImeiAbsent imei_absent_monitor = ImeiAbsent::allow;
    ImeiAbsent imei_absent_enforce = ImeiAbsent::reject;
};

/// RAND-ALG (spec 4.5): what a RAND is encrypted with.
enum class RandAlgorithm : std::uint8_t { aes128, aes256 };

/// A subscription that needs a key at a node that cannot give it one.
enum class StockMme : std::uint8_t { reject, restricted_apn };

/// The listener by which devices fetch their keys (R24).
struct HttpsSettings {
    std::vector<Endpoint> listen;  ///< empty: there is none
    std::string certificate;
    std::string private_key;
    std::string client_ca;   ///< empty: clients show no certificate
    std::string token_file;  ///< empty: clients show no token
    bool without_tls = false;
    milliseconds deadline{300'000};
    Rate rate_address{60, milliseconds(60'000)};
    Rate rate_imsi{6, milliseconds(60'000)};
    Rate rate_imei{6, milliseconds(60'000)};
};

/// A registry of public keys outside (R20).
struct KeyRegistrySettings {
    std::string url;         ///< alarm::WebAddress; empty: there is none
    std::string ca;          ///< empty: those that this machine trusts
    std::string token_file;  ///< empty: we show none
    milliseconds timeout{1'000};
    milliseconds cache_for{60'000};
    milliseconds cache_negative_for{10'000};
};

struct ProvisioningSettings {
    bool enabled = false;
    std::uint32_t kme_vendor_id = 32'473;  ///< IANA's example number, RFC 5612
    std::vector<std::string> nodes;        ///< Origin-Hosts, or "*.<realm>"
    bool without_tls = false;
    std::vector<std::string> force_features;
    milliseconds deadline{6'000};
    milliseconds response_timer{4'000};
    std::uint32_t nas_container_type = 75;
    bool home_mac = true;
    milliseconds session_kept{120'000};
    milliseconds reattach_after{2'000};
    Cause retry_code = Cause::unable_to_comply;
    std::vector<milliseconds> pauses{milliseconds(60'000), milliseconds(300'000), milliseconds(3'600'000)};
    RandAlgorithm rand_algorithm = RandAlgorithm::aes128;
    milliseconds lifetime{0};  ///< 0: for ever
    milliseconds renew_before{7 * 24 * 3'600'000};
    StockMme stock_mme = StockMme::reject;
    std::string restricted_profile;
    HttpsSettings https;
    KeyRegistrySettings registry;
};

/// What S13 says of a device in no list.
enum class UnlistedEquipment : std::uint8_t { permitted, prohibited, unknown };

struct EirSettings {
    UnlistedEquipment unknown = UnlistedEquipment::permitted;
};

/// Something is barred that a node cannot bar (subscription/fit.h).
enum class OdbUnsupported : std::uint8_t { reject, restrict, ignore };

struct SubscriptionSettings {
    unsigned update_rate = 100;
    OdbUnsupported odb_unsupported = OdbUnsupported::reject;
};

struct SyslogSettings {
    std::string to;  ///< alarm::SyslogAddress; empty: nowhere
    alarm::Facility facility = alarm::Facility::local0;
    bool operator==(const SyslogSettings&) const = default;
};

struct WebhookSettings {
    std::string url;          ///< alarm::WebAddress; empty: nowhere
    std::string secret_file;  ///< of the signature
    std::string ca;           ///< empty: those that this machine trusts
};

/// What an operator wants otherwise than the catalogue of alarms has it.
struct AlarmRule {
    alarm::Id id = alarm::Id::association_first_seen;
    std::optional<alarm::Severity> severity;
    std::string text;  ///< empty: that of the catalogue
};

struct AlarmSettings {
    milliseconds repeat_interval{300'000};
    unsigned escalate_after = 30;
    milliseconds escalate_within{600'000};
    unsigned flood_after = 60;
    milliseconds keep_cleared = std::chrono::hours(90 * 24);  ///< 0: for ever
    std::string json_lines;                                   ///< empty: none
    SyslogSettings syslog;
    WebhookSettings webhook;
    std::vector<AlarmRule> rules;
};

struct AuditSettings {
    milliseconds keep{0};  ///< 0: for ever
};

/// The listener for Prometheus, and for who asks whether the daemon is well.
struct MetricsSettings {
    std::vector<Endpoint> listen{{"127.0.0.1", 9464}};  ///< empty: there is none
};

enum class ApiRole : std::uint8_t { read, provision, keys, admin };

/// Whose certificate counts for what.
struct ApiCertificate {
    std::string name;
    std::vector<ApiRole> roles;
    bool operator==(const ApiCertificate&) const = default;
};

/// The API of operators.
struct ApiSettings {
    std::string socket;  ///< as in the file; see api_socket()
    std::uint32_t socket_mode = 0660;
    std::string socket_group;           ///< empty: that of the process
    std::vector<ApiRole> socket_roles;  ///< of its members
    std::vector<Endpoint> listen;       ///< empty: not over TCP
    std::string certificate;
    std::string private_key;
    std::string client_ca;  ///< empty: clients show no certificate
    std::vector<ApiCertificate> certificates;
    std::string token_file;  ///< empty: clients show no token
    unsigned workers = 4;
};

struct Settings {
    std::string state_directory = "/var/lib/bindhss";
    unsigned threads = 2;
    unsigned real_time_priority = 0;  ///< 0: none
    DiameterSettings diameter;
    std::vector<NodeSettings> nodes;
    RoamingSettings roaming;
    DatabaseSettings database;
    KeysSettings keys;
    AuthenticationSettings authentication;
    BindingSettings binding;
    ProvisioningSettings provisioning;
    RequestLimits limits;
    SubscriptionSettings subscription;
    EirSettings eir;
    AlarmSettings alarms;
    AuditSettings audit;
    ApiSettings api;
    MetricsSettings metrics;
    log::Settings log;
};

}  // namespace bindhss::config
