// SPDX-License-Identifier: Apache-2.0
#include "diameter_dict/dictionary.h"

#include <freeDiameter/freeDiameter-host.h>
#include <freeDiameter/libfdproto.h>

#include <bit>
#include <cstdlib>
#include <deque>
#include <map>
#include <stdexcept>
#include <unordered_map>

#include "diameter_dict/abnf.h"
#include "diameter_dict/kme.h"
#include "diameter_dict/library.h"
#include "diameter_dict/s6a.h"

namespace bindhss::diameter_dict {

namespace {

constexpr std::uint32_t vendor_3gpp = 10415;

// libfreediameter 1.2.1 has SS-Status as Unsigned32; TS 29.272 7.3.88 as OctetString, and so do later
// freeDiameters.
constexpr std::uint32_t avp_known_wrong = 1477;

std::uint64_t key_of(std::uint32_t code, std::uint32_t vendor) {
    return std::uint64_t{vendor} << 32 | code;
}

/// Puts TS 29.272 and the KME AVPs into freeDiameter's dictionary: search or create, and compare what was
/// there.
class Installer {
  public:
    Installer(::dictionary* dict, std::uint32_t kme_vendor) : dict_(dict), kme_vendor_(kme_vendor) {}

    void install() {
        for (const auto& row : s6a_avps()) install_avp(row);
        install_kme_vendor();
        for (auto row : kme_avps()) {
            row.vendor = kme_vendor_;
            install_avp(row);
        }
        for (const auto& rows : {s6a_groups(), kme_groups()}) {
            for (const auto& row : rows) add_rules(avp_named(row.name), row.rules, std::string(row.name));
        }
        install_applications();
        for (const auto& row : s6a_commands()) {
            install_command(row, true);
            install_command(row, false);
        }
    }

  private:
    void install_kme_vendor() const {
        dict_object* vendor = nullptr;
        const vendor_id_t id = kme_vendor_;
        require(fd_dict_search(dict_, DICT_VENDOR, VENDOR_BY_ID, &id, &vendor, 0), "KME vendor");
        if (vendor != nullptr) return;
        std::string name = "KME";
        dict_vendor_data data{id, name.data()};
        require(fd_dict_new(dict_, DICT_VENDOR, &data, nullptr, &vendor), "KME vendor");
    }

    dict_object* search_avp(std::uint32_t code, std::uint32_t vendor) const {
        dict_object* found = nullptr;
        dict_avp_request request{vendor, code, nullptr};
        require(fd_dict_search(dict_, DICT_AVP, AVP_BY_CODE_AND_VENDOR, &request, &found, 0), "AVP search");
        return found;
    }

    void install_avp(const AvpRow& row) {
        auto* object = search_avp(row.code, row.vendor);
        if (object != nullptr && row.code == avp_known_wrong && row.vendor == vendor_3gpp) {
            require(fd_dict_delete(object), "correction of " + std::string(row.name));
            object = nullptr;
        }
        if (object != nullptr) {
            compare(object, row);
        } else {
            object = create_avp(row);
        }
        by_name_.emplace(row.name, object);
    }

    // 3GPP has named some AVPs alike in different specifications (External-Identifier is one); the one that
    // comes later has its code behind its name.
    [[nodiscard]] dict_object* create_avp(const AvpRow& row) const {
        auto name = std::string(row.name);
        dict_avp_request request{row.vendor, 0, name.data()};
        dict_object* object = nullptr;
        require(fd_dict_search(dict_, DICT_AVP, AVP_BY_NAME_AND_VENDOR, &request, &object, 0), "AVP " + name);
        if (object != nullptr) name += ":" + std::to_string(row.code);
        dict_avp_data data{row.code,    row.vendor,
                           name.data(), AVP_FLAG_VENDOR | AVP_FLAG_MANDATORY,
                           row.flags,   static_cast<dict_avp_basetype>(row.type)};
        require(fd_dict_new(dict_, DICT_AVP, &data, nullptr, &object), "AVP " + name);
        return object;
    }

    // Signed or unsigned is the same on the wire for an Enumerated, and so is the M flag of what we merely
    // receive (RFC 6733 4.1); what we send takes its flags from our table. All else would make two readings
    // of one message.
    static void compare(dict_object* object, const AvpRow& row) {
        dict_avp_data theirs{};
        require(fd_dict_getval(object, &theirs), "AVP value");
        const auto type = static_cast<AvpType>(theirs.avp_basetype);
        const bool same_shape =
            type == row.type || (fixed_size(type) != 0 && fixed_size(type) == fixed_size(row.type));
        if (!same_shape || ((theirs.avp_flag_val ^ row.flags) & AVP_FLAG_VENDOR) != 0) {
            throw std::runtime_error("Diameter dictionary: freeDiameter's " + std::string(theirs.avp_name) +
                                     " (" + std::to_string(row.code) + ") differs from TS 29.272 in " +
                                     (same_shape ? "the V flag" : "its type"));
        }
    }

