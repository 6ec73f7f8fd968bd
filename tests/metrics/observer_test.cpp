// SPDX-License-Identifier: Apache-2.0
#include "app/observer.h"

#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

namespace bindhss {

namespace {

using Catch::Contains;
using namespace std::chrono_literals;
using procedure::Decision;
using procedure::Note;

const Imsi alice = *Imsi::parse("001010000000001");

std::string page_of(const Observer& observer) {
    metrics::Page page;
    observer.put(page);
    return page.text();
}

diameter::ServedRequest air(const Failure* failure = nullptr) {
    diameter::ServedRequest request;
    request.command = "AIR";
    request.imsi = alice.digits();
    request.session = "mme1;1;2";
    request.peer = "mme1";
    request.origin_host = "mme1";
    request.failure = failure;
    request.took = 1'500us;
    return request;
}

}  // namespace

TEST_CASE("requests are counted by what they were answered with, and those that are not answered yet") {
    const SystemClock clock;
    Observer observer(clock);
    observer.begins();
    observer.begins();
    observer.begins();
    observer.served(air());
    const auto unknown = fail(Cause::user_unknown, "nobody has this card");
    observer.served(air(&unknown));
    const auto page = page_of(observer);
    CHECK_THAT(page, Contains("bindhss_s6a_requests_in_flight 1\n"));
    CHECK_THAT(page, Contains("bindhss_s6a_requests_total{command=\"AIR\",result=\"DIAMETER_SUCCESS\"} 1\n"));
    CHECK_THAT(
        page,
        Contains("bindhss_s6a_requests_total{command=\"AIR\",result=\"DIAMETER_ERROR_USER_UNKNOWN\"} 1\n"));
    CHECK_THAT(page, Contains("bindhss_s6a_request_seconds_count{command=\"AIR\"} 2\n"));
    CHECK_THAT(page, !Contains(alice.str()));
}

TEST_CASE("a request, its decision and its alarm have one session in the journal") {
    const SystemClock clock;
    Observer observer(clock);
    const Note notes[] = {{"policy", "kme"}, {"proof", true}};
    observer.decided({Decision::Kind::access, alice, "mme1;1;2", "mme1", "refused", false, notes});
    alarm::Notice notice;
    notice.alarm = {alarm::Id::pair_unauthorised, alice,      std::nullopt, "mme1",
                    "no rule allows it",          clock.now()};
    notice.alarm.session = "mme1;1;2";
    observer.tell(notice);
    const auto failure = fail(Cause::authorization_rejected, "the binding does not admit this access");
    observer.served(air(&failure));
    const auto events = observer.journal().events(0, alice, 10);
    REQUIRE(events.size() == 3);
    for (const auto& event : events) CHECK(event.at("session").as_string() == "mme1;1;2");
    CHECK(events[0].at("event").as_string() == "access");
    CHECK(events[0].at("outcome").as_string() == "refused");
    CHECK(events[0].at("proof").as_bool());
    CHECK(events[1].at("alarm").as_string() == "pair_unauthorised");
    CHECK(events[2].at("reason").as_string() == "the binding does not admit this access");
}

TEST_CASE("decisions are counted by kind, and names that nobody knows share one counter") {
    const SystemClock clock;
    Observer observer(clock);
    const auto decide = [&](Decision::Kind kind, std::string_view outcome, std::string_view key,
                            std::string_view value) {
        const Note notes[] = {{key, value}};
        observer.decided({kind, alice, "", "mme1", outcome, false, notes});
    };
    decide(Decision::Kind::access, "admitted", "policy", "kme+imei");
    decide(Decision::Kind::access, "admitted", "policy", "kme+imei");
    decide(Decision::Kind::device, "refused", "policy", "off");
    decide(Decision::Kind::evidence, "locked", "sign", "strong_against");
    decide(Decision::Kind::exchange, "established", "way", "s6a");
    decide(Decision::Kind::exchange, "of a later version", "way", "pigeon");
    decide(Decision::Kind::resync, "accepted", "under", "kme");
    const Note vectors[] = {{"kind", "regular"}, {"eutran", 3}, {"utran", 2}};
    observer.decided({Decision::Kind::vectors, alice, "", "mme1", "issued", true, vectors});
    const auto page = page_of(observer);
    CHECK_THAT(page,
               Contains("bindhss_access_decisions_total{policy=\"kme+imei\",outcome=\"admitted\"} 2\n"));
    CHECK_THAT(page, Contains("bindhss_device_decisions_total{policy=\"off\",outcome=\"refused\"} 1\n"));
    CHECK_THAT(page, Contains("bindhss_evidence_total{sign=\"strong_against\",outcome=\"locked\"} 1\n"));
    CHECK_THAT(page, Contains("bindhss_key_exchanges_total{way=\"s6a\",outcome=\"established\"} 1\n"));
    CHECK_THAT(page, Contains("bindhss_key_exchanges_total{way=\"other\",outcome=\"other\"} 1\n"));
    CHECK_THAT(page, Contains("bindhss_resyncs_total{outcome=\"accepted\"} 1\n"));
    CHECK_THAT(page, Contains("bindhss_vectors_issued_total{kind=\"regular\"} 5\n"));
}

TEST_CASE("the head-room of SEQ is that of the card that has the least") {
    const SystemClock clock;
    Observer observer(clock);
    CHECK(observer.sequence_used() == 0);
    observer.sequence_reserved(Sqn::seq_issue_max / 2);
    observer.sequence_reserved(5);
    CHECK(observer.sequence_used() == Approx(0.5));
}

}  // namespace bindhss
