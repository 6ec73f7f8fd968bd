// SPDX-License-Identifier: Apache-2.0
#include "records/changes.h"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>

#include "records/readers.h"
#include "records/row_members.h"

namespace bindhss::records {

namespace {

namespace json = boost::json;
using Owner = std::variant<Imei, std::string>;

std::string yes_no(bool value) {
    return value ? "yes" : "no";
}
std::string known(const std::optional<bool>& value) {
    return value ? yes_no(*value) : "unknown";
}

/// The fields of an item, in the words of convert.cpp, as the text that they become: so a key is in no other
/// place.
class Line {
  public:
    explicit Line(std::string& text) : text_(text) {
        text_.reserve(octets_expected);
        text_ = '{';
    }

    Line& begin(Kind kind, Op op = Op::put) {
        add("type", name_of(kind));
        return op == Op::put ? *this : add("change", name_of(op));
    }
    Line& add(std::string_view name, std::string_view value) {
        member(name);
        text_ += json::serialize(json::string_view(value.data(), value.size()));
        return *this;
    }
    template <class Number>
    requires std::is_integral_v<Number> Line& add(std::string_view name, Number value) {
        member(name);
        text_ += std::to_string(value);
        return *this;
    }
    template <class Value>
    Line& add_given(std::string_view name, const std::optional<Value>& value) {
        return value ? add(name, *value) : *this;
    }
    Line& add_named(std::string_view name, const std::string& value) {
        return value.empty() ? *this : add(name, value);
    }
    Line& add_owner(const Owner& owner) {
        const auto* imei = std::get_if<Imei>(&owner);
        return imei != nullptr ? add("imei", imei->str()) : add("group", std::get<std::string>(owner));
    }
    Line& add_time(std::string_view name, const std::optional<WallTime>& value) {
        return value ? add(name, time_member(*value)) : *this;
    }
    /// An object where it is one: a text of such length the reader would not take.
    Line& add_document(std::string_view name, const std::string& text) {
        member(name);
        text_ += json::serialize(document_member(text));
        return *this;
    }
    Line& add_devices(const std::vector<ImeiRange>& ranges) {
        member("devices");
        text_ += '[';
        for (const auto& range : ranges) {
            if (text_.back() != '[') text_ += ',';
            text_ += '"' + range.str() + '"';
        }
        text_ += ']';
        return *this;
    }
    Line& add_secret(std::string_view name, const SecretString& secret) {
        constexpr std::string_view digits = "0123456789abcdef";
        member(name);
        text_ += '"';
        for (const auto octet : secret.view()) {
            text_ += digits[octet >> 4];
            text_ += digits[octet & 0x0f];
        }
        text_ += '"';
        return *this;
    }

  private:
    /// A subscriber with the longest keys: the text does not move while they are written.
    static constexpr std::size_t octets_expected = 512;

    void member(std::string_view name) {
        if (text_.size() > 1) text_ += ',';
        text_ += '"';
        text_ += name;
        text_ += "\":";
    }

