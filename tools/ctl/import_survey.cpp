// SPDX-License-Identifier: Apache-2.0
#include "ctl/import_survey.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "crypto/sip_hash.h"
#include "ctl/import_set.h"
#include "records/changes.h"
#include "types/limits.h"

namespace bindhss::ctl {

namespace {

/// Place of a kind in the summary; the first four are always told.
enum Counted : std::size_t {
    subscribers,
    devices,
    keys,
    bindings,
    profiles,
    equipment,
    terms,
    groups,
    members,
    rules,
    models,
};
constexpr std::array<std::string_view, 11> names{"subscribers", "devices",   "keys",  "bindings",
                                                 "profiles",    "equipment", "terms", "groups",
                                                 "members",     "rules",     "models"};
constexpr std::size_t always_told = 4;

template <class Put>
constexpr bool is(const store::Item& item) {
    return std::holds_alternative<Put>(item.put);
}

std::size_t counted_as(const store::Item& item) {
    if (is<store::PutSubscriber>(item)) return subscribers;
    if (is<store::PutDevice>(item)) return devices;
    if (is<store::PutKme>(item)) return keys;
    if (is<store::PutBinding>(item)) return bindings;
    if (is<store::PutProfile>(item)) return profiles;
    if (is<store::PutEquipment>(item)) return equipment;
    if (is<store::PutTerms>(item)) return terms;
    if (is<store::PutSubscriptionGroup>(item)) return groups;
    if (is<store::PutMember>(item)) return members;
    if (is<store::PutDeviceModel>(item)) return models;
    return rules;
}

/// What an item is about; two of one text must not change their places.
std::string ordered_by(const store::Item& item) {
    auto text = subject(item);
    // Which key of an owner is the active one depends on those that came before.
    if (is<store::PutKme>(item)) text.erase(std::min(text.find(" generation "), text.size()));
    if (const auto* put = std::get_if<store::PutRule>(&item.put); put != nullptr && text.empty()) {
        // Of two that say the same one is stored, with the comment of the last.
        auto rule = put->rule;
        rule.comment.clear();
        text = records::line_of({store::PutRule{std::move(rule)}, 0});
    }
    return text;
}

/// Finds out whether anything comes twice, with eight octets for each thing. Two that share a hash by chance
/// are taken for one: that costs time alone.
class Repeats {
  public:
    void add(const store::Item& item) {
        if (hashes_.size() < things_max) {
            hashes_.push_back(hash_(ordered_by(item)));
        } else {
            overflown_ = true;
        }
    }
    /// Of all that was added; what is too much to tell counts as repeated.
    bool any() {
        std::sort(hashes_.begin(), hashes_.end());
        return overflown_ || std::adjacent_find(hashes_.begin(), hashes_.end()) != hashes_.end();
    }

  private:
    static constexpr std::size_t things_max = 50'000'000;  // 400 MB
    const crypto::SipHash hash_{Octets<16>{}};
    std::vector<std::uint64_t> hashes_;
    bool overflown_ = false;
};

/// Reads the files one by one into a survey.
class Surveyor {
  public:
    Surveyor(bool keep_all, const std::function<void(std::uint64_t)>& progress)
        : keep_all_(keep_all), progress_(progress) {
        found_.whole.emplace();
    }

    void look_at(ImportInput& input) {
        found_.items_of.emplace_back();
        if (found_.whole) found_.whole->emplace_back();
        try {
            input.read([&](Reading& piece) { return take(input, piece); }, &found_.digest);
        } catch (const Refused& error) {
            note(input.name() + ": " + error.what());
        }
    }
    ImportSurvey take_survey() {
        found_.repeats = repeats_.any();
        return std::move(found_);
    }

