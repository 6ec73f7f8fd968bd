// SPDX-License-Identifier: Apache-2.0
// Algorithm and keys of a card as files and command lines give them.
#include <catch2/catch.hpp>

#include "records/readers.h"
#include "vectors/hex.h"
#include "vectors/ts35208.h"
#include "vectors/ts35232.h"

using namespace bindhss;

namespace {

const std::string k(test::milenage_sets[0].k);
const std::string opc(test::milenage_sets[0].opc);
const std::string k256(test::tuak_sets[1].k);
const std::string top(test::tuak_sets[1].top);
const std::string topc(test::tuak_sets[1].topc);

std::string errors_of(const std::string& header, const std::string& row) {
    std::string result;
    for (const auto& error :
         records::read_import("imsi," + header + "\n001010000000001," + row + "\n").errors)
        result += (result.empty() ? "" : "\n") + std::to_string(error.line) + ": " + error.text;
    return result;
}

store::PutSubscriber read(const std::string& header, const std::string& row) {
    const auto reading = records::read_import("imsi," + header + "\n001010000000001," + row + "\n");
    for (const auto& error : reading.errors) FAIL_CHECK(error.text);
    REQUIRE(reading.items.size() == 1);
    return std::get<store::PutSubscriber>(reading.items[0].put);
}

SecretString secret(const std::string& hex) {
    return SecretString(from_hex(hex).value());
}

}  // namespace

TEST_CASE("card: TUAK with TOPc or TOP, a key of 256 bits, iterations and octets of RES", "[ctl][card]") {
    const auto by_topc =
        read("algorithm,k,topc,tuak_iterations,res_octets", "tuak," + k256 + "," + topc + ",1,16");
    CHECK(by_topc.keys == AkaKeys{AkaAlgorithm::tuak, secret(k256), secret(topc), 1, 16});
    const auto by_top = read("algorithm,k,top", "tuak," + k256 + "," + top);
    CHECK(by_top.keys == AkaKeys{AkaAlgorithm::tuak, secret(k256), secret(topc), 1, 8});
    const auto& twice = test::tuak_sets[5];
    const auto iterated = read("algorithm,k,top,tuak_iterations",
                               "tuak," + std::string(twice.k) + "," + std::string(twice.top) + ",2");
    CHECK(iterated.keys ==
          AkaKeys{AkaAlgorithm::tuak, secret(std::string(twice.k)), secret(std::string(twice.topc)), 2, 8});
    const auto short_k = aka::derive_topc(secret(k).view(), secret(top).view());
    CHECK(read("algorithm,k,top", "tuak," + k + "," + top).keys ==
          AkaKeys{AkaAlgorithm::tuak, secret(k), SecretString(short_k.view()), 1, 8});
}

TEST_CASE("card: the XOR test algorithm has K alone", "[ctl][card]") {
    const auto put = read("algorithm,k,res_octets", "xor," + k + ",4");
    CHECK(put.keys == AkaKeys{AkaAlgorithm::xor_test, secret(k), {}, 1, 4});
}

TEST_CASE("card: a SIM is one when the field says yes", "[ctl][card]") {
    CHECK(read("k,opc,sim", k + "," + opc + ",yes").sim_only);
    CHECK_FALSE(read("k,opc,sim", k + "," + opc + ",no").sim_only);
    CHECK_FALSE(read("k,opc,sim", k + "," + opc + ",").sim_only);
    CHECK(errors_of("k,opc,sim", k + "," + opc + ",1") == "2: sim is '1', it has to be yes or no");
}

TEST_CASE("card: JSON takes numbers and texts", "[ctl][card]") {
    const auto reading = records::read_import(
        R"({"subscribers":[{"imsi":"001010000000001","algorithm":"tuak","k":")" + k256 + R"(","topc":")" +
        topc + R"(","tuak_iterations":"3","res_octets":"4","sim":"yes"}]})");
    for (const auto& error : reading.errors) FAIL_CHECK(error.text);
    REQUIRE(reading.items.size() == 1);
    const auto& put = std::get<store::PutSubscriber>(reading.items[0].put);
    CHECK(put.keys == AkaKeys{AkaAlgorithm::tuak, secret(k256), secret(topc), 3, 4});
    CHECK(put.sim_only);
}

TEST_CASE("card: what does not fit the algorithm is told by name", "[ctl][card]") {
    struct Wrong {
        std::string header, row, errors;
    };
    const std::vector<Wrong> cases{
        {"algorithm,k,opc", "comp128," + k + "," + opc,
         "2: algorithm 'comp128' is none of milenage, tuak, xor"},
        {"k,opc", k256 + "," + opc, "2: k has 64 hexadecimal digits, it needs 32"},
        {"k,topc", k + "," + topc, "2: topc belongs to the algorithm tuak\n2: opc or op is missing"},
        {"k,opc,tuak_iterations", k + "," + opc + ",2", "2: tuak_iterations belongs to the algorithm tuak"},
        {"k,opc,res_octets", k + "," + opc + ",4", "2: RES of Milenage has 8 octets, no other number"},
        {"algorithm,k,opc", "tuak," + k + "," + opc,
         "2: opc belongs to the algorithm milenage; tuak has topc or top\n2: topc or top is missing"},
        {"algorithm,k,topc,top", "tuak," + k + "," + topc + "," + top, "2: topc and top are both given"},
        {"algorithm,k,topc", "tuak," + k + "," + opc, "2: topc has 32 hexadecimal digits, it needs 64"},
        {"algorithm,k,topc", "tuak," + k.substr(2) + "," + topc,
         "2: k has 30 hexadecimal digits, it needs 32 or 64"},
        {"algorithm,k,topc,tuak_iterations", "tuak," + k + "," + topc + ",17",
         "2: tuak_iterations has to be 1 to 16"},
        {"algorithm,k,topc,tuak_iterations", "tuak," + k + "," + topc + ",two",
         "2: tuak_iterations is not a whole number"},
        {"algorithm,k,topc,res_octets", "tuak," + k + "," + topc + ",5",
         "2: RES of TUAK has 4, 8 or 16 octets, not 5"},
        {"algorithm,k,opc", "xor," + k + "," + opc, "2: opc does not belong to the algorithm xor"},
        {"algorithm,k,res_octets", "xor," + k + ",17", "2: res_octets has to be 4 to 16"},
    };
    for (const auto& [header, row, errors] : cases) {
        const auto found = errors_of(header, row);
        CHECK(found == errors);
        for (const auto& key : {k, opc, k256, topc, top})
            CHECK(found.find(key.substr(4, 12)) == std::string::npos);
    }
}
