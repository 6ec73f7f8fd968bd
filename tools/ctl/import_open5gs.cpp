// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_open5gs.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include "ctl/documents.h"
#include "ctl/foreign.h"

namespace bindhss::ctl {

namespace {

namespace json = boost::json;

/// Numbers of Open5GS's database (its files lib/proto/types.h and lib/dbi).
constexpr std::int64_t session_ipv4 = 1;
constexpr std::int64_t session_ipv4v6 = 3;
constexpr std::int64_t session_ethernet = 5;
constexpr std::int64_t preemption_disabled = 1;
constexpr std::int64_t preemption_enabled = 2;
constexpr std::int64_t unit_tbps = 4;
constexpr std::int64_t sqn_max = (1LL << 48) - 1;
/// Open5GS stores it as 32 bits.
constexpr std::int64_t value_max = INT32_MAX;

/// As its web interface makes a new subscriber, for what a document leaves out.
constexpr std::uint64_t default_ambr = 1'000'000'000;

/// AMBR goes up to 2^32-1 kbit/s (TS 29.272 7.3.41).
constexpr std::uint64_t ambr_max = 4'294'967'295'000;

class Subscriber {
  public:
    Subscriber(const json::object& document, Notes& notes) : notes_(notes), fields_(document, "", notes) {}

    std::optional<Migrant> read() {
        const auto imsi_text = fields_.text("imsi");
        const auto imsi = imsi_text ? Imsi::parse(*imsi_text) : std::nullopt;
        if (!imsi) {
            notes_.error(imsi_text ? "imsi " + shown(*imsi_text) + " is not 6 to 15 digits"
                                   : "imsi is missing");
            return std::nullopt;
        }
        notes_.about(*imsi);
        Migrant migrant{*imsi};
        read_security(migrant);
        read_subscription(migrant.data);
        read_slices(migrant.data);
        read_state();
        fields_.pass_over({"_id", "__v", "schema_version"});
        fields_.warn_of_rest();
        if (!notes_.good()) return std::nullopt;
        return migrant;
    }

  private:
    void read_security(Migrant& migrant) {
        auto security = fields_.object("security");
        if (!security) {
            if (notes_.good()) notes_.error("security is missing: there is no key");
            return;
        }
        auto k = security->hex("k", SubscriberKey::size);
        auto opc = secret(*security, "opc");
        auto op = opc ? std::nullopt : secret(*security, "op");
        if (opc) security->pass_over({"op"});  // Open5GS computes with OPc where both are there
        const auto amf = security->hex("amf", Amf::size);
        // What is no number Open5GS takes for 0; a larger number is never wrong.
        const auto sqn = security->number("sqn", 0, sqn_max);
        security->pass_over({"rand"});
        security->warn_of_rest();
        if (notes_.good() && !k) notes_.error("security.k is missing");
        if (notes_.good() && !opc && !op) notes_.error("security.opc or security.op is missing");
        if (!notes_.good()) return;
        migrant.keys = milenage_keys(std::move(*k), std::move(opc), std::move(op));
        migrant.amf = amf ? *Amf::from(*amf) : Amf{{0x80, 0x00}};
        migrant.seq = seq_to_begin_after(static_cast<std::uint64_t>(sqn.value_or(0)));
    }

    /// OP and OPc are both in the document, the one that is not used null or empty.
    static std::optional<OctetString> secret(Fields& security, std::string_view name) {
        if (!security.says_something(name)) return std::nullopt;
        return security.hex(name, Opc::size);
    }

