// SPDX-License-Identifier: Apache-2.0
// Operators who decide while an import runs.
#include <catch2/catch.hpp>
#include <future>
#include <pqxx/pqxx>

#include "store/binding_world.h"

using namespace bindhss;
using namespace bindhss::test;
using namespace std::chrono_literals;
using binding::Policy;

namespace {

/// An import that goes on until the end of this.
struct RunningImport {
    pqxx::connection connection;
    pqxx::work transaction{connection};
    explicit RunningImport(const PostgresWorld& world) : connection(world.database.url()) {
        transaction.exec("SELECT pg_advisory_xact_lock(4784062463441199922)");
    }
};

/// false: they wait for it. Then it is ended, so that they end too.
bool stored_beside(PostgresWorld& world, std::optional<RunningImport>& import,
                   const std::vector<store::Item>& items) {
    auto stored = std::async(std::launch::async, [&] { must_put(world, items); });
    const bool in_time = stored.wait_for(30s) == std::future_status::ready;
    if (!in_time) import.reset();
    stored.get();
    return in_time;
}

}  // namespace

TEST_CASE("operators lock, unlock, authorise and refuse while an import runs", "[postgres][decision][R14]") {
    PostgresWorld world;
    must_put(world, {item(put_subscriber(imsi(known))), item(store::PutKme{own, kme_key(1)}),
                     binding_of(Policy::kme)});
    std::optional<RunningImport> import(std::in_place, world);
    CHECK(stored_beside(world, import, {item(store::SetLock{imsi(known), true})}));
    CHECK(view_of(world).binding.locked);
    CHECK(stored_beside(world, import, {item(store::SetLock{imsi(known), false})}));
    CHECK_FALSE(view_of(world).binding.locked);
    CHECK(stored_beside(world, import, {item(store::AuthoriseDevice{imsi(known), own})}));
    CHECK(allowed(world, own) == true);
    CHECK(reserved(world).subscription.kme->key == kme_key(1));
    CHECK(stored_beside(world, import, {item(store::RefuseDevice{imsi(known), second})}));
    CHECK(allowed(world, second) == false);
}

TEST_CASE("what an import did not see of a decision beside it is settled after its end",
          "[postgres][decision][R14]") {
    PostgresWorld world;
    must_put(world, {item(put_subscriber(imsi(known))), item(store::PutKme{own, kme_key(1)}),
                     binding_of(Policy::kme)});
    std::optional<RunningImport> import(std::in_place, world);
    CHECK(stored_beside(world, import, {item(store::AuthoriseDevice{imsi(known), own})}));
    // As an import leaves it that has not seen the device on the list.
    world.database.query("UPDATE auc SET kme_id = 0");
    import.reset();
    CHECK(refused(world, request(imsi(known))) == Cause::kme_missing);
    must_put(world, {item(store::SetLock{imsi(known), false})});
    CHECK(reserved(world).subscription.kme->key == kme_key(1));
    // Once.
    world.database.query("UPDATE auc SET kme_id = 0");
    must_put(world, {item(store::SetLock{imsi(known), false})});
    CHECK(refused(world, request(imsi(known))) == Cause::kme_missing);
}
