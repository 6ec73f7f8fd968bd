// SPDX-License-Identifier: Apache-2.0
// Keys by the hundred thousand into PostgreSQL: memory, faults on the way, and what is left of a key that was
// retired.
#include <fstream>
#include <functional>

#include "store/binding_world.h"
#include "store/postgres/key_check.h"
#include "types/limits.h"

using namespace bindhss;
using namespace bindhss::test;
using binding::Policy;
using store::KmeRecord;

namespace {

Imei device(std::uint64_t number) {
    return Imei::from_number(35'824'005'000'000 + number).value();
}

SecretString key_of(std::uint64_t number) {
    OctetString octets(16, 0x5a);
    for (std::size_t i = 0; i < 8; ++i) octets[i] = static_cast<std::uint8_t>(number >> (8 * i));
    return SecretString(std::move(octets));
}

/// Records that are made one by one.
class Made final : public store::KmeSource {
  public:
    Made(std::uint64_t count, std::function<KmeRecord(std::uint64_t)> make)
        : count_(count), make_(std::move(make)) {}
    std::optional<KmeRecord> next() override {
        if (next_ == count_) return std::nullopt;
        return make_(next_++);
    }

  private:
    std::uint64_t count_;
    std::function<KmeRecord(std::uint64_t)> make_;
    std::uint64_t next_ = 0;
};

KmeRecord factory_key(std::uint64_t number) {
    return {device(number), 0, key_of(number), number + 1};
}

/// The most memory that this process ever had, in KiB.
std::size_t peak_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;)
        if (word == "VmHWM:") {
            std::size_t kib = 0;
            status >> kib;
            return kib;
        }
    return 0;
}

/// From now on VmHWM counts from the memory that is in use.
void forget_peak() {
    std::ofstream("/proc/self/clear_refs") << "5";
}

}  // namespace

