// SPDX-License-Identifier: Apache-2.0
#include "store/import_plan.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

#include "subscription/document.h"
#include "subscription/merge.h"
#include "types/limits.h"

namespace bindhss::store {
namespace {

/// What a subscriber has for whom none is named.
constexpr std::string_view default_profile = "default";
/// PutBinding::terms.
constexpr std::string_view inherited = "inherit";
/// What the database holds of counts and seconds (schema).
constexpr std::uint32_t uiccs_max = std::numeric_limits<std::int32_t>::max();
constexpr std::chrono::seconds refuse_next_max{3600};
constexpr std::uint32_t tac_max = 99'999'999;

/// Of several puts of one thing the last counts.
template <class Key, class T>
using Kept = std::map<Key, Planned<T>>;

bool limits_services(const binding::Terms& terms) {
    const auto limit = binding::Reaction::limit;
    return terms.on_unauthorised == limit || terms.on_mismatch == limit || terms.on_unproven == limit ||
           terms.on_shared == limit || terms.on_insecure == limit;
}

/// The same text for rules that say the same. Neither names nor sets hold a line break.
std::string text_of(const binding::Rule& rule) {
    const auto& [low, high, group] = rule.subscriptions;
    const auto& devices = rule.devices;
    const auto at = [](const std::optional<WallTime>& time) {
        return time ? std::to_string(time->time_since_epoch().count()) : std::string();
    };
    auto text = std::to_string(low) + '-' + std::to_string(high) + '\n' + group + '\n' + devices.group + '\n';
    if (devices.range) text += devices.range->str();
    return text + '\n' + devices.svns.str() + (rule.allow ? "\nallow\n" : "\ndeny\n") +
           std::to_string(rule.priority) + '\n' + at(rule.from) + '\n' + at(rule.until);
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
        check_contradictions();
        move_all();
        return std::move(plan_);
    }

  private:
    void collect_names(const Item& item) {
        if (const auto* device = std::get_if<PutDevice>(&item.put)) collect_group(*device);
        if (const auto* profile = std::get_if<PutProfile>(&item.put)) new_profiles_.insert(profile->name);
        if (const auto* terms = std::get_if<PutTerms>(&item.put)) new_terms_.insert(terms->terms.name);
        if (const auto* group = std::get_if<PutSubscriptionGroup>(&item.put))
            new_subscription_groups_.insert(group->name);
    }

    void collect_group(const PutDevice& device) {
        const auto name = device.group.value_or("");
        if (!name.empty() && !known_.groups.contains(name) && good_text(name, limits::name_octets_max))
            plan_.new_groups.insert(name);
    }

    void error(std::string text) { plan_.errors.push_back({line_, std::move(text)}); }
    template <class T>
    [[nodiscard]] Planned<T> planned(const T& put) const {
        return {&put, line_};
    }

    /// false: there is an error now.
    bool good_name(const std::string& whose, std::string_view name) {
        if (name.empty()) {
            error(whose + " name is missing");
        } else if (const auto problem = name_problem(name); !problem.empty()) {
            error(whose + " name " + problem);
        } else {
            return true;
        }
        return false;
    }
    bool good_comment(std::string_view comment) {
        const auto problem = comment_problem(comment);
        if (!problem.empty()) error("the comment " + problem);
        return problem.empty();
    }
    bool group_exists(const std::string& name) {
        if (known_.groups.contains(name) || plan_.new_groups.contains(name)) return true;
        error("there is no device group " + quoted(name));
        return false;
    }
    bool subscription_group_exists(const std::string& name) {
        if (known_.subscription_groups.contains(name) || new_subscription_groups_.contains(name)) return true;
        error("there is no subscription group " + quoted(name));
        return false;
    }
    bool terms_exist(const std::string& name) {
        if (known_.terms.contains(name) || new_terms_.contains(name) || binding::parse_policy(name))
            return true;
        error("there are no terms " + quoted(name));
        return false;
    }
    bool profile_exists(const std::string& name) {
        if (known_.profiles.contains(name) || new_profiles_.contains(name)) return true;
        error("there is no profile " + quoted(name));
        return false;
    }
    bool good_range(const ImeiRange& range) {
        if (range.high < range.low) error("the device range ends before it begins");
        return range.low <= range.high;
    }

    void add(const PutProfile& put) {
        if (!good_name("the profile's", put.name)) return;
        if (const auto document = subscription::read_document(put.document); !document)
            return error("profile " + quoted(put.name) + ": " + document.error().detail);
        profiles_.insert_or_assign(put.name, planned(put));
    }

    void add(const RemoveProfile& removal) {
        if (removal.name == default_profile) return error("the profile 'default' cannot be removed");
        removed_profiles_.insert_or_assign(removal.name, planned(removal));
    }

