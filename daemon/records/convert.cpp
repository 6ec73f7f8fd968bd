// SPDX-License-Identifier: Apache-2.0
#include "records/convert.h"

#include <fmt/format.h>
#include <string.h>  // explicit_bzero

#include <algorithm>
#include <array>

#include "records/binding_fields.h"
#include "records/card_fields.h"
#include "records/op_fields.h"
#include "records/record.h"

namespace bindhss::records {

namespace {

constexpr std::array<std::string_view, 11> names_of_kinds{"subscriber", "device",  "kme",   "binding",
                                                          "equipment",  "profile", "terms", "group",
                                                          "member",     "rule",    "model"};

// In all of them "change" names the Op of changes.h.
constexpr std::array<std::string_view, 16> subscriber_fields{
    "change",          "imsi",       "k",   "opc", "op",     "algorithm", "topc", "top",
    "tuak_iterations", "res_octets", "sim", "amf", "msisdn", "profile",   "seq",  "override"};
constexpr std::array<std::string_view, 5> device_fields{"change", "imei", "group", "comment", "uiccs_max"};
constexpr std::array<std::string_view, 5> kme_fields{"change", "imei", "group", "kme", "generation"};
constexpr std::array<std::string_view, 8> binding_fields{"change", "imsi",  "policy", "devices",
                                                         "group",  "terms", "imei",   "replace"};
constexpr std::array<std::string_view, 5> equipment_fields{"change", "imei", "svn", "status", "comment"};
constexpr std::array<std::string_view, 3> profile_fields{"change", "name", "document"};
constexpr std::array<std::string_view, 15> terms_fields{"change",          "name",
                                                        "policy",          "acquisition",
                                                        "on_unauthorised", "on_mismatch",
                                                        "on_unproven",     "on_shared",
                                                        "on_insecure",     "on_suspicion",
                                                        "imei_absent",     "detach_on_notify",
                                                        "require_secure",  "limited_profile",
                                                        "refuse_next"};
constexpr std::array<std::string_view, 4> group_fields{"change", "name", "terms", "rank"};
constexpr std::array<std::string_view, 4> member_fields{"change", "imsi", "group", "member"};
constexpr std::array<std::string_view, 9> rule_fields{
    "change", "id", "subscriptions", "devices", "action", "priority", "from", "until", "comment"};
constexpr std::array<std::string_view, 5> model_fields{"change", "tac", "name", "imei_secure", "key_secure"};
/// Those that make a card: when none of them is named, the stored one stays as it is.
constexpr std::array<std::string_view, 9> card_fields{
    "k", "opc", "op", "algorithm", "topc", "top", "tuak_iterations", "res_octets", "sim"};

constexpr std::string_view inherited = "inherit";

/// Converts one record; every complaint is noted, and only a record without one becomes an item.
class Converter : private FieldReader {
  public:
    Converter(const Record& record, Reading& reading)
        : FieldReader(record, reading), record_(record), reading_(reading) {}

    void run() {
        check_names();
        const auto op = read_op(*this);
        if (op && *op != Op::put) {
            if (auto item = read_operation(*this, *op)) reading_.items.push_back(std::move(*item));
        } else if (op) {
            put();
        }
    }

  private:
    void put() {
        switch (record_.kind) {
            case Kind::subscriber:
                return subscriber();
            case Kind::device:
                return device();
            case Kind::kme:
                return kme();
            case Kind::binding:
                return binding();
            case Kind::equipment:
                return equipment();
            case Kind::profile:
                return profile();
            case Kind::terms:
                return add_if(read_terms(*this, {.name = {}}));
            case Kind::group:
                return add_if(read_group(*this));
            case Kind::member:
                return add_if(read_member(*this));
            case Kind::rule:
                return add_if(read_rule(*this));
            case Kind::model:
                return add_if(read_model(*this));
        }
    }

    void check_names() {
        const auto known = fields_of(record_.kind);
        for (const auto& [name, field] : record_.fields) {
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                error(field.line, fmt::format("a {} has no field {}", name_of(record_.kind), shown(name)));
            } else if (field.values.size() > 1 && (name != "devices" || record_.kind != Kind::binding)) {
                error(field.line, name + " is a list; it has to be one value");
            }
        }
    }

