// SPDX-License-Identifier: Apache-2.0
// AVPs that are sent only when there is something to send, and read only when they are there. Private to the
// codec of Subscription-Data; pure.
#pragma once

#include <optional>
#include <string>

#include "diameter/message.h"

namespace bindhss::diameter::optional_avp {

inline void add(Message::Group& group, AvpId id, const std::optional<std::uint32_t>& number) {
    if (number) group.add(id, *number);
}
/// Every Enumerated of 7.3 that is a yes or no has no as 0 and yes as 1.
inline void add(Message::Group& group, AvpId id, const std::optional<bool>& flag) {
    if (flag) group.add(id, std::uint32_t{*flag});
}
template <class Enumerated>
requires std::is_enum_v<Enumerated>
void add(Message::Group& group, AvpId id, const std::optional<Enumerated>& value) {
    if (value) group.add(id, static_cast<std::uint32_t>(*value));
}
inline void add(Message::Group& group, AvpId id, const std::string& text) {
    if (!text.empty()) group.add(id, std::string_view(text));
}
inline void add(Message::Group& group, AvpId id, const OctetString& octets) {
    if (!octets.empty()) group.add(id, OctetView(octets));
}

inline void read(const AvpView& group, AvpId id, std::optional<std::uint32_t>& number) {
    if (const auto avp = group.find(id)) number = avp->u32();
}
inline void read(const AvpView& group, AvpId id, std::optional<bool>& flag) {
    if (const auto avp = group.find(id)) flag = avp->u32() != 0;
}
/// REQUIRES: every number up to 255 may stand in the enumeration, whether it has a name there or not.
template <class Enumerated>
requires std::is_enum_v<Enumerated>
void read(const AvpView& group, AvpId id, std::optional<Enumerated>& value) {
    if (const auto avp = group.find(id)) value = static_cast<Enumerated>(avp->u32());
}
inline void read(const AvpView& group, AvpId id, std::string& text) {
    if (const auto avp = group.find(id)) text = avp->text();
}
inline void read(const AvpView& group, AvpId id, OctetString& octets) {
    if (const auto avp = group.find(id)) octets.assign(avp->octets().begin(), avp->octets().end());
}
inline void read(const AvpView& group, AvpId id, std::uint32_t& number) {
    if (const auto avp = group.find(id)) number = avp->u32();
}

}  // namespace bindhss::diameter::optional_avp