    dict_object* avp_named(std::string_view name) const {
        if (const auto found = by_name_.find(name); found != by_name_.end()) return found->second;
        dict_object* object = nullptr;
        const auto text = std::string(name);
        require(fd_dict_search(dict_, DICT_AVP, AVP_BY_NAME, text.c_str(), &object, ENOENT), "AVP " + text);
        return object;
    }

    void add_rules(dict_object* parent, std::string_view text, const std::string& where) const {
        unsigned head = 0;
        for (const auto& rule : parse_abnf(text)) {
            auto* avp = avp_named(rule.avp);
            dict_rule_request request{parent, avp};
            dict_object* existing = nullptr;
            fd_dict_search(dict_, DICT_RULE, RULE_BY_AVP_AND_PARENT, &request, &existing, 0);
            if (existing != nullptr) continue;
            dict_rule_data data{};
            data.rule_avp = avp;
            data.rule_position = rule.fixed ? RULE_FIXED_HEAD : rule.required ? RULE_REQUIRED : RULE_OPTIONAL;
            data.rule_order = rule.fixed ? ++head : 0;
            data.rule_min = rule.min.value_or(-1);
            data.rule_max = rule.unbounded ? -1 : rule.max.value_or(1);
            require(fd_dict_new(dict_, DICT_RULE, &data, parent, nullptr), "rule of " + where);
        }
    }

    void install_applications() {
        dict_object* vendor = nullptr;
        const vendor_id_t id = vendor_3gpp;
        require(fd_dict_search(dict_, DICT_VENDOR, VENDOR_BY_ID, &id, &vendor, ENOENT), "vendor 3GPP");
        applications_[application_s6a] = install_application(application_s6a, "3GPP S6a/S6d", vendor);
        applications_[application_s13] = install_application(application_s13, "3GPP S13/S13'", vendor);
    }

    dict_object* install_application(std::uint32_t id, std::string name, dict_object* vendor) const {
        dict_object* object = nullptr;
        const application_id_t number = id;
        require(fd_dict_search(dict_, DICT_APPLICATION, APPLICATION_BY_ID, &number, &object, 0),
                "application");
        if (object != nullptr) return object;
        dict_application_data data{id, name.data()};
        require(fd_dict_new(dict_, DICT_APPLICATION, &data, vendor, &object), "application " + name);
        return object;
    }

    void install_command(const CommandRow& row, bool request) const {
        auto name = std::string(row.name) + (request ? "-Request" : "-Answer");
        dict_cmd_data data{row.code, name.data(), CMD_FLAG_REQUEST | CMD_FLAG_PROXIABLE,
                           static_cast<std::uint8_t>(CMD_FLAG_PROXIABLE | (request ? CMD_FLAG_REQUEST : 0))};
        dict_object* object = nullptr;
        require(fd_dict_new(dict_, DICT_COMMAND, &data, applications_.at(row.application), &object), name);
        add_rules(object, request ? row.request : row.answer, name);
    }

    ::dictionary* dict_;
    const std::uint32_t kme_vendor_;
    std::unordered_map<std::string_view, dict_object*> by_name_;
    std::map<std::uint32_t, dict_object*> applications_;
};

/// The items of one of freeDiameter's lists.
std::vector<dict_object*> list_of(int criterion, void* parent) {
    std::vector<dict_object*> objects;
    fd_list* sentinel = nullptr;
    require(fd_dict_getlistof(criterion, parent, &sentinel), "list");
    for (auto* item = sentinel->next; item != sentinel; item = item->next) {
        objects.push_back(static_cast<dict_object*>(item->o));
    }
    return objects;
}

}  // namespace

struct Dictionary::Impl {
    Impl(const std::string& extensions, std::uint32_t kme) : library(extensions), kme_vendor(kme) {
        if (kme == 0 || kme == vendor_3gpp) {
            throw std::runtime_error("Diameter dictionary: the KME AVPs need a Vendor-Id of their own, not " +
                                     std::to_string(kme));
        }
        Installer(library.dictionary(), kme).install();
        compile_avps();
        build_index();
        apply_our_flags();
        for (auto& [object, model] : by_object)
            model->rules = compile_rules(object, model->type == AvpType::grouped);
        compile_commands();
    }

    void compile_avps() {
        std::vector<std::uint32_t> vendors{0};
        const std::unique_ptr<std::uint32_t, decltype(&std::free)> ids(
            fd_dict_get_vendorid_list(library.dictionary()), &std::free);
        for (const auto* id = ids.get(); id != nullptr && *id != 0; ++id) vendors.push_back(*id);
        for (const vendor_id_t id : vendors) {
            dict_object* vendor = nullptr;
            require(fd_dict_search(library.dictionary(), DICT_VENDOR, VENDOR_BY_ID, &id, &vendor, ENOENT),
                    "vendor");
            for (auto* object : list_of(AVP_BY_CODE, vendor)) compile_avp(object);
        }
    }

