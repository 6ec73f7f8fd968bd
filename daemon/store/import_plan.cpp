// SPDX-License-Identifier: Apache-2.0
#include "store/import_plan.h"

#include <algorithm>
#include <map>

#include "subscription/document.h"
#include "subscription/merge.h"
#include "types/limits.h"

namespace bindhss::store {
namespace {

/// What a subscriber has for whom none is named.
constexpr std::string_view default_profile = "default";

/// Names and comments reach tables, logs and terminals: printable ASCII or UTF-8, no control characters.
bool printable(std::string_view text) {
    return std::none_of(text.begin(), text.end(),
                        [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// Well-formed as far as a database in UTF-8 asks: lead octets followed by as many continuation octets as
/// they say.
bool utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto lead = static_cast<unsigned char>(text[i]);
        const std::size_t length = lead < 0x80                   ? 1
                                   : lead >= 0xc2 && lead < 0xe0 ? 2
                                   : (lead & 0xf0) == 0xe0       ? 3
                                   : lead >= 0xf0 && lead < 0xf5 ? 4
                                                                 : 0;
        if (length == 0 || i + length > text.size()) return false;
        const auto second = length > 1 ? static_cast<unsigned char>(text[i + 1]) : 0x80U;
        if ((lead == 0xe0 && second < 0xa0) || (lead == 0xed && second > 0x9f) ||
            (lead == 0xf0 && second < 0x90) || (lead == 0xf4 && second > 0x8f))
            return false;
        for (std::size_t k = 1; k < length; ++k)
            if ((static_cast<unsigned char>(text[i + k]) & 0xc0) != 0x80) return false;
        i += length;
    }
    return true;
}

bool good_text(std::string_view text, std::size_t octets_max) {
    return text.size() <= octets_max && printable(text) && utf8(text);
}

std::size_t longest_hex_run(std::string_view text) {
    std::size_t longest = 0;
    std::size_t run = 0;
    for (const char c : text) {
        const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
        run = hex ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return longest;
}

/// What may not be stored as a group's name or a comment; empty: nothing is wrong.
std::string text_problem(std::string_view text, std::size_t octets_max) {
    if (!good_text(text, octets_max)) return "is too long or not printable";
    if (looks_like_key(text)) return "looks like a key";
    return {};
}

bool blank_at_an_end(std::string_view text) {
    return text.starts_with(' ') || text.ends_with(' ');
}

/// The text shown for a name that may be anything.
std::string quoted(std::string_view name) {
    if (may_hold_key(name)) return "(" + std::to_string(name.size()) + " characters, not shown)";
    return good_text(name, limits::name_octets_max) ? "'" + std::string(name) + "'"
                                                    : "(not printable or too long)";
}

class Planner {
  public:
    Planner(const std::vector<Item>& items, const KnownNames& known) : items_(items), known_(known) {}

    ImportPlan run() {
        for (const auto& item : items_) collect_names(item);
        for (const auto& item : items_) {
            line_ = item.line;
            std::visit([&](const auto& put) { add(put); }, item.put);
        }
        check_removals();
        move_to(profiles_, plan_.profiles);
        move_to(subscribers_, plan_.subscribers);
        move_to(devices_, plan_.devices);
        move_to(kmes_, plan_.kmes);
        move_to(bindings_, plan_.bindings);
        move_to(equipment_, plan_.equipment);
        move_to(removed_subscribers_, plan_.removed_subscribers);
        move_to(removed_profiles_, plan_.removed_profiles);
        return std::move(plan_);
    }

  private:
    void collect_names(const Item& item) {
        if (const auto* device = std::get_if<PutDevice>(&item.put)) collect_group(*device);
        if (const auto* profile = std::get_if<PutProfile>(&item.put)) new_profiles_.insert(profile->name);
    }

    void collect_group(const PutDevice& device) {
        const auto name = device.group.value_or("");
        if (!name.empty() && !known_.groups.contains(name) && good_text(name, limits::name_octets_max))
            plan_.new_groups.insert(name);
    }

    void error(std::string text) { plan_.errors.push_back({line_, std::move(text)}); }
    [[nodiscard]] bool group_exists(const std::string& name) const {
        return known_.groups.contains(name) || plan_.new_groups.contains(name);
    }

    void add(const PutProfile& put) {
        if (put.name.empty()) return error("the profile has no name");
        if (const auto problem = text_problem(put.name, limits::name_octets_max); !problem.empty())
            return error("the profile's name " + problem);
        if (blank_at_an_end(put.name)) return error("the profile's name begins or ends with a blank");
        if (const auto document = subscription::read_document(put.document); !document)
            return error("profile " + quoted(put.name) + ": " + document.error().detail);
        profiles_.insert_or_assign(put.name, Planned<PutProfile>{&put, line_});
    }

    void add(const RemoveProfile& removal) {
        if (removal.name == default_profile) return error("the profile 'default' cannot be removed");
        removed_profiles_.insert_or_assign(removal.name, Planned<RemoveProfile>{&removal, line_});
    }

    void add(const RemoveSubscriber& removal) {
        removed_subscribers_.insert_or_assign(removal.imsi, Planned<RemoveSubscriber>{&removal, line_});
    }

    /// What is put and removed at once is neither.
    void check_removals() {
        for (const auto& [imsi, planned] : removed_subscribers_)
            if (subscribers_.contains(imsi) || bindings_.contains(imsi))
                plan_.errors.push_back(
                    {planned.line, "subscriber " + imsi.str() + " is both put and removed"});
        for (const auto& [name, planned] : removed_profiles_)
            if (profiles_.contains(name))
                plan_.errors.push_back(
                    {planned.line, "profile " + quoted(name) + " is both put and removed"});
    }

    void add(const PutSubscriber& put) {
        const auto msisdn = put.msisdn.value_or("");
        const bool digits =
            std::all_of(msisdn.begin(), msisdn.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || msisdn.size() > 15) return error("MSISDN is not up to 15 digits (ITU-T E.164)");
        const auto profile = put.profile.value_or(std::string(default_profile));
        if (!known_.profiles.contains(profile) && !new_profiles_.contains(profile))
            return error("there is no profile " + quoted(profile));
        if (put.override_document && !put.override_document->empty())
            if (const auto wrong = subscription::check_override(*put.override_document))
                return error("override: " + wrong->detail);
        if (const auto fault = put.keys ? fault_of(*put.keys) : std::nullopt) return error(*fault);
        if (put.seq.value_or(0) > Sqn::seq_issue_max) return error("SEQ is beyond what may ever be issued");
        subscribers_.insert_or_assign(put.imsi, Planned<PutSubscriber>{&put, line_});
    }

    void add(const PutDevice& put) {
        if (put.range.high < put.range.low) return error("the device range ends before it begins");
        const auto group = put.group.value_or("");
        if (put.group && group.empty() && put.range.low != put.range.high) {
            plan_.errors.push_back(needs_group({&put, line_}));
            return;
        }
        if (const auto problem = text_problem(group, limits::name_octets_max); !problem.empty())
            return error("the group's name " + problem);
        if (blank_at_an_end(group)) return error("the group's name begins or ends with a blank");
        if (const auto problem = text_problem(put.comment.value_or(""), limits::comment_octets_max);
            !problem.empty())
            return error("the comment " + problem);
        devices_.insert_or_assign(put.range, Planned<PutDevice>{&put, line_});
    }

    void add(const PutKme& put) {
        if (put.key.size() != 16 && put.key.size() != 32) return error("a KME has 16 or 32 octets");
        if (const auto* group = std::get_if<std::string>(&put.owner);
            group != nullptr && !group_exists(*group))
            return error("there is no device group " + quoted(*group) + " to have this KME");
        kmes_.insert_or_assign(owner_name(put), Planned<PutKme>{&put, line_});
    }

    void add(const PutBinding& put) {
        if (!put.group.empty() && !group_exists(put.group))
            return error("there is no device group " + quoted(put.group));
        if (put.devices.size() > limits::binding_devices_max) {
            return error("a binding may name " + std::to_string(limits::binding_devices_max) +
                         " devices: put more into a group");
        }
        for (const auto& range : put.devices)
            if (range.high < range.low) return error("the device range ends before it begins");
        bindings_.insert_or_assign(put.imsi, Planned<PutBinding>{&put, line_});
    }

    void add(const PutEquipment& put) {
        if (put.range.high < put.range.low) return error("the device range ends before it begins");
        if (put.svn && !is_software_version(*put.svn)) return error("the software version is not two digits");
        if (const auto problem = text_problem(put.comment.value_or(""), limits::comment_octets_max);
            !problem.empty())
            return error("the comment " + problem);
        equipment_.insert_or_assign({put.range, put.svn.value_or("")}, Planned<PutEquipment>{&put, line_});
    }

    template <class Key, class T>
    static void move_to(const std::map<Key, Planned<T>>& from, std::vector<Planned<T>>& to) {
        to.reserve(from.size());
        for (const auto& [key, planned] : from) to.push_back(planned);
    }

    const std::vector<Item>& items_;
    const KnownNames& known_;
    ImportPlan plan_;
    std::size_t line_ = 0;
    std::set<std::string> new_profiles_;
    std::map<std::string, Planned<PutProfile>> profiles_;
    std::map<Imsi, Planned<PutSubscriber>> subscribers_;
    std::map<Imsi, Planned<RemoveSubscriber>> removed_subscribers_;
    std::map<std::string, Planned<RemoveProfile>> removed_profiles_;
    std::map<ImeiRange, Planned<PutDevice>> devices_;
    std::map<std::string, Planned<PutKme>> kmes_;
    std::map<Imsi, Planned<PutBinding>> bindings_;
    std::map<std::pair<ImeiRange, std::string>, Planned<PutEquipment>> equipment_;
};

}  // namespace

ImportPlan plan_import(const std::vector<Item>& items, const KnownNames& known) {
    return Planner(items, known).run();
}

bool may_hold_key(std::string_view text) {
    constexpr std::size_t half_a_key = 16;
    return longest_hex_run(text) >= half_a_key;
}

bool looks_like_key(std::string_view text) {
    constexpr std::size_t digits_of_a_key = 32;
    return longest_hex_run(text) >= digits_of_a_key;
}

std::string owner_name(const PutKme& put) {
    if (const auto* imei = std::get_if<Imei>(&put.owner)) return "imei:" + imei->str();
    return "group:" + std::get<std::string>(put.owner);
}

LineError needs_group(const Planned<PutDevice>& device) {
    return {device.line, "a device range or TAC needs a group"};
}

LineError different_keys(const Planned<PutBinding>& binding, const ImeiRange& one, const ImeiRange& other) {
    return {binding.line, "devices " + one.str() + " and " + other.str() +
                              " have different keys; a binding by key needs one key: use a device group"};
}

LineError needs_keys(const Planned<PutSubscriber>& subscriber) {
    return {subscriber.line, "there is no subscriber " + subscriber.put->imsi.str() +
                                 " yet: a new one needs k and opc (or op)"};
}

LineError unknown_subscriber(const Planned<RemoveSubscriber>& removal) {
    return {removal.line, "there is no subscriber " + removal.put->imsi.str() + " to remove"};
}

LineError unknown_profile(const Planned<RemoveProfile>& removal) {
    return {removal.line, "there is no profile " + quoted(removal.put->name) + " to remove"};
}

LineError profile_in_use(const Planned<RemoveProfile>& removal, std::uint64_t subscribers) {
    return {removal.line, "the profile " + quoted(removal.put->name) + " is that of " +
                              std::to_string(subscribers) +
                              (subscribers == 1 ? " subscriber" : " subscribers")};
}

OverrideCheck check_override_of(std::string_view imsi, std::string_view profile_document,
                                std::string_view override_document) {
    const auto made = subscription::subscription_of(profile_document, override_document, "");
    if (!made) {
        return {"subscriber " + std::string(imsi) + ", profile and override together: " + made.error().detail,
                std::nullopt};
    }
    const bool has_a_say = override_document.find("\"apns\"") != std::string_view::npos ||
                           override_document.find("\"pdp_contexts\"") != std::string_view::npos;
    if (!has_a_say) return {};
    return {std::nullopt, made->data.has_eps() || made->data.has_gprs()};
}

LineError unknown_subscriber(const Planned<PutBinding>& binding) {
    return {binding.line, "there is no subscriber " + binding.put->imsi.str() + " to bind"};
}

}  // namespace bindhss::store
