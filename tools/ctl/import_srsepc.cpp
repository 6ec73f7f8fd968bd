// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_srsepc.h"

#include <arpa/inet.h>
#include <fmt/format.h>

#include <charconv>
#include <deque>

#include "ctl/foreign.h"

namespace bindhss::ctl {

namespace {

/// srsEPC sends no AMBR that would limit anything.
constexpr std::uint64_t default_ambr = 1'000'000'000;

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r";
    const auto begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::deque<std::string_view> cells_of(std::string_view line) {
    std::deque<std::string_view> cells;
    while (true) {
        const auto comma = line.find(',');
        cells.push_back(trimmed(line.substr(0, comma)));
        if (comma == std::string_view::npos) return cells;
        line.remove_prefix(comma + 1);
    }
}

/// One line, its cells taken from left to right.
class Line {
  public:
    Line(std::string_view text, const std::string& apn, Notes& notes)
        : cells_(cells_of(text)), apn_(apn), notes_(notes) {}

    std::optional<Migrant> read() {
        constexpr std::size_t cells_least = 8;
        constexpr std::size_t cells_most = 10;
        const auto count = cells_.size();
        const bool has_auth = count > 1 && (cells_[1] == "mil" || cells_[1] == "xor");
        const auto rest = count - (has_auth ? 1 : 0);
        if (count > cells_most || rest < cells_least || rest > cells_least + 1) {
            notes_.error(
                fmt::format("has {} cells: Name,Auth,IMSI,Key,OP_Type,OP/OPc,AMF,SQN,QCI,IP_alloc "
                            "with Auth mil or xor, the older forms without Auth or IP_alloc",
                            count));
            return std::nullopt;
        }
        (void)take();  // the name
        const bool is_xor = has_auth && take() == "xor";
        return read_subscriber(is_xor);
    }

  private:
    std::string_view take() {
        const auto cell = cells_.front();
        cells_.pop_front();
        return cell;
    }

    std::optional<OctetString> hex(std::string_view name, std::size_t octets) {
        const auto cell = take();
        auto value = from_hex(cell);
        if (value && value->size() == octets) return value;
        notes_.error(fmt::format("{} has {} characters; it needs {} hexadecimal digits", name, cell.size(),
                                 octets * 2));
        return std::nullopt;
    }

    std::optional<Migrant> read_subscriber(bool is_xor) {
        const auto digits = take();
        const auto imsi = Imsi::parse(digits);
        if (!imsi) {
            notes_.error("IMSI " + shown(digits) + " is not 6 to 15 digits");
            return std::nullopt;
        }
        notes_.about(*imsi);
        Migrant migrant{*imsi};
        read_keys(migrant, is_xor);
        const auto amf = hex("AMF", Amf::size);
        const auto sqn = hex("SQN", 6);
        read_subscription(migrant.data);
        if (!notes_.good()) return std::nullopt;
        migrant.amf = *Amf::from(*amf);
        std::uint64_t next = 0;
        for (const auto octet : *sqn) next = next << 8 | octet;
        migrant.seq = seq_to_begin_after(next);
        return migrant;
    }

    void read_keys(Migrant& migrant, bool is_xor) {
        auto k = hex("Key", SubscriberKey::size);
        const auto type = take();
        if (is_xor) {  // computes with K alone, whatever the cell for OPc holds
            (void)take();
            if (!k) return;
            migrant.keys.algorithm = AkaAlgorithm::xor_test;
            migrant.keys.k = SecretString(std::move(*k));
            notes_.warn("has the XOR test algorithm, which protects nothing");
            return;
        }
        auto op = hex("OP/OPc", Opc::size);
        if (type != "op" && type != "opc") return notes_.error("OP_Type is neither op nor opc");
        if (!k || !op) return;
        std::optional<OctetString> none;
        const bool is_op = type == "op";
        migrant.keys = milenage_keys(std::move(*k), is_op ? none : op, is_op ? op : none);
        explicit_bzero(op->data(), op->size());
    }

    void read_subscription(SubscriptionData& data) {
        ApnConfiguration apn;
        apn.service_selection = apn_;
        apn.pdn_type = PdnType::ipv4;
        const auto digits = take();
        std::int64_t qci = 0;
        const auto [end, problem] = std::from_chars(digits.data(), digits.data() + digits.size(), qci);
        if (problem != std::errc() || end != digits.data() + digits.size() || qci < 1 || qci > 254) {
            notes_.error("QCI is not a number from 1 to 254");
        } else {
            apn.qci = default_bearer_qci(qci, apn_, notes_);
        }
        if (!cells_.empty()) read_address(apn);
        data.ambr = Ambr{default_ambr, default_ambr};
        data.apn_configuration_profile.emplace().apns.push_back(std::move(apn));
    }

    void read_address(ApnConfiguration& apn) {
        const std::string address(take());
        if (address == "dynamic") return;
        in_addr ignored{};
        if (inet_pton(AF_INET, address.c_str(), &ignored) != 1)
            return notes_.error("IP_alloc is neither dynamic nor an IPv4 address");
        apn.static_ipv4 = address;
    }

    std::deque<std::string_view> cells_;
    const std::string& apn_;
    Notes& notes_;
};

}  // namespace

Reading read_srsepc(std::string_view text, const std::string& apn) {
    Reading reading;
    std::vector<Migrant> migrants;
    if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
    for (std::size_t number = 1; !text.empty(); ++number) {
        const auto end = std::min(text.find('\n'), text.size());
        const auto line = trimmed(text.substr(0, end));
        text.remove_prefix(std::min(end + 1, text.size()));
        if (line.empty() || line.front() == '#') continue;
        Notes notes(reading, number);
        if (auto migrant = Line(line, apn, notes).read()) {
            migrant->line = number;
            migrants.push_back(std::move(*migrant));
        }
    }
    if (migrants.empty() && reading.errors.empty()) reading.errors.push_back({1, "holds no subscriber"});
    settle(std::move(migrants), "srsepc", reading);
    return reading;
}

}  // namespace bindhss::ctl