    void add(const RemoveSubscriber& removal) {
        removed_subscribers_.insert_or_assign(removal.imsi, planned(removal));
    }

    void add(const PutSubscriber& put) {
        const auto msisdn = put.msisdn.value_or("");
        const bool digits =
            std::all_of(msisdn.begin(), msisdn.end(), [](char c) { return c >= '0' && c <= '9'; });
        if (!digits || msisdn.size() > 15) return error("MSISDN is not up to 15 digits (ITU-T E.164)");
        if (!profile_exists(put.profile.value_or(std::string(default_profile)))) return;
        const auto override_document = put.override_document.value_or("");
        if (!override_document.empty()) {
            const auto wrong = subscription::check_override(override_document);
            if (wrong) return error("override: " + wrong->detail);
        }
        if (const auto fault = put.keys ? fault_of(*put.keys) : std::nullopt) return error(*fault);
        if (put.seq.value_or(0) > Sqn::seq_issue_max) return error("SEQ is beyond what may ever be issued");
        subscribers_.insert_or_assign(put.imsi, planned(put));
    }

    void add(const PutDevice& put) {
        if (!good_range(put.range)) return;
        const auto group = put.group.value_or("");
        if (put.group && group.empty() && put.range.low != put.range.high) {
            plan_.errors.push_back(needs_group({&put, line_}));
            return;
        }
        if (const auto problem = name_problem(group); !problem.empty())
            return error("the group's name " + problem);
        if (!good_comment(put.comment.value_or(""))) return;
        if (put.uiccs_max.value_or(0) > uiccs_max)
            return error("a device carries at most " + std::to_string(uiccs_max) + " UICCs");
        devices_.insert_or_assign(put.range, planned(put));
    }

    void add(const PutKme& put) {
        if (const auto problem = kme_problem(put.key.size(), put.generation)) return error(*problem);
        if (const auto* group = std::get_if<std::string>(&put.owner);
            group != nullptr && !known_.groups.contains(*group) && !plan_.new_groups.contains(*group))
            return error(no_group_for_kme(*group));
        kmes_.insert_or_assign({owner_name(put.owner), put.generation}, planned(put));
    }

    void add(const RetireKme& put) {
        // All generations come before each of them.
        const auto generation = put.generation ? std::int64_t{*put.generation} : -1;
        retired_kmes_.insert_or_assign({owner_name(put.owner), generation}, planned(put));
    }

    void add(const PutBinding& put) {
        if (!put.group.empty() && !group_exists(put.group)) return;
        if (put.devices.size() > limits::binding_devices_max) {
            return error("a binding may name " + std::to_string(limits::binding_devices_max) +
                         " devices: put more into a group");
        }
        for (const auto& range : put.devices)
            if (!good_range(range)) return;
        if (const auto terms = terms_named_by(put); !terms.empty() && !terms_exist(terms)) return;
        bindings_.insert_or_assign(put.imsi, planned(put));
    }

    void add(const PutEquipment& put) {
        if (!good_range(put.range)) return;
        if (put.svn && !is_software_version(*put.svn)) return error("the software version is not two digits");
        if (!good_comment(put.comment.value_or(""))) return;
        equipment_.insert_or_assign({put.range, put.svn.value_or("")}, planned(put));
    }

    void add(const PutTerms& put) {
        const auto& terms = put.terms;
        if (!good_name("the terms'", terms.name)) return;
        if (binding::parse_policy(terms.name)) return error("the terms " + quoted(terms.name) + " are fixed");
        if (terms.name == inherited) return error("terms cannot be named 'inherit'");
        if (!terms.limited_profile.empty() && !profile_exists(terms.limited_profile)) return;
        if (terms.limited_profile.empty() && limits_services(terms))
            return error("terms that limit services need a limited_profile");
        if (terms.refuse_next.count() < 0 || terms.refuse_next > refuse_next_max)
            return error("refuse_next is not 0 to " + std::to_string(refuse_next_max.count()) + " seconds");
        terms_.insert_or_assign(terms.name, planned(put));
    }

    void add(const RemoveTerms& removal) {
        if (binding::parse_policy(removal.name))
            return error("the terms " + quoted(removal.name) + " are fixed");
        if (terms_exist(removal.name)) removed_terms_.insert_or_assign(removal.name, planned(removal));
    }

    void add(const SetDefaultTerms& put) {
        if (terms_exist(put.name)) default_terms_.insert_or_assign(0, planned(put));
    }

    void add(const PutSubscriptionGroup& put) {
        if (!good_name("the subscription group's", put.name)) return;
        const auto terms = put.terms.value_or("");
        if (!terms.empty() && !terms_exist(terms)) return;
        subscription_groups_.insert_or_assign(put.name, planned(put));
    }

    void add(const RemoveSubscriptionGroup& removal) {
        if (subscription_group_exists(removal.name))
            removed_subscription_groups_.insert_or_assign(removal.name, planned(removal));
    }

