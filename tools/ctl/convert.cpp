// SPDX-License-Identifier: Apache-2.0
#include "ctl/convert.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "ctl/card_fields.h"
#include "ctl/record.h"

namespace bindhss::ctl {

namespace {

constexpr std::array<std::string_view, 6> kind_names{"subscriber", "device",    "kme",
                                                     "binding",    "equipment", "profile"};

constexpr std::array<std::string_view, 15> subscriber_fields{
    "imsi",       "k",   "opc", "op",     "algorithm", "topc", "top",     "tuak_iterations",
    "res_octets", "sim", "amf", "msisdn", "profile",   "seq",  "override"};
constexpr std::array<std::string_view, 3> device_fields{"imei", "group", "comment"};
constexpr std::array<std::string_view, 3> kme_fields{"imei", "group", "kme"};
constexpr std::array<std::string_view, 4> binding_fields{"imsi", "policy", "devices", "group"};
constexpr std::array<std::string_view, 4> equipment_fields{"imei", "svn", "status", "comment"};
constexpr std::array<std::string_view, 2> profile_fields{"name", "document"};
/// Those that make a card: when none of them is named, the stored one stays as it is.
constexpr std::array<std::string_view, 9> card_fields{
    "k", "opc", "op", "algorithm", "topc", "top", "tuak_iterations", "res_octets", "sim"};

/// Converts one record; every complaint is noted, and only a record without one becomes an item.
class Converter : private FieldReader {
  public:
    Converter(const Record& record, Reading& reading)
        : FieldReader(record, reading), record_(record), reading_(reading) {}

    void run() {
        check_names();
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
        }
    }

  private:
    void check_names() {
        const auto known = fields_of(record_.kind);
        for (const auto& [name, field] : record_.fields) {
            if (std::find(known.begin(), known.end(), name) == known.end()) {
                error(field.line, fmt::format("a {} has no field {}", name_of(record_.kind), shown(name)));
            } else if (field.values.size() > 1 && name != "devices") {
                error(field.line, name + " is a list; it has to be one value");
            }
        }
    }

    std::optional<Imsi> imsi() {
        const auto* field = find("imsi");
        if (field == nullptr) {
            error(record_.line, "imsi is missing");
            return std::nullopt;
        }
        const auto imsi = Imsi::parse(field->values.front());
        if (!imsi) error(field->line, "imsi " + shown(field->values.front()) + " is not 6 to 15 digits");
        return imsi;
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
        const auto who = imsi();
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
        if (good()) add(store::PutDevice{*devices, given("group"), given("comment")});
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
        auto key = hex("kme", {32, 64});
        if (find("kme") == nullptr) error(record_.line, "kme is missing");
        if (!good()) return;
        store::PutKme put{text("group"), SecretString(std::move(*key))};
        if (device) put.owner = device->low;
        add(std::move(put));
    }

    void binding() {
        const auto who = imsi();
        std::optional<binding::Policy> policy;
        if (const auto* field = find("policy"); field == nullptr) {
            error(record_.line, "policy is missing");
        } else if (policy = binding::parse_policy(field->values.front()); !policy) {
            error(field->line, "policy " + shown(field->values.front()) +
                                   " is none of off, imei_monitor, imei_enforce, kme, kme+imei");
        }
        std::vector<ImeiRange> devices;
        if (const auto* field = find("devices")) {
            for (const auto& value : field->values)
                if (const auto device = range(value, field->line)) devices.push_back(*device);
        }
        if (!good()) return;
        const bool nothing = devices.empty() && find("group") == nullptr;
        if (nothing && (binding::needs_kme(*policy) || binding::enforces_imei(*policy))) {
            warn(record_.line, fmt::format("policy {} with neither devices nor group: {} gets no service",
                                           binding::name_of(*policy), who->digits()));
        }
        add(store::PutBinding{*who, *policy, std::move(devices), text("group")});
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
    return kind_names[static_cast<std::size_t>(kind)];
}

std::optional<Kind> parse_kind(std::string_view name) {
    for (std::size_t i = 0; i < kind_names.size(); ++i)
        if (kind_names[i] == name) return static_cast<Kind>(i);
    return std::nullopt;
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
            break;
    }
    return profile_fields;
}

bool is_secret(std::string_view field) {
    constexpr std::array<std::string_view, 6> secrets{"k", "opc", "op", "topc", "top", "kme"};
    return std::find(secrets.begin(), secrets.end(), field) != secrets.end();
}

void convert(const Record& record, Reading& reading) {
    Converter(record, reading).run();
}

}  // namespace bindhss::ctl