    void read_subscription(SubscriptionData& data) {
        const auto msisdns = fields_.texts("msisdn");
        if (!msisdns.empty()) data.msisdn = msisdns[0];
        if (msisdns.size() > 1) data.a_msisdn = msisdns[1];
        if (msisdns.size() > 2) notes_.warn("msisdn: only the first two are taken over");
        data.access_restriction_data = bits("access_restriction_data");
        read_barring(data);
        if (const auto mode = fields_.number("network_access_mode", 0, 2)) {
            if (*mode == 1) notes_.error("network_access_mode 1 is reserved (TS 29.272 7.3.21)");
            data.network_access_mode = static_cast<NetworkAccessMode>(*mode);
        }
        constexpr std::int64_t minutes_max = UINT32_MAX / 60;
        if (const auto minutes = fields_.number("subscribed_rau_tau_timer", 0, minutes_max); minutes > 0)
            data.subscribed_rau_tau_timer_s = static_cast<std::uint32_t>(*minutes * 60);
        data.ambr = read_ambr(fields_, "");
        if (!data.ambr && notes_.good()) {
            notes_.warn("has no AMBR: 1 Gbit/s is set");
            data.ambr = Ambr{default_ambr, default_ambr};
        }
    }

    std::optional<std::uint32_t> bits(std::string_view name) {
        const auto value = fields_.number(name, 0, UINT32_MAX);
        return value > 0 ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
    }

    /// Open5GS sends the barring only where the status says that there is one.
    void read_barring(SubscriptionData& data) {
        const auto status = fields_.number("subscriber_status", 0, 1);
        const auto barring = bits("operator_determined_barring");
        if (status == 1) {
            data.operator_determined_barring = barring;
            if (!barring) notes_.warn("subscriber_status 1 without operator_determined_barring bars nothing");
        } else if (barring) {
            notes_.warn(
                "operator_determined_barring without subscriber_status 1 is not in force: "
                "not taken over");
        }
    }

    /// Nothing when there is none, or it is 0 both ways, which Open5GS does not send.
    std::optional<Ambr> read_ambr(Fields& owner, const std::string& path) {
        auto ambr = owner.object("ambr");
        if (!ambr) return std::nullopt;
        const Ambr result{rate(*ambr, "uplink", path), rate(*ambr, "downlink", path)};
        ambr->warn_of_rest();
        if (result.uplink == 0 && result.downlink == 0) return std::nullopt;
        return result;
    }

    std::uint64_t rate(Fields& ambr, std::string_view direction, const std::string& path) {
        auto fields = ambr.object(direction);
        if (!fields) return 0;
        const auto value = fields->number("value", 0, value_max);
        const auto unit = fields->number("unit", 0, unit_tbps);
        fields->warn_of_rest();
        // Units are thousands, as Open5GS since 2.7 has them.
        auto rate = static_cast<std::uint64_t>(value.value_or(0));
        for (std::int64_t i = 0; i < unit.value_or(0); ++i) {
            rate *= 1'000;
            if (rate <= ambr_max) continue;
            notes_.warn(fmt::format("{}ambr.{} is beyond what S6a can say: 4294967295 kbit/s is set", path,
                                    direction));
            return ambr_max;
        }
        return rate;
    }

    void read_slices(SubscriptionData& data) {
        std::size_t count = 0;
        fields_.each_object("slice", [&](Fields slice, std::size_t number) {
            ++count;
            if (number > 1) {
                notes_.warn(fmt::format("slice {} is of 5G only and not taken over", number));
                return;
            }
            slice.pass_over({"_id", "sst", "sd", "default_indicator"});
            read_sessions(slice, data);
            slice.warn_of_rest();
        });
        if (notes_.good() && count == 0) notes_.error("slice is missing: there is no APN");
    }

    void read_sessions(Fields& slice, SubscriptionData& data) {
        ApnConfigurationProfile profile;
        slice.each_object("session", [&](Fields session, std::size_t number) {
            if (const auto apn = read_session(session, static_cast<std::uint32_t>(number)))
                profile.apns.push_back(*apn);
        });
        if (notes_.good() && profile.apns.empty()) notes_.error("slice 1 has no session: there is no APN");
        // The first session is the default APN in Open5GS's answers.
        if (!profile.apns.empty())
            profile.default_context_identifier = profile.apns.front().context_identifier;
        data.apn_configuration_profile = std::move(profile);
    }

