// SPDX-License-Identifier: Apache-2.0
#include "diameter/guard.h"

#include <algorithm>
#include <string>

#include "diameter/avp_id.h"
#include "types/limits.h"

namespace bindhss::diameter {

namespace {

using diameter_dict::AvpModel;
using diameter_dict::AvpType;
using diameter_dict::Rule;

std::string name_of(const AvpModel* model, AvpId id) {
    if (model != nullptr) return std::string(model->name);
    return "AVP " + std::to_string(id.code) + " of vendor " + std::to_string(id.vendor);
}

// A copy for Failed-AVP, cut so that an answer stays small whatever the request was.
OctetString as_received(const RawAvp& avp) {
    return encode_avp(avp.id, avp.flags,
                      avp.payload.first(std::min(avp.payload.size(), limits::failed_avp_octets_max)));
}

// RFC 6733 7.5: "an AVP with the missing code and a zero-filled payload of the minimum length".
OctetString empty_of(const AvpModel& model) {
    return encode_avp({model.code, model.vendor}, model.flags, OctetString(fixed_size(model.type)));
}

Rejection reject(Cause cause, std::string detail, const RawAvp& avp) {
    return {cause, std::move(detail), as_received(avp)};
}

constexpr std::size_t identity_octets_max = 255;  // of a FQDN, RFC 1035 2.3.4

bool is_identity(const AvpModel& model) {
    const AvpId id{model.code, model.vendor};
    return id == avp_id::origin_host || id == avp_id::origin_realm || id == avp_id::destination_host ||
           id == avp_id::destination_realm || id == avp_id::route_record ||
           id == avp_id::coupled_node_diameter_id;
}

// Identities and Session-Id are keys, go to logs and to the database: nothing but visible ASCII there (RFC
// 6733 4.3.1).
bool harmful_text(const AvpModel& model, OctetView text) {
    const bool session = model.vendor == 0 && model.code == avp_id::session_id.code;
    if (!session && !is_identity(model)) return false;
    if (text.empty() || (!session && text.size() > identity_octets_max)) return true;
    const std::uint8_t last = session ? 0xff : 0x7e;
    return std::any_of(text.begin(), text.end(),
                       [last](std::uint8_t octet) { return octet <= 0x20 || octet == 0x7f || octet > last; });
}

}  // namespace

std::optional<Rejection> Guard::accept(const RawAvp& avp) {
    seen_.push_back({dictionary_.avp(avp.id.code, avp.id.vendor), avp});
    return check_avp(avp, 1, true);
}

std::optional<Rejection> Guard::finish(std::span<const Rule> rules) const {
    return check_rules(rules, 0);
}

bool Guard::exhausted() const {
    return count_ > limits::avp_count_max;
}

Rejection Guard::broken(OctetView rest) const {
    OctetString header(12);
    std::copy_n(rest.begin(), std::min(rest.size(), header.size()), header.begin());
    const auto flags = header[4];
    header[5] = header[6] = 0;
    header[7] = static_cast<std::uint8_t>((flags & avp_flag::vendor) != 0 ? 12 : 8);
    const auto avp = AvpCursor(header).next();
    const auto* model = dictionary_.avp(avp->id.code, avp->id.vendor);
    const OctetString zeros(model != nullptr ? fixed_size(model->type) : 0);
    return {Cause::invalid_avp_length, name_of(model, avp->id) + " has a length that cannot be",
            encode_avp(avp->id, flags, zeros)};
}

// `mandatory`: all that encloses the AVP is understood or had to be (RFC 6733 4.4: M in an optional group
// binds none).
std::optional<Rejection> Guard::check_avp(const RawAvp& avp, std::size_t depth, bool mandatory) {
    if (++count_ > limits::avp_count_max)
        return Rejection{Cause::unable_to_comply, "too many AVPs in a message", {}};
    const auto* model = dictionary_.avp(avp.id.code, avp.id.vendor);
    if (avp.has_vendor() && avp.id.vendor == 0) {
        return reject(Cause::invalid_avp_bits, name_of(nullptr, avp.id) + " has the V bit without a vendor",
                      avp);
    }
    if (model == nullptr) {
        if (!mandatory || !avp.mandatory()) return std::nullopt;
        return reject(Cause::avp_unsupported, name_of(nullptr, avp.id) + " is mandatory and not known here",
                      avp);
    }
    const auto size = fixed_size(model->type);
    if (size != 0 && avp.payload.size() != size) {
        return reject(Cause::invalid_avp_length,
                      std::string(model->name) + " has " + std::to_string(avp.payload.size()) +
                          " octets of value, not " + std::to_string(size),
                      avp);
    }
    if (harmful_text(*model, avp.payload)) {
        return reject(Cause::invalid_avp_value,
                      std::string(model->name) + " is empty, too long or has control characters", avp);
    }
    if (model->type != AvpType::grouped || AvpId{model->code, model->vendor} == avp_id::failed_avp)
        return std::nullopt;
    return check_group(*model, avp, depth, mandatory && avp.mandatory());
}

std::optional<Rejection> Guard::check_group(const AvpModel& model, const RawAvp& avp, std::size_t depth,
                                            bool mandatory) {
    if (depth >= limits::avp_depth_max)
        return Rejection{Cause::unable_to_comply, "AVPs are nested too deep", {}};
    const auto first_seen = seen_.size();
    AvpCursor cursor(avp.payload);
    while (const auto child = cursor.next()) {
        if (auto rejection = check_avp(*child, depth + 1, mandatory)) return rejection;
        seen_.push_back({dictionary_.avp(child->id.code, child->id.vendor), *child});
    }
    if (cursor.broken()) return broken(cursor.rest());
    auto rejection = check_rules(model.rules, first_seen);
    seen_.resize(first_seen, Seen{nullptr, {}});
    return rejection;
}

std::optional<Rejection> Guard::check_rules(std::span<const Rule> rules, std::size_t first_seen) const {
    const auto level = std::span(seen_).subspan(first_seen);
    for (const auto& rule : rules) {
        std::uint32_t count = 0;
        for (const auto& seen : level) {
            if (seen.model != rule.avp || ++count <= rule.max) continue;
            const auto cause = rule.max == 0 ? Cause::avp_not_allowed : Cause::avp_occurs_too_many_times;
            return reject(cause, std::string(rule.avp->name) + " occurs more than it may", seen.avp);
        }
        if (count < rule.min) {
            return Rejection{Cause::missing_avp, std::string(rule.avp->name) + " is missing",
                             empty_of(*rule.avp)};
        }
    }
    return std::nullopt;
}

}  // namespace bindhss::diameter
