// SPDX-License-Identifier: Apache-2.0
// Messages written octet by octet, so that tests can write wrong ones too.
#pragma once

#include <initializer_list>
#include <string_view>

#include "diameter/avp_id.h"
#include "diameter/message.h"
#include "diameter/s6a_codec.h"
#include "diameter/wire.h"
#include "diameter_dict/dictionary.h"

namespace bindhss::test {

/// freeDiameter allows one dictionary in a process.
inline const diameter_dict::Dictionary& loaded_dictionary() {
    static const diameter_dict::Dictionary instance;
    return instance;
}

inline OctetString number_octets(std::uint32_t number) {
    return {static_cast<std::uint8_t>(number >> 24), static_cast<std::uint8_t>(number >> 16),
            static_cast<std::uint8_t>(number >> 8), static_cast<std::uint8_t>(number)};
}

inline OctetString make_avp(diameter::AvpId id, OctetView payload,
                            std::uint8_t flags = diameter::avp_flag::mandatory) {
    auto encoded = diameter::encode_avp(id, flags, payload);
    encoded.resize((encoded.size() + 3) / 4 * 4);
    return encoded;
}
inline OctetString make_avp(diameter::AvpId id, std::string_view text) {
    return make_avp(id, as_octets(text));
}
inline OctetString make_avp(diameter::AvpId id, std::uint32_t number) {
    return make_avp(id, OctetView(number_octets(number)));
}

inline OctetString concat(std::initializer_list<OctetString> parts) {
    OctetString all;
    for (const auto& part : parts) all.insert(all.end(), part.begin(), part.end());
    return all;
}

inline OctetString frame(std::uint8_t flags, std::uint32_t code, std::uint32_t application,
                         const OctetString& avps) {
    const auto length = static_cast<std::uint32_t>(diameter::header_octets + avps.size());
    return concat({number_octets(1U << 24 | length), number_octets(std::uint32_t{flags} << 24 | code),
                   number_octets(application), number_octets(0x01020304), number_octets(0x0a0b0c0d), avps});
}

/// What every S6a request of an MME begins with.
inline OctetString request_head() {
    using namespace diameter;
    return concat({make_avp(avp_id::session_id, "mme.example;1;2"), make_avp(avp_id::auth_session_state, 1U),
                   make_avp(avp_id::origin_host, "mme.example"), make_avp(avp_id::origin_realm, "example"),
                   make_avp(avp_id::destination_realm, "example")});
}

inline OctetString ulr_frame(const OctetString& avps) {
    return frame(0xc0, 316, diameter::application_s6a, avps);
}
inline OctetString air_frame(const OctetString& avps) {
    return frame(0xc0, 318, diameter::application_s6a, avps);
}

/// The rest of a good ULR and of a good AIR.
inline OctetString ulr_tail() {
    using namespace diameter;
    return concat({make_avp(avp_id::rat_type, 1004U), make_avp(avp_id::ulr_flags, 0x22U),
                   make_avp(avp_id::visited_plmn_id, OctetView(OctetString{0x00, 0xf1, 0x10}))});
}
inline OctetString user() {
    return make_avp(diameter::avp_id::user_name, "001010123456789");
}

/// A ULR that is good but for `extra`.
inline OctetString ulr_with(const OctetString& extra) {
    return ulr_frame(concat({request_head(), user(), ulr_tail(), extra}));
}

}  // namespace bindhss::test