    std::optional<ApnConfiguration> read_session(Fields& session, std::uint32_t number) {
        ApnConfiguration apn;
        apn.context_identifier = number;
        const auto name = session.text("name");
        if (!name && notes_.good()) notes_.error(session.path() + "name is missing");
        apn.service_selection = name.value_or("");
        const auto type = session.number("type", session_ipv4, session_ethernet);
        if (type > session_ipv4v6) {
            notes_.warn(
                fmt::format("{}type {} is of 5G only: the APN is not taken over", session.path(), *type));
            return std::nullopt;
        }
        apn.pdn_type = static_cast<PdnType>(type.value_or(session_ipv4v6) - 1);
        read_qos(session, apn);
        apn.ambr = read_ambr(session, session.path());
        read_addresses(session, apn);
        // As its HSS sends it for every APN.
        apn.vplmn_dynamic_address_allowed = true;
        session.pass_over({"_id", "lbo_roaming_allowed"});
        warn_of_pcc_rules(session);
        session.warn_of_rest();
        return apn;
    }

    void read_qos(Fields& session, ApnConfiguration& apn) {
        auto qos = session.object("qos");
        if (!qos) return;
        if (const auto index = qos->number("index", 1, 254))
            apn.qci = default_bearer_qci(*index, apn.service_selection, notes_);
        if (auto arp = qos->object("arp")) {
            if (const auto level = arp->number("priority_level", 1, 15))
                apn.arp.priority_level = static_cast<std::uint32_t>(*level);
            apn.arp.preemption_capability = preemption(*arp, "pre_emption_capability");
            apn.arp.preemption_vulnerability = preemption(*arp, "pre_emption_vulnerability");
            arp->warn_of_rest();
        }
        qos->warn_of_rest();
    }

    static bool preemption(Fields& arp, std::string_view name) {
        return arp.number(name, preemption_disabled, preemption_enabled) == preemption_enabled;
    }

    static void read_addresses(Fields& session, ApnConfiguration& apn) {
        if (auto ue = session.object("ue")) {
            const auto ipv4 = ue->address("ipv4", AF_INET);
            const auto ipv6 = ue->ipv6_prefix("ipv6");
            if (apn.pdn_type != PdnType::ipv6) apn.static_ipv4 = ipv4;
            if (apn.pdn_type != PdnType::ipv4) apn.static_ipv6 = ipv6;
            ue->warn_of_rest();
        }
        auto smf = session.object("smf");
        if (!smf) return;
        PdnGateway gateway;
        for (const auto& address : {smf->address("ipv4", AF_INET), smf->address("ipv6", AF_INET6)})
            if (!address.empty()) gateway.addresses.push_back(address);
        smf->warn_of_rest();
        if (gateway.addresses.empty()) return;
        apn.gateway = std::move(gateway);
        apn.gateway_allocation = PdnGwAllocation::dynamic;  // as its HSS sends it
    }

    void warn_of_pcc_rules(Fields& session) {
        if (session.says_something("pcc_rule"))
            notes_.warn(session.path() + "pcc_rule belongs to the PCRF or PCF and is not taken over");
    }

    /// Where the UE is comes with its next attach, and so does its device.
    void read_state() {
        fields_.pass_over({"mme_host", "mme_realm", "mme_timestamp", "purge_flag"});
        if (fields_.says_something("imeisv"))
            notes_.warn("imeisv is not taken over: the device is seen anew with the next Update-Location");
    }

    Notes& notes_;
    Fields fields_;
};

}  // namespace

Reading read_open5gs(std::string_view text) {
    Reading reading;
    std::vector<Migrant> migrants;
    auto broken = each_document(text, [&](const json::value& document, std::size_t line) {
        Notes notes(reading, line);
        const auto* object = document.if_object();
        if (object == nullptr) return notes.error("is not an object, as a subscriber is");
        if (auto migrant = Subscriber(*object, notes).read()) {
            migrant->line = line;
            migrants.push_back(std::move(*migrant));
        }
    });
    reading.errors.insert(reading.errors.end(), broken.begin(), broken.end());
    settle(std::move(migrants), "open5gs", reading);
    return reading;
}

}  // namespace bindhss::ctl