TEST_CASE("100,000 keys are imported and given out again without being held in memory",
          "[postgres][kme_transfer][R15][R18]") {
    constexpr std::uint64_t count = 100'000;
    PostgresWorld world;
    Made few(2'000, factory_key);
    CHECK(world.provisioning.import_kmes(few, true, "trial").added == 2'000);
    forget_peak();
    const auto before = peak_kib();
    Made all(count, factory_key);
    const auto begin = std::chrono::steady_clock::now();
    const auto result = world.provisioning.import_kmes(all, false, "factory.kme");
    const auto seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
    WARN("imported 100,000 keys in " << seconds << " s");
    CHECK(result.errors.empty());
    CHECK(result.added == count);
    std::uint64_t good = 0;
    const auto visit = [&](const KmeRecord& record) {
        if (record.key == key_of(std::get<Imei>(record.owner).number() - device(0).number())) ++good;
    };
    CHECK(world.provisioning.export_kmes(std::nullopt, "to a new operator", visit) == count);
    CHECK(good == count);
    const auto after = peak_kib();
    WARN("memory grew by " << after - before << " KiB");
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)  // which keep what was freed
    CHECK(after - before < 8 * 1024);                                // the records alone would be 20 MiB
#endif
    CHECK(seconds < 120);
    CHECK(world.database.query("SELECT count(*) FROM device") == std::to_string(count));
    Made again(5'000, factory_key);
    const auto same = world.provisioning.import_kmes(again, false, "factory.kme");
    CHECK(same.unchanged == 5'000);
    CHECK(same.added + same.replaced == 0);
}

TEST_CASE("what a source of keys throws comes through, and nothing is stored",
          "[postgres][kme_transfer][R15]") {
    PostgresWorld world;
    struct Broken : std::runtime_error {
        using std::runtime_error::runtime_error;
    };
    Made broken(5'000, [](std::uint64_t number) {
        if (number == 4'321) throw Broken("the file ends in the middle of a record");
        return factory_key(number);
    });
    CHECK_THROWS_AS(world.provisioning.import_kmes(broken, false, "half.kme"), Broken);
    CHECK(world.provisioning.kmes(std::nullopt, 10).empty());
    CHECK(world.provisioning.audit(10).empty());
    Made whole(10, factory_key);
    CHECK(world.provisioning.import_kmes(whole, false, "whole.kme").added == 10);
    CHECK_THROWS_AS(world.provisioning.export_kmes(
                        std::nullopt, "to B", [](const KmeRecord&) { throw Broken("the disk is full"); }),
                    Broken);
    CHECK(world.provisioning.audit(1).at(0).what == "export KMEs");  // some may have left
    CHECK(world.provisioning.kmes(std::nullopt, 100).size() == 10);
}

TEST_CASE("of several records of one key the last counts, however far apart they are",
          "[postgres][kme_transfer]") {
    PostgresWorld world;
    Made source(3'000, [](std::uint64_t number) {
        auto record = factory_key(number);
        if (number == 10) record.generation = 3;
        if (number == 2'500) return KmeRecord{device(10), 2, key_of(2), number + 1};
        if (number == 2'600) return KmeRecord{device(10), 3, key_of(3), number + 1};
        return record;
    });
    CHECK(world.provisioning.import_kmes(source, false, "keys").added == 2'999);
    const auto rows = world.provisioning.kmes(device(10), 10);
    REQUIRE(rows.size() == 2);
    CHECK(rows[0].generation == 2);
    CHECK(rows[0].state == "previous");
    CHECK(rows[1].state == "active");
    std::vector<KmeRecord> given;
    world.provisioning.export_kmes(ImeiRange::of(device(10)), "out",
                                   [&](const KmeRecord& record) { given.push_back(record); });
    REQUIRE(given.size() == 1);
    CHECK(given[0].key == key_of(3));
}

TEST_CASE("a million records with errors end with the first thousand of them",
          "[postgres][kme_transfer][R43]") {
    PostgresWorld world;
    std::uint64_t read = 0;
    Made bad(1'000'000, [&](std::uint64_t number) {
        read = number;
        return KmeRecord{device(number), 0, kme_key(1, 15), number + 1};
    });
    const auto result = world.provisioning.import_kmes(bad, false, "short keys");
    CHECK(result.errors.size() == limits::import_chunk_rows);
    CHECK(result.errors[0].line == 1);
    CHECK(result.errors[0].text == "a KME has 16 or 32 octets");
    CHECK(read < 2 * limits::import_chunk_rows);
}

TEST_CASE("imported keys are those of the bindings at once, and only a renewal leaves proven what was proven",
          "[postgres][kme_transfer][R2][I1]") {
    PostgresWorld world;
    must_put(world, {item(put_subscriber(imsi(known))), binding_of(Policy::kme, {device(5)})});
    Made first(10, factory_key);
    world.provisioning.import_kmes(first, false, "first");
    CHECK(reserved(world).subscription.kme->key == key_of(5));
    auto request = placed(1, device(5), 10);
    request.registration.verified = true;
    place(world, request);
    CHECK(view_of(world).registrations.mme->verified);
    Made second(10, [](std::uint64_t number) {
        return KmeRecord{device(number), 1, key_of(number + 100), number + 1};
    });
    CHECK(world.provisioning.import_kmes(second, true, "trial").added == 10);
    CHECK(view_of(world).registrations.mme->verified);
    CHECK(world.provisioning.import_kmes(second, false, "none left").added == 0);
    Made real(10, [](std::uint64_t number) {
        return KmeRecord{device(number), 1, key_of(number + 100), number + 1};
    });
    world.provisioning.import_kmes(real, false, "second");
    CHECK(reserved(world).subscription.kme->key == key_of(105));
    CHECK(view_of(world).registrations.mme->verified);
    Made other(10, [](std::uint64_t number) {
        return KmeRecord{device(number), 1, key_of(number + 200), number + 1};
    });
    world.provisioning.import_kmes(other, false, "third");
    CHECK_FALSE(view_of(world).registrations.mme->verified);
}

TEST_CASE("a key that is replaced in place stays the chosen one of its binding",
          "[postgres][kme_transfer][R2]") {
    PostgresWorld world;
    bind_by_key(world, true);
    signed_by(world, binding::Sign::proof, 0, await(world.store.find_kme(imsi(known), second)).value());
    CHECK(reserved(world).subscription.kme->key == kme_key(2));
    must_put(world, {item(store::PutKme{second, kme_key(7)})});
    CHECK(reserved(world).subscription.kme->key == kme_key(7));
    must_put(world, {item(store::PutKme{second, kme_key(8), 1})});
    CHECK(reserved(world).subscription.kme->key == kme_key(8));
}

TEST_CASE("nothing is left of a retired key but that it was there, and the key file still fits",
          "[postgres][kme_transfer][R9][R12]") {
    PostgresWorld world;
    must_put(world, {item(store::PutKme{own, kme_key(1)})});
    const auto kcv = world.provisioning.kmes(own, 1).at(0).kcv;
    must_put(world, {item(store::RetireKme{own, std::nullopt})});
    CHECK(world.database.query("SELECT octet_length(key) FROM kme WHERE id <> 0") == "0");
    CHECK(world.provisioning.kmes(own, 1).at(0).kcv == kcv);
    CHECK(world.provisioning.export_kmes(std::nullopt, "out", [](const KmeRecord&) {}) == 0);
    store::postgres::check_keys(world.database.url(), test_keys(), world.random, "keys");
    const auto other = crypto::KeyRing::of(9, secret<32>(0x33));
    CHECK_THROWS_AS(store::postgres::check_keys(world.database.url(), other, world.random, "keys"),
                    store::postgres::KeyMismatch);
    Made again(1, [](std::uint64_t) { return KmeRecord{own, 0, kme_key(1), 1}; });
    CHECK(world.provisioning.import_kmes(again, false, "back").errors.size() == 1);
}

TEST_CASE("neither audit nor errors hold a key", "[postgres][kme_transfer][R9]") {
    PostgresWorld world;
    const auto hex = to_hex(kme_key(0xab).view());
    world.provisioning.act_as("alice\n\x01");
    must_put(world, {item(store::PutKme{own, kme_key(0xab)}), item(put_subscriber(imsi(known)))});
    Made source(2, [](std::uint64_t number) { return KmeRecord{device(number), 0, kme_key(0xab), 1}; });
    world.provisioning.import_kmes(source, false, "f.kme");
    const auto rows = world.provisioning.audit(10);
    REQUIRE(rows.size() == 3);
    for (const auto& row : rows) {
        CHECK(row.who == "alice\\x0a\\x01");
        CHECK(row.detail.find(hex) == std::string::npos);
        CHECK(row.detail.find(std::string(16, 'c')) == std::string::npos);
    }
    CHECK(rows[2].detail.find(known) != std::string::npos);
    const auto dumped = world.database.query("SELECT string_agg(t::text, ' ') FROM (SELECT * FROM audit) t");
    CHECK(dumped.find(hex) == std::string::npos);
}
