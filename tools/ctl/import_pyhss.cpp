// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_pyhss.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <deque>

#include "ctl/documents.h"
#include "ctl/foreign.h"

namespace bindhss::ctl {

namespace {

namespace json = boost::json;

constexpr std::int64_t id_max = INT32_MAX;
constexpr std::int64_t sqn_max = (1LL << 48) - 1;
constexpr std::int64_t non_ip = 4;

struct Card {
    std::optional<AkaKeys> keys;  ///< nothing: the row was faulty, which has been told
    Amf amf;
    std::uint64_t seq = 0;
    std::size_t line = 0;
    bool used = false;
};

struct Row {
    const json::object* object;
    std::size_t line;
};

/// The tables, each row read when all of them are there, because they refer to each other.
class Tables {
  public:
    explicit Tables(Reading& reading) : reading_(reading) {}

    /// REQUIRES: the row outlives this object.
    void add(const json::object& row, std::size_t line) {
        const auto has = [&row](json::string_view name) { return row.contains(name); };
        if (has("apn_list")) {
            subscribers_.push_back({&row, line});
        } else if (has("auc_id")) {
            read_card(row, line);
        } else if (has("apn_ambr_dl")) {
            read_apn(row, line);
        } else if (has("subscriber_routing_id")) {
            routings_.push_back({&row, line});
        } else if (has("eir_id")) {
            read_equipment(row, line);
        } else {
            Notes(reading_, line).warn("is a row of no table that is taken over");
        }
    }

    void finish() {
        for (const auto& [row, line] : routings_) read_routing(*row, line);
        std::vector<Migrant> migrants;
        for (const auto& [row, line] : subscribers_) {
            if (auto migrant = read_subscriber(*row, line)) migrants.push_back(std::move(*migrant));
        }
        for (const auto& [id, card] : cards_) {
            if (!card.used) {
                Notes(reading_, card.line)
                    .warn(fmt::format("auc {} is of no subscriber: not taken over", id));
            }
        }
        if (subscribers_.empty() && reading_.errors.empty())
            reading_.errors.push_back({1, "holds no subscribers (rows with apn_list)"});
        settle(std::move(migrants), "pyhss", reading_);
    }

  private:
    void read_card(const json::object& row, std::size_t line) {
        Notes notes(reading_, line);
        Fields fields(row, "", notes);
        const auto id = fields.number("auc_id", 1, id_max);
        if (!id) return;
        notes.about(fmt::format("auc {}", *id));
        fields.pass_over({"imsi"});
        auto k = fields.hex("ki", SubscriberKey::size);
        auto opc = fields.hex("opc", Opc::size);
        const auto amf = fields.hex("amf", Amf::size);
        const auto sqn = fields.number("sqn", 0, sqn_max);
        if (notes.good() && (!k || !opc)) {
            notes.error(
                "ki or opc is missing: PyHSS's API leaves them out unless api.enable_insecure_auc "
                "is set; export the database instead (docs/migration.md)");
        }
        if (const auto algorithm = fields.text("algo"); algorithm == "1" || algorithm == "2")
            notes.warn(fmt::format("algo {} is not taken over: triplets are made with Milenage", *algorithm));
        Card card{std::nullopt, Amf{{0x80, 0x00}}, 0, line};
        if (notes.good()) {
            card.keys = milenage_keys(std::move(*k), std::move(opc), std::nullopt);
            if (amf) card.amf = *Amf::from(*amf);
            // It uses what it stores, and then stores 100 more.
            card.seq = seq_to_begin_after(static_cast<std::uint64_t>(sqn.value_or(0)));
        }
        if (!cards_.try_emplace(*id, std::move(card)).second) notes.error("auc_id is there twice");
        pass_over_card(fields, notes);
    }

    /// What belongs to the card's maker and owner, and not to an HSS.
    static void pass_over_card(Fields& fields, Notes& notes) {
        fields.pass_over({"iccid", "batch_name", "sim_vendor", "esim", "last_modified"});
        std::string others;
        for (const auto* name : {"lpa", "pin1", "pin2", "puk1", "puk2", "kid", "psk", "des", "adm1", "misc1",
                                 "misc2", "misc3", "misc4"})
            if (fields.says_something(name)) others += (others.empty() ? "" : ", ") + std::string(name);
        if (!others.empty()) notes.warn(others + ": not taken over, keep a copy");
        fields.warn_of_rest();
    }