    std::string& text_;
};

void add_keys(Line& line, const store::PutSubscriber& put) {
    const auto& keys = *put.keys;
    line.add("algorithm", name_of(keys.algorithm)).add_secret("k", keys.k);
    if (keys.algorithm == AkaAlgorithm::milenage) line.add_secret("opc", keys.opc);
    if (keys.algorithm == AkaAlgorithm::tuak) {
        line.add_secret("topc", keys.opc);
        line.add("tuak_iterations", std::uint64_t{keys.tuak_iterations});
    }
    line.add("res_octets", std::uint64_t{keys.res_octets});
    if (put.sim_only) line.add("sim", yes_no(true));
}

void write(Line& line, const store::PutSubscriber& put) {
    line.begin(Kind::subscriber);
    line.add("imsi", put.imsi.str());
    if (put.keys) add_keys(line, put);
    if (put.amf) line.add("amf", to_hex(put.amf->view()));
    line.add_given("msisdn", put.msisdn).add_given("profile", put.profile).add_given("seq", put.seq);
    if (put.override_document) line.add_document("override", *put.override_document);
}

void write(Line& line, const store::PutDevice& put) {
    line.begin(Kind::device);
    line.add("imei", put.range.str()).add_given("group", put.group).add_given("comment", put.comment);
    line.add_given("uiccs_max", put.uiccs_max);
}

void write(Line& line, const store::PutKme& put) {
    line.begin(Kind::kme);
    line.add_owner(put.owner).add_secret("kme", put.key).add("generation", put.generation);
}

void write(Line& line, const store::PutBinding& put) {
    line.begin(Kind::binding);
    line.add("imsi", put.imsi.str());
    if (put.terms.empty()) {
        line.add("policy", name_of(put.policy));
    } else {
        line.add("terms", put.terms);
    }
    line.add_devices(put.devices).add_named("group", put.group);
}

void write(Line& line, const store::PutEquipment& put) {
    line.begin(Kind::equipment);
    line.add("imei", put.range.str()).add_given("svn", put.svn);
    line.add("status", put.status ? std::string(store::name_of(*put.status)) : std::string("none"));
    line.add_given("comment", put.comment);
}

void write(Line& line, const store::PutProfile& put) {
    line.begin(Kind::profile).add("name", put.name).add_document("document", put.document);
}

void write(Line& line, const store::RemoveSubscriber& put) {
    line.begin(Kind::subscriber, Op::remove).add("imsi", put.imsi.str());
}

void write(Line& line, const store::RemoveProfile& put) {
    line.begin(Kind::profile, Op::remove).add("name", put.name);
}

void write(Line& line, const store::RetireKme& put) {
    line.begin(Kind::kme, Op::retire).add_owner(put.owner).add_given("generation", put.generation);
}

void write(Line& line, const store::PutTerms& put) {
    const auto& terms = put.terms;
    line.begin(Kind::terms);
    line.add("name", terms.name)
        .add("policy", name_of(terms.policy))
        .add("acquisition", name_of(terms.acquisition));
    line.add("on_unauthorised", name_of(terms.on_unauthorised))
        .add("on_mismatch", name_of(terms.on_mismatch));
    line.add("on_unproven", name_of(terms.on_unproven)).add("on_shared", name_of(terms.on_shared));
    line.add("on_insecure", name_of(terms.on_insecure)).add("on_suspicion", name_of(terms.on_suspicion));
    const auto& absent = terms.imei_absent_allowed;
    line.add("imei_absent", std::string(!absent ? "configured" : *absent ? "allow" : "reject"));
    line.add("detach_on_notify", yes_no(terms.detach_on_notify));
    line.add("require_secure", yes_no(terms.require_secure)).add("limited_profile", terms.limited_profile);
    line.add("refuse_next", std::int64_t{terms.refuse_next.count()});
}

void write(Line& line, const store::RemoveTerms& put) {
    line.begin(Kind::terms, Op::remove).add("name", put.name);
}

void write(Line& line, const store::SetDefaultTerms& put) {
    line.begin(Kind::terms, Op::make_default).add("name", put.name);
}

void write(Line& line, const store::PutSubscriptionGroup& put) {
    line.begin(Kind::group).add("name", put.name).add_given("terms", put.terms).add_given("rank", put.rank);
}

void write(Line& line, const store::RemoveSubscriptionGroup& put) {
    line.begin(Kind::group, Op::remove).add("name", put.name);
}

void write(Line& line, const store::PutMember& put) {
    line.begin(Kind::member);
    line.add("imsi", put.imsi.str()).add("group", put.group).add("member", yes_no(put.member));
}

void write(Line& line, const store::PutRule& put) {
    const auto& rule = put.rule;
    line.begin(Kind::rule);
    if (rule.id != 0) line.add("id", rule.id);
    line.add("subscriptions", rule.subscriptions.str()).add("devices", rule.devices.str());
    line.add("action", std::string(rule.allow ? "allow" : "deny")).add("priority", rule.priority);
    line.add_time("from", rule.from).add_time("until", rule.until).add_named("comment", rule.comment);
}

void write(Line& line, const store::RemoveRule& put) {
    line.begin(Kind::rule, Op::remove).add("id", put.id);
}

void write(Line& line, const store::PutDeviceModel& put) {
    line.begin(Kind::model);
    line.add("tac", fmt::format("{:08}", put.tac)).add_given("name", put.name);
    if (put.forget || put.imei_secure) line.add("imei_secure", known(put.imei_secure));
    if (put.forget || put.key_secure) line.add("key_secure", known(put.key_secure));
}

void write(Line& line, const store::AuthoriseDevice& put) {
    line.begin(Kind::binding, Op::authorise);
    line.add("imsi", put.imsi.str()).add("imei", put.imei.str()).add("replace", yes_no(put.replace));
}

void write(Line& line, const store::RefuseDevice& put) {
    line.begin(Kind::binding, Op::refuse).add("imsi", put.imsi.str()).add("imei", put.imei.str());
}

void write(Line& line, const store::SetLock& put) {
    line.begin(Kind::binding, put.locked ? Op::lock : Op::unlock).add("imsi", put.imsi.str());
}

}  // namespace

std::string line_of(const store::Item& item) {
    std::string text;
    Line line(text);
    std::visit([&](const auto& put) { write(line, put); }, item.put);
    text += '}';
    return text;
}

}  // namespace bindhss::records
