// SPDX-License-Identifier: Apache-2.0
#include "metrics/journal.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "log/printable.h"
#include "types/time_text.h"

namespace bindhss::metrics {

namespace {

bool plain(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7f; });
}

/// Peers write what they like. No more than there is room for.
void append(std::string& to, std::string_view text) {
    const auto room = limits::journal_octets_max - std::min(to.size(), limits::journal_octets_max);
    if (plain(text)) {
        to.append(text.substr(0, room));
    } else {
        to.append(log::printable(text, room));
    }
}

/// "2026-03-01T08:30:15.250Z"
std::string exact_time(WallTime time) {
    auto text = time_text(time);
    const auto ms = (time - std::chrono::floor<std::chrono::seconds>(time)).count();
    const auto digits = std::to_string(1'000 + ms).substr(1);
    text.insert(text.size() - 1, "." + digits);
    return text;
}

}  // namespace

Journal::Journal(const Clock& clock, JournalSettings settings)
    : clock_(clock), last_(static_cast<std::uint64_t>(clock.now().time_since_epoch().count()) * 1'000) {
    notable_.slots.resize(std::max<std::size_t>(1, settings.events));
    ordinary_.slots.resize(std::max<std::size_t>(1, settings.ordinary_events));
    of_traced_.slots.resize(std::max<std::size_t>(1, settings.traced_events));
}

bool Journal::traced(std::string_view imsi, WallTime now) const {
    if (traced_.empty()) return false;
    const auto found = traced_.find(imsi);
    return found != traced_.end() && found->second > now;
}

void Journal::trace(const Imsi& imsi, WallTime now) {
    std::erase_if(traced_, [now](const auto& one) { return one.second <= now; });
    if (traced_.size() < limits::journal_traced_max || traced_.contains(imsi.digits()))
        traced_[imsi.str()] = now + std::chrono::milliseconds(limits::journal_traced_ms);
}

void Journal::fill(Slot& slot, const JournalEvent& event) {
    slot.event = event.event;
    slot.text.clear();
    append(slot.text, event.imsi);
    slot.imsi_size = slot.text.size();
    slot.count = 0;
    for (const auto& detail : event.details) {
        if (slot.count == slot.fields.size()) break;
        Field field{detail.key, Field::Kind::number, static_cast<std::uint32_t>(slot.text.size()), 0, 0};
        if (const auto* text = std::get_if<std::string_view>(&detail.value)) {
            if (text->empty()) continue;
            append(slot.text, *text);
            field.kind = Field::Kind::text;
            field.size = static_cast<std::uint32_t>(slot.text.size()) - field.begin;
        } else if (const auto* flag = std::get_if<bool>(&detail.value)) {
            field.kind = Field::Kind::flag;
            field.number = *flag ? 1 : 0;
        } else {
            field.number = std::get<std::int64_t>(detail.value);
        }
        slot.fields[slot.count++] = field;
    }
}

void Journal::add(const JournalEvent& event) noexcept {
    const auto now = clock_.now();
    try {
        const std::lock_guard lock(mutex_);
        auto& ring = traced(event.imsi, now) ? of_traced_ : event.ordinary ? ordinary_ : notable_;
        auto& slot = ring.slots[ring.next];
        slot.number = 0;
        fill(slot, event);
        slot.number = ++last_;
        slot.at = now;
        ring.next = (ring.next + 1) % ring.slots.size();
    } catch (...) {  // no memory: this event is forgotten
    }
}

boost::json::object Journal::object_of(const Slot& slot) {
    boost::json::object object;
    object["number"] = slot.number;
    object["at"] = exact_time(slot.at);
    object["event"] = slot.event;
    if (slot.imsi_size != 0) object["imsi"] = slot.imsi();
    for (std::size_t i = 0; i < slot.count; ++i) {
        const auto& field = slot.fields[i];
        auto& value = object[field.key];
        if (field.kind == Field::Kind::text)
            value = std::string_view(slot.text).substr(field.begin, field.size);
        if (field.kind == Field::Kind::number) value = field.number;
        if (field.kind == Field::Kind::flag) value = field.number != 0;
    }
    return object;
}

boost::json::array Journal::events(std::uint64_t after, const std::optional<Imsi>& imsi, std::size_t limit) {
    boost::json::array events;
    for (const auto& slot : found_behind(after, imsi, limit)) events.emplace_back(object_of(slot));
    return events;
}

/// Copies: requests do not wait until they are made text of.
std::vector<Journal::Slot> Journal::found_behind(std::uint64_t after, const std::optional<Imsi>& imsi,
                                                 std::size_t limit) {
    const std::lock_guard lock(mutex_);
    if (imsi) trace(*imsi, clock_.now());
    std::vector<const Slot*> found;
    for (const auto* ring : {&notable_, &ordinary_, &of_traced_}) {
        for (const auto& slot : ring->slots) {
            if (slot.number > after && (!imsi || slot.imsi() == imsi->digits())) found.push_back(&slot);
        }
    }
    const auto kept = std::min({found.size(), limit, limits::journal_page_max});
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(kept);
    std::partial_sort(found.begin(), end, found.end(),
                      [](const Slot* a, const Slot* b) { return a->number < b->number; });
    std::vector<Slot> copies;
    copies.reserve(kept);
    std::for_each(found.begin(), end, [&copies](const Slot* slot) { copies.push_back(*slot); });
    return copies;
}

}  // namespace bindhss::metrics