    void read_apn(const json::object& row, std::size_t line) {
        Notes notes(reading_, line);
        Fields fields(row, "", notes);
        const auto id = fields.number("apn_id", 1, id_max);
        if (id) notes.about(fmt::format("apn {}", *id));
        ApnConfiguration apn;
        apn.service_selection = fields.text("apn").value_or("");
        if (notes.good() && apn.service_selection.empty()) notes.error("apn is missing");
        read_pdn_type(fields, apn);
        const auto down = fields.number("apn_ambr_dl", 0, UINT32_MAX);
        const auto up = fields.number("apn_ambr_ul", 0, UINT32_MAX);
        if (up && down) apn.ambr = Ambr{static_cast<std::uint64_t>(*up), static_cast<std::uint64_t>(*down)};
        if (const auto qci = fields.number("qci", 1, 254))
            apn.qci = default_bearer_qci(*qci, apn.service_selection, notes);
        if (const auto level = fields.number("arp_priority", 1, 15))
            apn.arp.priority_level = static_cast<std::uint32_t>(*level);
        apn.arp.preemption_capability = fields.boolean("arp_preemption_capability").value_or(false);
        apn.arp.preemption_vulnerability = fields.boolean("arp_preemption_vulnerability").value_or(true);
        if (fields.says_something("charging_characteristics")) {
            apn.charging_characteristics =
                to_hex(fields.hex("charging_characteristics", 2).value_or(OctetString()));
        }
        read_gateway(fields, apn);
        fields.pass_over({"last_modified"});
        for (const auto* name : {"sgw_address", "charging_rule_list"}) {
            if (fields.says_something(name))
                notes.warn(std::string(name) + " is not of an HSS: not taken over");
        }
        fields.warn_of_rest();
        if (!id) return;
        const bool is_new =
            apns_.try_emplace(*id, notes.good() ? std::optional(std::move(apn)) : std::nullopt).second;
        if (!is_new) notes.error("apn_id is there twice");
    }

    static void read_pdn_type(Fields& fields, ApnConfiguration& apn) {
        const auto type = fields.number("ip_version", 0, non_ip).value_or(0);
        const bool narrow_band = fields.boolean("nbiot").value_or(false);
        if (type != non_ip) {
            apn.pdn_type = static_cast<PdnType>(type);
            fields.pass_over({"nidd_scef_id", "nidd_scef_realm", "nidd_mechanism", "nidd_rds",
                              "nidd_preferred_data_mode"});
            return;
        }
        if (!narrow_band) fields.notes().error("ip_version 4 (non-IP) needs nbiot");
        apn.non_ip = true;
        apn.scef_id = fields.text("nidd_scef_id").value_or("");
        apn.scef_realm = fields.text("nidd_scef_realm").value_or("");
        if (const auto mechanism = fields.number("nidd_mechanism", 0, 1))
            apn.non_ip_delivery = static_cast<std::uint32_t>(*mechanism);
        if (const auto reliable = fields.boolean("nidd_rds")) apn.rds = *reliable;
        if (fields.says_something("nidd_preferred_data_mode"))
            fields.notes().warn("nidd_preferred_data_mode is not taken over: set preferred_data_mode");
    }

    static void read_gateway(Fields& fields, ApnConfiguration& apn) {
        const auto address = fields.text("pgw_address").value_or("");
        if (address.empty() || address == "0.0.0.0") return;
        PdnGateway gateway;
        gateway.addresses.push_back(
            fields.address("pgw_address", address.find(':') == std::string::npos ? AF_INET : AF_INET6));
        apn.gateway = std::move(gateway);
    }