  private:
    bool take(const ImportInput& input, Reading& piece) {
        for (const auto& error : piece.errors)
            note(fmt::format("{}:{}: {}", input.name(), error.line, error.text));
        for (const auto& warning : piece.warnings) {
            if (found_.warnings.size() < limits::import_errors_shown_max)
                found_.warnings.push_back(fmt::format("{}:{}: {}", input.name(), warning.line, warning.text));
        }
        for (const auto& item : piece.items) {
            ++found_.items_of.back()[static_cast<std::size_t>(phase_of(item))];
            found_.counts.add(item);
            repeats_.add(item);
            found_.removes = found_.removes || removes(item);
            if (is<store::PutBinding>(item) && found_.bindings.size() < limits::import_errors_shown_max)
                found_.bindings.push_back(item);
        }
        found_.items += piece.items.size();
        keep(piece);
        progress_(found_.items);
        return true;
    }
    void keep(Reading& piece) {
        if (!found_.whole) return;
        for (const auto& item : piece.items) {
            auto line = records::line_of(item);
            found_.octets += line.size() + 1;
            explicit_bzero(line.data(), line.size());
        }
        const bool large =
            found_.items > limits::ctl_import_chunk_records || found_.octets > limits::api_change_octets_max;
        if (!keep_all_ && large) return found_.whole.reset();
        auto& whole = found_.whole->back();
        const auto append = [](auto& to, auto& from) {
            std::move(from.begin(), from.end(), std::back_inserter(to));
        };
        append(whole.items, piece.items);
        append(whole.errors, piece.errors);
        append(whole.warnings, piece.warnings);
    }
    void note(std::string error) {
        ++found_.error_count;
        if (found_.errors.size() < limits::import_errors_shown_max) found_.errors.push_back(std::move(error));
    }

    bool keep_all_;
    const std::function<void(std::uint64_t)>& progress_;
    Repeats repeats_;
    ImportSurvey found_;
};

}  // namespace

Phase phase_of(const store::Item& item) {
    if (is<store::PutProfile>(item)) return Phase::profiles;
    if (is<store::PutTerms>(item)) return Phase::terms;
    if (is<store::PutSubscriptionGroup>(item)) return Phase::groups;
    if (is<store::PutSubscriber>(item)) return Phase::subscribers;
    if (is<store::PutDevice>(item) || is<store::PutDeviceModel>(item) || is<store::PutEquipment>(item))
        return Phase::devices;
    if (is<store::PutKme>(item)) return Phase::kmes;
    if (is<store::PutBinding>(item)) return Phase::bindings;
    if (is<store::RemoveSubscriber>(item) || is<store::RemoveRule>(item)) return Phase::removed_subscribers;
    if (is<store::RemoveSubscriptionGroup>(item)) return Phase::removed_groups;
    if (is<store::RemoveTerms>(item)) return Phase::removed_terms;
    if (is<store::RemoveProfile>(item)) return Phase::removed_profiles;
    return Phase::rest;
}

bool removes(const store::Item& item) {
    const auto* member = std::get_if<store::PutMember>(&item.put);
    return phase_of(item) > Phase::rest || is<store::RetireKme>(item) ||
           (member != nullptr && !member->member);
}

bool builds_upon(Phase later, Phase earlier) {
    const auto bit = [](auto... each) { return ((1U << static_cast<unsigned>(each)) | ... | 0U); };
    const std::array<unsigned, phases> needs{
        0U,
        bit(Phase::profiles),
        bit(Phase::terms),
        bit(Phase::profiles),
        0U,
        bit(Phase::devices),
        bit(Phase::subscribers, Phase::devices, Phase::terms, Phase::profiles),
        bit(Phase::subscribers, Phase::groups, Phase::devices),
        bit(Phase::subscribers, Phase::rest),
        bit(Phase::groups, Phase::rest, Phase::removed_subscribers),
        bit(Phase::terms, Phase::groups, Phase::subscribers, Phase::bindings, Phase::removed_subscribers,
            Phase::removed_groups),
        bit(Phase::profiles, Phase::terms, Phase::subscribers, Phase::removed_subscribers,
            Phase::removed_terms),
    };
    return (needs[static_cast<std::size_t>(later)] & bit(earlier)) != 0;
}

void ImportCounts::add(const store::Item& item) {
    ++numbers_[counted_as(item)];
}

std::string ImportCounts::text() const {
    std::string text;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (i < always_told || numbers_[i] > 0)
            text += fmt::format("{}{} {}", text.empty() ? "" : ", ", numbers_[i], names[i]);
    }
    return text;
}

std::uint64_t ImportSurvey::items_in(Phase phase) const {
    std::uint64_t sum = 0;
    for (const auto& file : items_of) sum += file[static_cast<std::size_t>(phase)];
    return sum;
}

ImportSurvey survey(const std::vector<std::unique_ptr<ImportInput>>& inputs, bool keep_all,
                    const std::function<void(std::uint64_t)>& progress) {
    Surveyor surveyor(keep_all, progress);
    for (const auto& input : inputs) surveyor.look_at(*input);
    return surveyor.take_survey();
}

}  // namespace bindhss::ctl