    void add(const PutMember& put) {
        if (subscription_group_exists(put.group))
            members_.insert_or_assign({put.imsi, put.group}, planned(put));
    }

    bool good_sets(const binding::Rule& rule) {
        const auto& [low, high, group] = rule.subscriptions;
        const auto& devices = rule.devices;
        if (!group.empty() && !subscription_group_exists(group)) return false;
        if (!devices.group.empty() && !group_exists(devices.group)) return false;
        if (group.empty() && high < low) {
            error("the IMSI range ends before it begins");
        } else if (group.empty() && high > binding::SubscriptionSet::last_number) {
            error("an IMSI has at most 15 digits");
        } else if (devices.range && !devices.group.empty()) {
            error("a rule names devices by a range or by a group, not by both");
        } else {
            return !devices.range || good_range(*devices.range);
        }
        return false;
    }

    void add(const PutRule& put) {
        const auto& rule = put.rule;
        if (rule.id < 0) return error("a rule's number is not below zero");
        if (!good_sets(rule) || !good_comment(rule.comment)) return;
        if (rule.from && rule.until && *rule.from >= *rule.until)
            return error("the rule ends before it begins");
        // New ones have no number by which one could replace another.
        rules_.insert_or_assign(rule.id == 0 ? place_of_new(rule) : rule.id, planned(put));
    }

    /// The same place for what says the same.
    std::int64_t place_of_new(const binding::Rule& rule) {
        const auto [entry, is_new] = new_rules_by_text_.try_emplace(text_of(rule));
        if (is_new) entry->second = -static_cast<std::int64_t>(++new_rules_);
        return entry->second;
    }

    void add(const RemoveRule& removal) { removed_rules_.insert_or_assign(removal.id, planned(removal)); }

    void add(const PutDeviceModel& put) {
        if (put.tac > tac_max) return error("a TAC has 8 digits");
        if (const auto problem = name_problem(put.name.value_or("")); !problem.empty())
            return error("the device model's name " + problem);
        device_models_.insert_or_assign(put.tac, planned(put));
    }

    void add(const AuthoriseDevice& put) {
        authorisations_.insert_or_assign({put.imsi, put.imei}, planned(put));
    }
    void add(const RefuseDevice& put) { refusals_.insert_or_assign({put.imsi, put.imei}, planned(put)); }
    void add(const SetLock& put) { locks_.insert_or_assign(put.imsi, planned(put)); }

    void contradiction(std::size_t line, const std::string& subject, const std::string& what) {
        plan_.errors.push_back({line, subject + " is both " + what});
    }

    /// Is anything put for the subscriber?
    bool is_put(const Imsi& imsi) const {
        const auto of_this = [&](const auto& kept) {
            return std::any_of(kept.begin(), kept.end(),
                               [&](const auto& entry) { return entry.first.first == imsi; });
        };
        return subscribers_.contains(imsi) || bindings_.contains(imsi) || locks_.contains(imsi) ||
               of_this(members_) || of_this(authorisations_) || of_this(refusals_);
    }

    /// What is put and removed at once is neither.
    void check_contradictions() {
        for (const auto& [imsi, removal] : removed_subscribers_)
            if (is_put(imsi)) contradiction(removal.line, "subscriber " + imsi.str(), "put and removed");
        check_both(profiles_, removed_profiles_, "profile ");
        check_both(terms_, removed_terms_, "the set of terms ");
        check_both(subscription_groups_, removed_subscription_groups_, "the subscription group ");
        check_both(rules_, removed_rules_, "rule ");
        for (const auto& [pair, refusal] : refusals_) {
            if (!authorisations_.contains(pair)) continue;
            const auto who = "device " + pair.second.str() + " of subscriber " + pair.first.str();
            contradiction(refusal.line, who, "authorised and refused");
        }
        check_retirements();
    }

    static std::string shown(const std::string& name) { return quoted(name); }
    static std::string shown(std::int64_t id) { return std::to_string(id); }
    template <class Key, class Put, class Removal>
    void check_both(const Kept<Key, Put>& puts, const Kept<Key, Removal>& removals, const std::string& noun) {
        for (const auto& [key, removal] : removals)
            if (puts.contains(key)) contradiction(removal.line, noun + shown(key), "put and removed");
    }

    void check_retirements() {
        for (const auto& [key, put] : kmes_) {
            auto found = retired_kmes_.find({key.first, -1});
            if (found == retired_kmes_.end()) found = retired_kmes_.find({key.first, key.second});
            if (found != retired_kmes_.end()) contradiction(found->second.line, "a KME", "put and retired");
        }
    }

    template <class Key, class T>
    static void move_to(const Kept<Key, T>& from, std::vector<Planned<T>>& to) {
        to.reserve(from.size());
        for (const auto& [key, planned] : from) to.push_back(planned);
    }