    std::optional<std::uint32_t> small_number(std::string_view name) {
        const auto value = number(name);
        if (value && *value > std::numeric_limits<std::int32_t>::max()) {
            error(find(name)->line, std::string(name) + " is too large");
            return std::nullopt;
        }
        return value ? std::optional(static_cast<std::uint32_t>(*value)) : std::nullopt;
    }

    std::optional<ImeiRange> range(const std::string& value, std::size_t line) {
        const auto range = ImeiRange::parse(value);
        if (!range) {
            error(line, shown(value) + " is no IMEI (14 to 16 digits), TAC (8 digits) or range (IMEI-IMEI)");
        } else if (value.size() == Imei::digits + 1 && value.back() != '0' &&
                   value.back() != range->low.check_digit()) {
            warn(line, fmt::format("IMEI {} has check digit {}, it should be {}: mistyped?", shown(value),
                                   value.back(), range->low.check_digit()));
        }
        return range;
    }

    void subscriber() {
        const auto who = read_imsi(*this);
        const bool has_card = std::any_of(card_fields.begin(), card_fields.end(),
                                          [this](auto name) { return record_.fields.contains(name); });
        auto card = has_card ? read_card(*this) : std::nullopt;
        const auto amf = hex("amf", {4});
        const auto seq = number("seq");
        if (!good()) return;
        store::PutSubscriber put{*who};
        if (card) {
            put.keys = std::move(card->keys);
            put.sim_only = card->sim_only;
        }
        if (amf) put.amf = *Amf::from(*amf);
        put.msisdn = given("msisdn");
        put.profile = given("profile");
        if (put.profile && put.profile->empty()) put.profile = "default";
        put.override_document = given("override");
        put.seq = seq;
        add(std::move(put));
    }

    void profile() {
        if (find("name") == nullptr) error(record_.line, "name is missing");
        if (find("document") == nullptr) error(record_.line, "document is missing");
        if (good()) add(store::PutProfile{text("name"), text("document")});
    }

    void device() {
        const auto* field = find("imei");
        if (field == nullptr) return error(record_.line, "imei is missing");
        const auto devices = range(field->values.front(), field->line);
        // Without a number in it the cell says that there is no limit.
        auto uiccs_max = small_number("uiccs_max");
        if (!uiccs_max && given("uiccs_max")) uiccs_max = 0;
        if (good()) add(store::PutDevice{*devices, given("group"), given("comment"), uiccs_max});
    }

    void kme() {
        const auto* imei_field = find("imei");
        const auto* group = find("group");
        if ((imei_field == nullptr) == (group == nullptr)) {
            error(record_.line,
                  group == nullptr ? "imei or group is missing" : "imei and group are both given");
        }
        std::optional<ImeiRange> device;
        if (imei_field != nullptr) device = range(imei_field->values.front(), imei_field->line);
        if (device && device->low != device->high)
            error(imei_field->line, "a KME belongs to one device or to a group, not to a range or TAC");
        const auto generation = small_number("generation");
        auto key = hex("kme", {32, 64});
        if (find("kme") == nullptr) error(record_.line, "kme is missing");
        if (!good()) return;
        store::PutKme put{text("group"), SecretString(std::move(*key)), generation.value_or(0)};
        if (device) put.owner = device->low;
        add(std::move(put));
    }

    /// One of policy and terms; "inherit" in either leaves it to the groups.
    std::optional<binding::Policy> policy(std::string& terms) {
        terms = text("terms");
        const auto* field = find("policy");
        if (field == nullptr && terms.empty()) {
            error(record_.line, "policy is missing (or terms)");
        } else if (field != nullptr && !terms.empty()) {
            error(field->line, "policy and terms are both given");
        }
        if (field == nullptr) return std::nullopt;
        const auto& name = field->values.front();
        if (name == inherited) terms = name;
        const auto policy = binding::parse_policy(name);
        if (!policy && name != inherited) {
            error(field->line, "policy " + shown(name) +
                                   " is none of off, imei_monitor, imei_enforce, kme, kme+imei, inherit");
        }
        return policy;
    }

