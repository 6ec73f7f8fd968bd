// SPDX-License-Identifier: Apache-2.0
// Makes wrong messages out of right ones, the same ones from the same seed.
#pragma once

#include <random>
#include <vector>

#include "s6a/wire_builder.h"
#include "types/limits.h"

namespace bindhss::test {

/// Used by one thread.
class Mutator {
  public:
    Mutator(std::uint64_t seed, std::vector<OctetString> seeds) : random_(seed), seeds_(std::move(seeds)) {}

    /// A message that one to three things are wrong with; its length field may be among them.
    OctetString next() {
        auto message = seeds_[below(seeds_.size())];
        const auto changes = 1 + below(3);
        for (std::size_t i = 0; i < changes; ++i) change(message);
        return message;
    }
    std::size_t below(std::size_t limit) {
        return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random_);
    }
    /// A reader that goes by the length fields finds the next message behind this one.
    static bool framed(const OctetString& message) {
        const auto header = diameter::Header::read(message);
        return header && header->length == message.size();
    }

  private:
    using Avps = std::vector<OctetString>;

    void change(OctetString& message) {
        if (message.size() < diameter::header_octets) return;
        switch (below(16)) {
            case 0:
            case 1:
                return flip_bits(message);
            case 2:  // a request as an answer, and the other way round
                message[4] ^= diameter::Header::flag_request;
                return;
            case 3:
                message[4] = octet();
                return;
            case 4:
                return change_ids(message);
            case 5:
                return change_frame(message);
            case 6:
                return nest(message);
            case 7:
                return crowd(message);
            default:
                return change_avps(message);
        }
    }

    void flip_bits(OctetString& message) {
        const auto bits = 1 + below(8);
        for (std::size_t i = 0; i < bits; ++i) {
            message[below(message.size())] ^= static_cast<std::uint8_t>(1U << below(8));
        }
    }

    void change_ids(OctetString& message) {
        const bool code = below(2) == 0;
        message[code ? 7 : 8 + below(4)] = octet();
    }

    // What follows such a frame on its connection is not read as it was meant.
    void change_frame(OctetString& message) {
        switch (below(5)) {
            case 0:
                message.resize(below(message.size()));
                return;
            case 1:
                message[0] = octet();
                return;
            case 2:
                message[1] = message[2] = message[3] = 0xff;
                return;
            case 3:
                return set_length(message, below(message.size() + 64));
            default:
                return set_length(message, below(2 * limits::message_octets_max));
        }
    }

    static void set_length(OctetString& message, std::size_t length) {
        const auto octets = number_octets(static_cast<std::uint32_t>(length));
        std::copy(octets.begin() + 1, octets.end(), message.begin() + 1);
    }

    // Groups in groups, below and far beyond what is accepted, of a grouped AVP that may be known or not.
    void nest(OctetString& message) {
        static constexpr std::uint32_t groups[] = {260, 279, 284, 297, 1408, 1413, 99'999};
        const auto code = groups[below(std::size(groups))];
        const std::uint32_t vendor = code > 1000 && code < 2000 ? 10415 : 0;
        const auto depth = 1 + below(below(2) == 0 ? 2 * limits::avp_depth_max : 4'000);
        // Inside out: each level is a header, and then all levels within it.
        const std::size_t header = vendor != 0 ? 12 : 8;
        OctetString nested;
        for (auto level = depth; level > 0; --level) {
            auto one = diameter::encode_avp({code, vendor}, octet() & 0x40, {});
            const auto length = number_octets(static_cast<std::uint32_t>(header * level));
            std::copy(length.begin() + 1, length.end(), one.begin() + 5);
            nested.insert(nested.end(), one.begin(), one.end());
        }
        message.insert(message.end(), nested.begin(), nested.end());
        set_length(message, message.size());
    }

    void crowd(OctetString& message) {
        const auto count = below(2 * limits::avp_count_max);
        const auto one = make_avp({static_cast<std::uint32_t>(below(300))}, OctetView(), 0);
        for (std::size_t i = 0; i < count; ++i) message.insert(message.end(), one.begin(), one.end());
        set_length(message, message.size());
    }

    void change_avps(OctetString& message) {
        auto avps = split(message);
        if (avps.empty()) return;
        auto& avp = avps[below(avps.size())];
        switch (below(9)) {
            case 0:
                avps.erase(avps.begin() + static_cast<std::ptrdiff_t>(below(avps.size())));
                break;
            case 1: {
                auto twin = avp;
                avps.push_back(std::move(twin));
                break;
            }
            case 2:
                std::shuffle(avps.begin(), avps.end(), random_);
                break;
            case 3:
                avp[4] = octet();
                break;
            case 4:
                avp[5] = below(4) == 0 ? octet() : 0;
                avp[7] = octet();
                break;
            case 5:
                put_nul(avps);
                break;
            case 6:  // another AVP with the same value
                avp[2] = octet();
                avp[3] = octet();
                break;
            case 7:  // another value, which may be long
                avp = diameter::encode_avp(id_of(avp), avp[4], junk(below(below(8) == 0 ? 20'000 : 40)));
                avp.resize((avp.size() + 3) / 4 * 4);
                break;
            default:
                avps.push_back(make_avp({static_cast<std::uint32_t>(below(100'000))},
                                        OctetView(junk(below(32))), octet() & 0x60));
        }
        join(message, avps);
    }

    // Session-Id is a key and goes to logs: nothing may end or break it.
    void put_nul(Avps& avps) {
        for (auto& avp : avps) {
            if (id_of(avp) == diameter::avp_id::session_id && avp.size() > 8) {
                avp[8 + below(avp.size() - 8)] = 0;
            }
        }
    }

    static diameter::AvpId id_of(const OctetString& avp) {
        const auto raw = diameter::AvpCursor(avp).next();
        return raw ? raw->id : diameter::AvpId{0};
    }

    static Avps split(const OctetString& message) {
        Avps avps;
        diameter::AvpCursor cursor(OctetView(message).subspan(diameter::header_octets));
        while (const auto avp = cursor.next()) {
            avps.emplace_back(avp->encoded.begin(), avp->encoded.end());
            avps.back().resize((avps.back().size() + 3) / 4 * 4);
        }
        return avps;
    }

    static void join(OctetString& message, const Avps& avps) {
        message.resize(diameter::header_octets);
        for (const auto& avp : avps) message.insert(message.end(), avp.begin(), avp.end());
        set_length(message, message.size());
    }

    OctetString junk(std::size_t size) {
        OctetString octets(size);
        for (auto& each : octets) each = octet();
        return octets;
    }
    std::uint8_t octet() { return static_cast<std::uint8_t>(random_()); }

    std::mt19937_64 random_;
    std::vector<OctetString> seeds_;
};

}  // namespace bindhss::test