    /// New rules in the order of the items: it is the order of their numbers.
    void move_rules() {
        move_to(rules_, plan_.rules);
        std::reverse(plan_.rules.begin(), plan_.rules.begin() + static_cast<std::ptrdiff_t>(new_rules_));
    }

    void move_all() {
        move_to(profiles_, plan_.profiles);
        move_to(terms_, plan_.terms);
        move_to(default_terms_, plan_.default_terms);
        move_to(subscription_groups_, plan_.subscription_groups);
        move_to(subscribers_, plan_.subscribers);
        move_to(devices_, plan_.devices);
        move_to(device_models_, plan_.device_models);
        move_to(equipment_, plan_.equipment);
        move_to(kmes_, plan_.kmes);
        move_to(retired_kmes_, plan_.retired_kmes);
        move_to(bindings_, plan_.bindings);
        move_to(members_, plan_.members);
        move_rules();
        move_to(removed_rules_, plan_.removed_rules);
        move_to(authorisations_, plan_.authorisations);
        move_to(refusals_, plan_.refusals);
        move_to(locks_, plan_.locks);
        move_to(removed_subscribers_, plan_.removed_subscribers);
        move_to(removed_subscription_groups_, plan_.removed_subscription_groups);
        move_to(removed_terms_, plan_.removed_terms);
        move_to(removed_profiles_, plan_.removed_profiles);
    }

    using Pair = std::pair<Imsi, Imei>;

    const std::vector<Item>& items_;
    const KnownNames& known_;
    ImportPlan plan_;
    std::size_t line_ = 0;
    std::size_t new_rules_ = 0;
    std::unordered_map<std::string, std::int64_t> new_rules_by_text_;
    std::set<std::string> new_profiles_, new_terms_, new_subscription_groups_;
    Kept<std::string, PutProfile> profiles_;
    Kept<std::string, PutTerms> terms_;
    Kept<int, SetDefaultTerms> default_terms_;
    Kept<std::string, PutSubscriptionGroup> subscription_groups_;
    Kept<Imsi, PutSubscriber> subscribers_;
    Kept<ImeiRange, PutDevice> devices_;
    Kept<std::uint32_t, PutDeviceModel> device_models_;
    Kept<std::pair<ImeiRange, std::string>, PutEquipment> equipment_;
    Kept<std::pair<std::string, std::uint32_t>, PutKme> kmes_;
    Kept<std::pair<std::string, std::int64_t>, RetireKme> retired_kmes_;
    Kept<Imsi, PutBinding> bindings_;
    Kept<std::pair<Imsi, std::string>, PutMember> members_;
    Kept<std::int64_t, PutRule> rules_;  ///< new ones at places below zero
    Kept<std::int64_t, RemoveRule> removed_rules_;
    Kept<Pair, AuthoriseDevice> authorisations_;
    Kept<Pair, RefuseDevice> refusals_;
    Kept<Imsi, SetLock> locks_;
    Kept<Imsi, RemoveSubscriber> removed_subscribers_;
    Kept<std::string, RemoveSubscriptionGroup> removed_subscription_groups_;
    Kept<std::string, RemoveTerms> removed_terms_;
    Kept<std::string, RemoveProfile> removed_profiles_;
};

}  // namespace

ImportPlan plan_import(const std::vector<Item>& items, const KnownNames& known) {
    return Planner(items, known).run();
}

std::string owner_name(const std::variant<Imei, std::string>& owner) {
    if (const auto* imei = std::get_if<Imei>(&owner)) return "imei:" + imei->str();
    return "group:" + std::get<std::string>(owner);
}

std::string owner_name(const PutKme& put) {
    return owner_name(put.owner);
}

std::string terms_named_by(const PutBinding& put) {
    if (put.terms == inherited) return {};
    return put.terms.empty() ? std::string(binding::name_of(put.policy)) : put.terms;
}

bool says_the_same(const binding::Rule& one, const binding::Rule& other) {
    return one.subscriptions == other.subscriptions && one.devices == other.devices &&
           one.allow == other.allow && one.priority == other.priority && one.from == other.from &&
           one.until == other.until;
}

binding::Rule denial_of(const RefuseDevice& refusal) {
    const auto number = binding::SubscriptionSet::number_of(refusal.imsi);
    binding::Rule rule;
    rule.subscriptions = {number, number, {}};
    rule.devices.range = ImeiRange::of(refusal.imei);
    rule.allow = false;
    return rule;
}

bool stands_against(const binding::Rule& rule, const AuthoriseDevice& authorisation) {
    const auto denial = denial_of({authorisation.imsi, authorisation.imei});
    return !rule.allow && rule.subscriptions == denial.subscriptions && rule.devices == denial.devices;
}

}  // namespace bindhss::store
