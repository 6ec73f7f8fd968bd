// SPDX-License-Identifier: Apache-2.0
// Test data of TUAK: TS 35.232 clause 6 (f1, f1*, TOPc) and TS 35.233 clause 7 (f2 to f5*), as far as this
// project has them. An output that a set does not tell is empty.
#pragma once

#include <array>
#include <string_view>

#include "aka/tuak.h"

namespace bindhss::test {

struct TuakSet {
    std::string_view name, k, rand, sqn, amf, top, topc;
    aka::TuakShape shape;
    std::string_view f1, f1_star, res, ck, ik, ak, ak_star;
};

namespace tuak_6_2 {
inline constexpr std::string_view k = "fffefdfcfbfaf9f8f7f6f5f4f3f2f1f0efeeedecebeae9e8e7e6e5e4e3e2e1e0";
inline constexpr std::string_view rand = "0123456789abcdef0123456789abcdef";
inline constexpr std::string_view sqn = "0123456789ab";
inline constexpr std::string_view amf = "abcd";
inline constexpr std::string_view top = "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f";
inline constexpr std::string_view topc = "305425427e18c503c8a4b294ea72c95d0c36c6c6b29d0c65de5974d5977f8524";
}  // namespace tuak_6_2

namespace tuak_6_5 {
inline constexpr std::string_view k = "1574ca56881d05c189c82880f789c9cd4244955f4426aa2b69c29f15770e5aa5";
inline constexpr std::string_view rand = "c570aac68cde651fb1e3088322498bef";
inline constexpr std::string_view sqn = "c89bb71f3a41";
inline constexpr std::string_view amf = "297d";
inline constexpr std::string_view top = "e59f6eb10ea406813f4991b0b9e02f181edf4c7e17b480f66d34da35ee88c95e";
}  // namespace tuak_6_5

inline constexpr std::array<TuakSet, 6> tuak_sets{{
    {"6.1, 7.1: K of 128 bits; MAC 64, RES 32",
     "abababababababababababababababab",
     "42424242424242424242424242424242",
     "111111111111",
     "ffff",
     "5555555555555555555555555555555555555555555555555555555555555555",
     "bd04d9530e87513c5d837ac2ad954623a8e2330c115305a73eb45d1f40cccbff",
     {8, 4, 16, 16, 1},
     "f9a54e6aeaa8618d",
     "e94b4dc6c7297df3",
     "657acd64",
     "d71a1e5c6caffe986a26f783e5c78be1",
     "be849fa2564f869aecee6f62d4337e72",
     "719f1e9b9054",
     "e7af6b3d0e38"},
    {"6.2, 7.2: K of 256 bits; MAC 128, RES 64",
     tuak_6_2::k,
     tuak_6_2::rand,
     tuak_6_2::sqn,
     tuak_6_2::amf,
     tuak_6_2::top,
     tuak_6_2::topc,
     {16, 8, 16, 16, 1},
     "c0b8c2d4148ec7aa5f1d78a97e4d1d58",
     "ef81af7290f7842c6ceafa537fa0745b",
     "e9d749dc4eea0035",
     "a4cb6f6529ab17f8337f27baa8234d47",
     "2274155ccf4199d5e2abcbf621907f90",
     "480a9345cc1e",
     "f84eb338848c"},
    {"6.3, 7.3: K of 256 bits; MAC 256, RES 64, IK 256",
     tuak_6_2::k,
     tuak_6_2::rand,
     tuak_6_2::sqn,
     tuak_6_2::amf,
     tuak_6_2::top,
     tuak_6_2::topc,
     {32, 8, 16, 32, 1},
     "d97b75a1776065271b1e212bc3b1bf173f438b21e6c64a55a96c372e085e5cc5",
     "427bbf07c6e3a86c54f8c5216499f3909a6fd4a164c9fe235b1550258111b821",
     "07021c73e7635c7d",
     "4d59ac796834eb85d11fa148a5058c3c",
     "126d47500136fdc5ddfd14f19ebf16749ce4b6435323fbb5715a3a796a6082bd",
     "1d6622c4e59a",
     "f84eb338848c"},
    {"6.4, 7.4: K of 128 bits; MAC 128, RES 128",
     "b8da837a50652d6ac7c97da14f6acc61",
     "6887e55425a966bd86c9661a5fa72be8",
     "0dea2ee2c5af",
     "df1e",
     "0952be13556c32ebc58195d9dd930493e12a9003669988ffde5fa1f0fe35cc01",
     "2bc16eb657a68e1f446f08f57c0efb1d493527a2e652ce281eb6ca0e4487760a",
     {16, 16, 16, 16, 1},
     "749214087958dd8f58bfcdf869d8ae3f",
     "619e865afe80e382aee13063f9dfb56d",
     "4041ce438e3e38e8aa96562eed83ac43",
     "3e3bc01bea0cd914c4c2c83ce2d92757",
     "666a8e6f577b1aa77b7fd53cebb8a3d6",
     "1f880d005119",
     "45e617d77fe5"},
    {"6.5, 7.5: K of 256 bits; MAC 64, RES 256, CK 256",
     tuak_6_5::k,
     tuak_6_5::rand,
     tuak_6_5::sqn,
     tuak_6_5::amf,
     tuak_6_5::top,
     "3c6052e41532a28a47aa3cbb89f223e8f3aaa976aecd48bc3e7d6165a55eff62",
     {8, 32, 32, 16, 1},
     "d7340dad02b4cb01",
     "c6021e2e66accb15",
     "84d89b41db1867ffd4c7ba1d82163f4d526a20fbae5418fbb526940b1eeb905c",
     "d419676afe5ab58c1d8bee0d43523a4d2f52ef0b31a4676a0c334427a988fe65",
     "205533e505661b61d05cc0eac87818f4",
     "d7b3d2d4980a",
     "ca9655264986"},
    {"6.6, 7.6: two iterations; MAC 256, RES 256, CK 256, IK 256",
     tuak_6_5::k,
     tuak_6_5::rand,
     tuak_6_5::sqn,
     tuak_6_5::amf,
     tuak_6_5::top,
     "b04a66f26c62fcd6c82de22a179ab65506ecf47f56245cd149966cfa9cec7a51",
     {32, 32, 32, 32, 2},
     "90d2289ed1ca1c3dbc2247bb480d431ac71d2e4a7677f6e997cfddb0cbad88b7",
     "427355dbac30e825063aba61b556e87583abac638e3ab01c4c884ad9d458dc2f",
     "d67e6e64590d22eecba7324afa4af4460c93f01b24506d6e12047d789a94c867",
     "ede57edfc57cdffe1aae75066a1b7479bbc3837438e88d37a801cccc9f972b89",
     "48ed9299126e5057402fe01f9201cf25249f9c5c0ed2afcf084755daff1d3999",
     "6aae8d18c448",
     "8c5f33b61f4e"},
}};

/// TS 35.232 clause 5: the permutation of 80 00 .. 00 (set 2), and of 01 02 .. c8 (set 3).
inline constexpr std::string_view keccak_set_2 =
    "44e0e58ca968975c4c2592a157f53f2124519b010b89e15e301ef58f76501db59cde067f1fde09c0a4b5c210a6a19f06ba4c"
    "8f0c6fc868f0fc80a63b2553791e41c82278ad115efc70f71d641ff0774aa5d547b6d9914914022c514c45fceca61cb66b0f"
    "0313e34988ae0d36737e2c0529907fe653fc4e185d07f3961f826bb88031af844d9e7d9876170363fde76786c58ccbcf5c3a"
    "01bb914c1b0208a27c7be3bbbbbb9976e040317afc2afbfadc7ba7fc237235c65551aa3139641fa8db2e6483f28740b31b61";
inline constexpr std::string_view keccak_set_3 =
    "5dd0e3dd9e46db2187a9e1a444427d7a832fef29913990e015ea8d1f3f1fa6413ffbbc586f5a4d694dd60668fbf3b4bbda49"
    "45c9ea0cbee211735ebfa8399b613aff34d1dd47fa398c78f48a91a6657d29036c87f7735f43e2abb76a135045b70e42c59d"
    "809214a4cd301f1857300a55d01d32365b6abda51ead7541db7beddc46e485727c3b2b5d83b59e5a7a62e0131614ba0d7bfa"
    "cd4eba716232808859f003855f5c47010a50e1262f9e9e812e6cb3dd52d9adb7be1910427634025231968de0b43fa24b4b3e";

}  // namespace bindhss::test