    void read_routing(const json::object& row, std::size_t line) {
        Notes notes(reading_, line);
        Fields fields(row, "", notes);
        const auto subscriber = fields.number("subscriber_id", 1, id_max);
        const auto apn = fields.number("apn_id", 1, id_max);
        const auto text = fields.text("ip_address").value_or("");
        const auto address = text.find(':') == std::string::npos ? fields.address("ip_address", AF_INET)
                                                                 : fields.ipv6_prefix("ip_address");
        if (subscriber && apn && !address.empty()) addresses_[{*subscriber, *apn}].push_back(address);
    }

    void read_equipment(const json::object& row, std::size_t line) {
        Notes notes(reading_, line);
        Fields fields(row, "", notes);
        const auto text = fields.text("imei").value_or("");
        const auto status = fields.number("match_response_code", 0, 2);
        fields.pass_over({"eir_id", "last_modified"});
        if (fields.boolean("regex_mode").value_or(true))
            return notes.warn("an EIR entry by regular expression is not taken over: list a range or TAC");
        if (fields.says_something("imsi"))
            return notes.warn("an EIR entry with an IMSI is not taken over: bind the subscriber");
        const auto imei = Imei::parse(text);
        if (!imei) return notes.error("imei " + shown(text) + " is not 14 to 16 digits");
        fields.warn_of_rest();
        if (!notes.good() || !status) return;
        store::PutEquipment put{ImeiRange::of(*imei), std::nullopt,
                                static_cast<s6a::EquipmentStatus>(*status), std::nullopt};
        constexpr std::size_t imeisv_digits = 16;
        if (text.size() == imeisv_digits) put.svn = text.substr(Imei::digits);
        reading_.items.push_back({std::move(put), line});
    }

    std::optional<Migrant> read_subscriber(const json::object& row, std::size_t line) {
        Notes notes(reading_, line);
        Fields fields(row, "", notes);
        const auto digits = fields.text("imsi").value_or("");
        const auto imsi = Imsi::parse(digits);
        if (!imsi) {
            notes.error("imsi " + shown(digits) + " is not 6 to 15 digits");
            return std::nullopt;
        }
        notes.about(*imsi);
        Migrant migrant{*imsi};
        migrant.line = line;
        read_subscription(fields, migrant.data);
        read_apns(fields, migrant.data);
        const auto card = fields.number("auc_id", 1, id_max);
        const auto found = card ? cards_.find(*card) : cards_.end();
        if (found == cards_.end()) {
            notes.error("its auc_id is that of no auc");
            return std::nullopt;
        }
        found->second.used = true;
        pass_over_state(fields);
        if (!notes.good() || !found->second.keys) return std::nullopt;
        migrant.keys = *found->second.keys;
        migrant.amf = found->second.amf;
        migrant.seq = found->second.seq;
        return migrant;
    }

    /// Where the UE is comes with its next attach.
    static void pass_over_state(Fields& fields) {
        fields.pass_over({"last_modified", "serving_mme", "serving_mme_timestamp", "serving_mme_realm",
                          "serving_mme_peer", "serving_msc", "serving_msc_timestamp", "serving_vlr",
                          "serving_vlr_timestamp", "serving_sgsn", "serving_sgsn_timestamp", "last_seen_eci",
                          "last_seen_enodeb_id", "last_seen_cell_id", "last_seen_tac", "last_seen_mcc",
                          "last_seen_mnc", "last_location_update_timestamp"});
        fields.warn_of_rest();
    }