    void compile_avp(dict_object* object) {
        dict_avp_data data{};
        require(fd_dict_getval(object, &data), "AVP value");
        const auto flags = static_cast<std::uint8_t>(data.avp_flag_val & flags_mv);
        models.push_back({data.avp_code,
                          data.avp_vendor,
                          static_cast<AvpType>(data.avp_basetype),
                          flags,
                          data.avp_name,
                          {},
                          object});
        by_object.emplace(object, &models.back());
    }

    // Open addressing over a table at most half full.
    void build_index() {
        index.resize(std::bit_ceil(models.size() * 2));
        for (const auto& model : models) {
            auto slot = slot_of(model.code, model.vendor);
            while (index[slot] != nullptr) slot = (slot + 1) & (index.size() - 1);
            index[slot] = &model;
        }
    }

    [[nodiscard]] std::size_t slot_of(std::uint32_t code, std::uint32_t vendor) const {
        return (key_of(code, vendor) * 0x9E37'79B9'7F4A'7C15ULL >> 32) & (index.size() - 1);
    }

    [[nodiscard]] const AvpModel* find(std::uint32_t code, std::uint32_t vendor) const {
        for (auto slot = slot_of(code, vendor); index[slot] != nullptr;
             slot = (slot + 1) & (index.size() - 1)) {
            if (index[slot]->code == code && index[slot]->vendor == vendor) return index[slot];
        }
        return nullptr;
    }

    void apply_our_flags() {
        for (const auto& row : s6a_avps())
            by_object.at(find(row.code, row.vendor)->object)->flags = row.flags;
        for (const auto& row : kme_avps())
            by_object.at(find(row.code, kme_vendor)->object)->flags = row.flags;
    }

    [[nodiscard]] std::vector<Rule> compile_rules(dict_object* parent, bool has_rules) const {
        std::vector<Rule> rules;
        if (!has_rules) return rules;
        for (auto* object : list_of(RULE_BY_AVP_AND_PARENT, parent)) {
            dict_rule_data data{};
            require(fd_dict_getval(object, &data), "rule");
            const int by_default = data.rule_position == RULE_OPTIONAL ? 0 : 1;
            const int min = data.rule_min == -1 ? by_default : data.rule_min;
            if (min == 0 && data.rule_max == -1) continue;  // binds nobody
            rules.push_back(
                {by_object.at(data.rule_avp), static_cast<std::uint32_t>(min),
                 data.rule_max == -1 ? Rule::unbounded : static_cast<std::uint32_t>(data.rule_max)});
        }
        return rules;
    }

    void compile_commands() {
        for (auto* object : list_of(CMD_BY_CODE_R, library.dictionary())) compile_command(object);
        dict_object* object = nullptr;
        require(fd_dict_get_error_cmd(library.dictionary(), &object), "error answer");
        error = {0, 0, false, false, "error answer", compile_rules(object, true)};
    }

    void compile_command(dict_object* object) {
        dict_cmd_data data{};
        require(fd_dict_getval(object, &data), "command");
        dict_object* application = nullptr;
        require(fd_dict_search(library.dictionary(), DICT_APPLICATION, APPLICATION_OF_COMMAND, object,
                               &application, 0),
                "application");
        dict_application_data owner{};
        if (application != nullptr) require(fd_dict_getval(application, &owner), "application");
        if (!serves(owner.application_id)) return;
        commands.push_back({data.cmd_code, owner.application_id, (data.cmd_flag_val & CMD_FLAG_REQUEST) != 0,
                            (data.cmd_flag_val & CMD_FLAG_PROXIABLE) != 0, data.cmd_name,
                            compile_rules(object, true)});
    }

    static bool serves(std::uint32_t application) {
        return application == 0 || application == application_s6a || application == application_s13;
    }

    Library library;
    const std::uint32_t kme_vendor;
    std::deque<AvpModel> models;
    std::unordered_map<dict_object*, AvpModel*> by_object;
    std::vector<const AvpModel*> index;
    std::vector<CommandModel> commands;
    CommandModel error{};
};

Dictionary::Dictionary(const std::string& extensions, std::uint32_t kme_vendor)
    : impl_(std::make_unique<Impl>(extensions, kme_vendor)) {}
Dictionary::~Dictionary() = default;

::dictionary* Dictionary::get() const {
    return impl_->library.dictionary();
}

std::uint32_t Dictionary::kme_vendor() const {
    return impl_->kme_vendor;
}

const AvpModel* Dictionary::avp(std::uint32_t code, std::uint32_t vendor) const {
    return impl_->find(code, vendor);
}

const CommandModel* Dictionary::command(std::uint32_t application, std::uint32_t code, bool request) const {
    for (const auto& command : impl_->commands) {
        if (command.code == code && command.application == application && command.request == request)
            return &command;
    }
    return nullptr;
}

const CommandModel& Dictionary::error_answer() const {
    return impl_->error;
}

bool Dictionary::serves_application(std::uint32_t application) const {
    return Impl::serves(application);
}

}  // namespace bindhss::diameter_dict