    void binding() {
        for (const auto* name : {"imei", "replace"}) {
            if (const auto* field = find(name)) {
                error(field->line,
                      std::string(name) + " belongs to the change authorise; a binding has devices");
            }
        }
        const auto who = read_imsi(*this);
        std::string terms;
        const auto own = policy(terms);
        std::vector<ImeiRange> devices;
        if (const auto* field = find("devices")) {
            for (const auto& value : field->values)
                if (const auto device = range(value, field->line)) devices.push_back(*device);
        }
        if (!good()) return;
        const bool nothing = devices.empty() && find("group") == nullptr;
        if (own && nothing && (binding::needs_kme(*own) || binding::enforces_imei(*own))) {
            warn(record_.line, fmt::format("policy {} with neither devices nor group: {} gets no service",
                                           binding::name_of(*own), who->digits()));
        }
        add(store::PutBinding{*who, own.value_or(binding::Policy::off), std::move(devices), text("group"),
                              std::move(terms)});
    }

    void equipment() {
        const auto* imei = find("imei");
        if (imei == nullptr) return error(record_.line, "imei is missing");
        const auto devices = range(imei->values.front(), imei->line);
        auto svn = given("svn");
        if (svn && svn->empty()) svn.reset();
        if (svn && !store::is_software_version(*svn))
            error(find("svn")->line, "svn " + shown(*svn) + " is not two digits");
        const auto* status = find("status");
        if (status == nullptr) return error(record_.line, "status is missing: white, grey, black or none");
        const auto& name = status->values.front();
        const auto listed = store::parse_equipment_status(name);
        if (!listed && name != "none")
            error(status->line, "status " + shown(name) + " is none of white, grey, black, none");
        if (good()) add(store::PutEquipment{*devices, std::move(svn), listed, given("comment")});
    }

    template <class Put>
    void add(Put put) {
        reading_.items.push_back({std::move(put), record_.line});
    }
    template <class Put>
    void add_if(std::optional<Put> put) {
        if (put && good()) add(std::move(*put));
    }

    const Record& record_;
    Reading& reading_;
};

bool may_be_key(std::string_view value) {
    const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
    if (std::all_of(value.begin(), value.end(), [&](char c) { return is_digit(c) || c == '-'; }))
        return value.size() >= 32 && value.find('-') == std::string_view::npos;
    return value.size() > 20 || (value.size() >= 8 && std::all_of(value.begin(), value.end(), [&](char c) {
                                     return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
                                 }));
}

}  // namespace

std::string_view name_of(Kind kind) {
    return names_of_kinds[static_cast<std::size_t>(kind)];
}

std::optional<Kind> parse_kind(std::string_view name) {
    for (std::size_t i = 0; i < names_of_kinds.size(); ++i)
        if (names_of_kinds[i] == name) return static_cast<Kind>(i);
    return std::nullopt;
}

std::optional<Kind> parse_plural_kind(std::string_view name) {
    if (name == name_of(Kind::equipment) || name == name_of(Kind::terms)) return parse_kind(name);
    return name.ends_with('s') ? parse_kind(name.substr(0, name.size() - 1)) : std::nullopt;
}

std::string kind_names() {
    return fmt::format("{}", fmt::join(names_of_kinds, ", "));
}

std::string shown(std::string_view value) {
    if (may_be_key(value)) return fmt::format("({} characters, not shown)", value.size());
    std::string text = "'";
    for (const char c : value.substr(0, 40)) text += c >= ' ' && c < 0x7f ? c : '?';
    return text + "'";
}

std::span<const std::string_view> fields_of(Kind kind) {
    switch (kind) {
        case Kind::subscriber:
            return subscriber_fields;
        case Kind::device:
            return device_fields;
        case Kind::kme:
            return kme_fields;
        case Kind::binding:
            return binding_fields;
        case Kind::equipment:
            return equipment_fields;
        case Kind::profile:
            return profile_fields;
        case Kind::terms:
            return terms_fields;
        case Kind::group:
            return group_fields;
        case Kind::member:
            return member_fields;
        case Kind::rule:
            return rule_fields;
        case Kind::model:
            break;
    }
    return model_fields;
}

bool is_secret(std::string_view field) {
    constexpr std::array<std::string_view, 6> secrets{"k", "opc", "op", "topc", "top", "kme"};
    return std::find(secrets.begin(), secrets.end(), field) != secrets.end();
}

void wipe(Record& record) {
    for (auto& [name, field] : record.fields) {
        if (!is_secret(name)) continue;
        for (auto& value : field.values) explicit_bzero(value.data(), value.size());
    }
}

void convert(const Record& record, Reading& reading) {
    Converter(record, reading).run();
}

}  // namespace bindhss::records