    static void read_subscription(Fields& fields, SubscriptionData& data) {
        auto& notes = fields.notes();
        data.msisdn = fields.text("msisdn").value_or("");
        const auto up = fields.number("ue_ambr_ul", 0, UINT32_MAX);
        const auto down = fields.number("ue_ambr_dl", 0, UINT32_MAX);
        data.ambr = Ambr{static_cast<std::uint64_t>(up.value_or(999'999)),
                         static_cast<std::uint64_t>(down.value_or(999'999))};
        const auto mode = fields.number("nam", 0, 2).value_or(0);
        if (mode == 1) notes.error("nam 1 is reserved (TS 29.272 7.3.21)");
        data.network_access_mode = static_cast<NetworkAccessMode>(mode);
        if (const auto timer = fields.number("subscribed_rau_tau_timer", 0, UINT32_MAX); timer > 0)
            data.subscribed_rau_tau_timer_s = static_cast<std::uint32_t>(*timer);
        if (!fields.boolean("enabled").value_or(true)) {
            notes.warn("is disabled: all packet services are barred");
            data.operator_determined_barring = operator_determined_barring::all_packet_services;
        }
        const bool has_rules = fields.says_something("roaming_rule_list");
        if (!fields.boolean("roaming_enabled").value_or(true) || has_rules)
            notes.warn("its roaming rules are not taken over: set \"roaming\" of its profile");
    }

    void read_apns(Fields& fields, SubscriptionData& data) {
        auto& notes = fields.notes();
        const auto first = fields.number("default_apn", 1, id_max);
        auto ids = id_list(fields.text("apn_list").value_or(""), notes);
        if (!first) return notes.error("default_apn is missing");
        // The default APN is the first in PyHSS's answers, listed or not.
        ids.erase(std::remove(ids.begin(), ids.end(), *first), ids.end());
        ids.push_front(*first);
        const auto subscriber = fields.number("subscriber_id", 1, id_max);
        auto& profile = data.apn_configuration_profile.emplace();
        for (const auto id : ids) {
            const auto found = apns_.find(id);
            if (found == apns_.end()) {
                notes.error(fmt::format("there is no apn {}", id));
                continue;
            }
            if (!found->second) continue;  // told with its row
            auto apn = *found->second;
            apn.context_identifier = static_cast<std::uint32_t>(profile.apns.size() + 1);
            if (subscriber) add_addresses(apn, *subscriber, id);
            profile.apns.push_back(std::move(apn));
        }
    }

    void add_addresses(ApnConfiguration& apn, std::int64_t subscriber, std::int64_t id) const {
        const auto found = addresses_.find({subscriber, id});
        if (found == addresses_.end()) return;
        for (const auto& address : found->second)
            (address.find(':') == std::string::npos ? apn.static_ipv4 : apn.static_ipv6) = address;
    }

    static std::deque<std::int64_t> id_list(std::string_view text, Notes& notes) {
        std::deque<std::int64_t> ids;
        for (const char* at = text.data(); at != text.data() + text.size();) {
            std::int64_t id = 0;
            while (at != text.data() + text.size() && (*at == ' ' || *at == ',')) ++at;
            if (at == text.data() + text.size()) break;
            const auto [end, problem] = std::from_chars(at, text.data() + text.size(), id);
            if (problem != std::errc()) {
                notes.error("apn_list is not a list of numbers");
                break;
            }
            ids.push_back(id);
            at = end;
        }
        return ids;
    }

    Reading& reading_;
    std::map<std::int64_t, Card> cards_;
    std::map<std::int64_t, std::optional<ApnConfiguration>> apns_;
    std::map<std::pair<std::int64_t, std::int64_t>, std::vector<std::string>> addresses_;
    std::vector<Row> subscribers_;
    std::vector<Row> routings_;
};

}  // namespace

Reading read_pyhss(std::string_view text) {
    Reading reading;
    Tables tables(reading);
    // Rows refer to each other: they are kept until the end, in memory that is wiped.
    WipingMemory memory;
    std::deque<json::value> documents;
    auto broken = each_document(text, [&](const json::value& document, std::size_t line) {
        const auto* object = document.if_object();
        if (object == nullptr) return Notes(reading, line).error("is not an object, as a row is");
        documents.emplace_back(document, json::storage_ptr(&memory));
        const auto& kept = documents.back().get_object();
        bool is_set = false;
        for (const auto* name : {"subscribers", "aucs", "apns", "subscriber_routings", "eirs"}) {
            const auto* rows = kept.if_contains(name);
            if (rows == nullptr || !rows->is_array()) continue;
            is_set = true;
            for (const auto& row : rows->get_array()) {
                if (row.is_object()) {
                    tables.add(row.get_object(), line);
                } else {
                    Notes(reading, line).error(std::string(name) + " has a row that is not an object");
                }
            }
        }
        if (!is_set) tables.add(kept, line);
    });
    reading.errors.insert(reading.errors.end(), broken.begin(), broken.end());
    tables.finish();
    return reading;
}

}  // namespace bindhss::ctl
