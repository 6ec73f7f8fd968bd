// SPDX-License-Identifier: Apache-2.0
// Imports of more than one transaction: whole, interrupted, wrong in the middle.
#include <fmt/format.h>

#include "ctl/bulk_import.h"
#include "ctl/progress_bar.h"
#include "lossy_api.h"
#include "types/limits.h"

namespace bindhss {

using test::Fate;

namespace {

constexpr std::size_t fleet = 5'200;  // of each kind: two chunks

std::string imsi_of(std::size_t i) {
    return fmt::format("00101{:010}", i);
}

/// A folder for the files, and for what an import remembers.
struct Place {
    std::string path;
    Place() {
        path = (std::filesystem::temp_directory_path() / fmt::format("bindhss-bulk-{}", ::getpid())).string();
        std::filesystem::remove_all(path);
        std::filesystem::create_directories(path);
        ::setenv("XDG_STATE_HOME", (path + "/state").c_str(), 1);
    }
    ~Place() { std::filesystem::remove_all(path); }
    std::string write(const std::string& name, const std::string& text) const {
        std::ofstream(path + "/" + name) << text;
        return path + "/" + name;
    }
    /// Imports in the middle of which something happened.
    std::size_t interrupted() const {
        const auto folder = path + "/state/bindhss";
        if (!std::filesystem::exists(folder)) return 0;
        return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator(folder),
                                                      std::filesystem::directory_iterator()));
    }
};

struct Fleet {
    Place place;
    std::string bindings = "imsi,policy,devices\n";
    std::string devices = "imei\n";
    std::string subscribers = "imsi,k,opc\n";
    Fleet() {
        for (std::size_t i = 0; i < fleet; ++i) {
            const auto imei = fmt::format("358240{:08}", i);
            bindings += imsi_of(i) + ",imei_enforce," + imei + "\n";
            devices += imei + "\n";
            subscribers += imsi_of(i) + "," + test::k + "," + test::opc + "\n";
        }
    }
    /// In the order in which a shell names them: bindings first.
    std::vector<std::string> command() const {
        return {"import", place.write("b.csv", bindings), place.write("d.csv", devices),
                place.write("s.csv", subscribers)};
    }
};

struct Run {
    int code = 0;
    std::string out;
    std::string err;
};

Run run(test::LossyWorld& world, const std::vector<std::string>& arguments) {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    const auto code = ctl::run(arguments, {in, out, err}, test::lend_lossy(world));
    return {code, out.str(), err.str()};
}

std::size_t count(test::LossyWorld& world) {
    return world.store.subscribers(2 * fleet).size();
}

/// The number of the chunk that a request is; of others none that a chunk has.
std::uint64_t chunk_of(const http::Request& request) {
    for (const auto& [name, value] : request.fields)
        if (name == "idempotency-key") return std::stoull(value.substr(value.rfind('-') + 1));
    return UINT64_MAX;
}

/// A file that holds these, without being one.
class Held final : public ctl::ImportInput {
  public:
    explicit Held(std::vector<store::Item> items) : ImportInput("held"), items_(std::move(items)) {}
    void read(const Visit& visit, ctl::PieceDigest*) override {
        ctl::Reading reading;
        reading.items = items_;
        visit(reading);
    }

  private:
    std::vector<store::Item> items_;
};

ctl::ImportSurvey surveyed(std::vector<store::Item> items, bool keep_all = false) {
    std::vector<std::unique_ptr<ctl::ImportInput>> inputs;
    inputs.push_back(std::make_unique<Held>(std::move(items)));
    return ctl::survey(inputs, keep_all, [](std::uint64_t) {});
}

const std::string done = fmt::format("imported {0} subscribers, {0} devices, 0 keys, {0} bindings\n", fleet);

}  // namespace

TEST_CASE("import: a large one is stored in chunks, each kind behind those that it names") {
    const Fleet files;
    test::LossyWorld world;
    const auto result = run(world, files.command());
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.out == done);
    CHECK(result.err.empty());
    CHECK(count(world) == fleet);
    CHECK(world.changes == 3 * 2);
    const auto last = world.store.subscriber(*Imsi::parse(imsi_of(fleet - 1)));
    REQUIRE(last);
    CHECK(last->policy == binding::Policy::imei_enforce);
    CHECK(files.place.interrupted() == 0);
}

TEST_CASE("import: a request or an answer that is lost is no reason to stop, and nothing is stored twice") {
    const Fleet files;
    test::LossyWorld world;
    world.fate = [](std::uint64_t number, const http::Request&) {
        return number % 3 == 1 ? Fate::lost : number % 5 == 2 ? Fate::answer_lost : Fate::answered;
    };
    const auto result = run(world, files.command());
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.out == done);
    CHECK(count(world) == fleet);
    // A chunk that is asked for again is not stored again, so that the audit tells of each once.
    world.fate = {};
    std::size_t told = 0;
    for (const auto& row : world.store.audit(1'000))
        told += row.what.find("import") != std::string::npos ? 1 : 0;
    CHECK(told <= 6);
}

TEST_CASE("import: one that was interrupted goes on behind what was acknowledged") {
    const Fleet files;
    test::LossyWorld world;
    // A refusal ends it at once, as a kill would; five chunks are through by then, or on their way.
    world.fate = [](std::uint64_t number, const http::Request&) -> Fate {
        if (number >= 5) throw std::runtime_error("interrupted");
        return Fate::answered;
    };
    const auto first = run(world, files.command());
    CHECK(first.code == 1);
    CHECK(first.err.find("records are imported") != std::string::npos);
    REQUIRE(files.place.interrupted() == 1);
    const auto before = world.changes.load();
    CHECK(before == 5);

    world.fate = {};
    const auto second = run(world, files.command());
    INFO(second.err);
    CHECK(second.code == 0);
    CHECK(second.out == done);
    CHECK(second.err == "bindhssctl: going on with the import that was interrupted\n");
    CHECK(count(world) == fleet);
    // The last acknowledged chunk is asked about again, and those that were under way perhaps.
    CHECK(world.changes - before >= 6 - 5 + 1);
    CHECK(world.changes - before <= 6 - 5 + 1 + 3);
    CHECK(files.place.interrupted() == 0);
}

TEST_CASE("import: what was interrupted against another database begins anew there") {
    const Fleet files;
    test::LossyWorld world;
    world.fate = [](std::uint64_t number, const http::Request&) -> Fate {
        if (number >= 4) throw std::runtime_error("interrupted");
        return Fate::answered;
    };
    CHECK(run(world, files.command()).code == 1);
    test::LossyWorld other;
    // The API knows the keys, but no subscribers of the first chunks: this is another one.
    const auto result = run(other, files.command());
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.err.find("begins anew") != std::string::npos);
    CHECK(count(other) == fleet);
}

TEST_CASE("import: what a restored database refuses of an interrupted import has it begin anew") {
    const Fleet files;
    test::LossyWorld world;
    world.fate = [](std::uint64_t, const http::Request& request) -> Fate {
        if (chunk_of(request) == 5) throw std::runtime_error("interrupted");
        return Fate::answered;
    };
    CHECK(run(world, files.command()).code == 1);
    // The last chunk that was acknowledged holds bindings, and here are no subscribers.
    test::LossyWorld restored;
    const auto result = run(restored, files.command());
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.err.find("begins anew") != std::string::npos);
    CHECK(count(restored) == fleet);
}

TEST_CASE("import: where a thing comes twice, one chunk follows the other, and the last one counts") {
    Fleet files;
    files.subscribers = "imsi,k,opc,msisdn\n";
    for (std::size_t i = 0; i < 3 * fleet; ++i)
        files.subscribers += imsi_of(i % fleet) + "," + test::k + "," + test::opc +
                             fmt::format(",49{}{:08}\n", 1 + i / fleet, i % fleet);
    test::LossyWorld world;
    std::vector<std::uint64_t> asked;
    world.fate = [&asked](std::uint64_t number, const http::Request& request) {
        asked.push_back(chunk_of(request));
        return number % 4 == 0 ? Fate::lost : number % 4 == 2 ? Fate::answer_lost : Fate::answered;
    };
    const auto result = run(world, files.command());
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(std::is_sorted(asked.begin(), asked.end()));
    CHECK(asked.size() > 8);
    for (const auto i : {std::size_t{0}, fleet / 2, fleet - 1})
        CHECK(world.store.subscriber(*Imsi::parse(imsi_of(i)))->msisdn == fmt::format("493{:08}", i));
}

TEST_CASE("import: a survey tells whether anything comes twice") {
    const auto imsi = *Imsi::parse("001010000000001");
    const Imei imei = *Imei::parse("35824005111111");
    const store::PutMember member{imsi, "a"};
    CHECK_FALSE(surveyed({{member, 1}, {store::PutMember{imsi, "b"}, 2}}).repeats);
    CHECK(surveyed({{member, 1}, {store::PutMember{imsi, "a", false}, 2}}).repeats);
    // Of keys the order of generations counts too.
    const store::PutKme factory{imei, SecretString(OctetString(16, 'x')), 0};
    const store::PutKme next{imei, SecretString(OctetString(16, 'y')), 1};
    CHECK(surveyed({{factory, 1}, {next, 2}}).repeats);
    // Of rules that say the same the comment of the last is kept.
    store::PutRule rule;
    rule.rule.comment = "first";
    auto same = rule;
    same.rule.comment = "last";
    auto other = rule;
    other.rule.allow = false;
    CHECK(surveyed({{rule, 1}, {same, 2}}).repeats);
    CHECK_FALSE(surveyed({{rule, 1}, {other, 2}}).repeats);
}

TEST_CASE("import: a file that changes while it is imported stops it") {
    const Fleet files;
    const auto change = GENERATE(as<std::string>{}, "fewer", "more", "wrong");
    INFO(change);
    const auto command = files.command();
    test::LossyWorld world;
    world.fate = [&](std::uint64_t number, const http::Request&) {
        auto text = files.bindings;
        if (change == "fewer") text.erase(text.rfind('\n', text.size() - 2) + 1);
        if (change == "more") text += text.substr(text.rfind('\n', text.size() - 2) + 1);
        if (change == "wrong") text.replace(text.rfind("imei_enforce"), 12, "imei_enfolds");
        if (number == 0) files.place.write("b.csv", text);
        return Fate::answered;
    };
    const auto result = run(world, command);
    CHECK(result.code == 1);
    CHECK(result.out.empty());
    CHECK(result.err.find(command[1] + " has changed while it was imported") != std::string::npos);
    CHECK(files.place.interrupted() == 1);
}

TEST_CASE("import: a few records that are too large for one request go in chunks") {
    std::vector<store::Item> items;
    for (std::uint64_t i = 0; i <= limits::api_change_octets_max >> 20U; ++i) {
        const auto imei = *Imei::parse(fmt::format("358240{:08}", i));
        store::PutDevice put{ImeiRange{imei, imei}};
        put.comment = std::string(1U << 20U, 'x');
        items.push_back({std::move(put), i + 1});
    }
    const auto large = surveyed(items);
    CHECK_FALSE(large.whole);
    CHECK(large.items == items.size());
    const auto kept = surveyed(items, true);
    CHECK(kept.whole);
    CHECK(kept.octets > limits::api_change_octets_max);
    items.resize(1, items.front());
    CHECK(surveyed(items).whole);
}

TEST_CASE("import: --atomic refuses what is too large for one request, and stores nothing") {
    const Fleet files;
    std::string text = "imsi,k,opc\n";
    for (std::size_t i = 0; i < 150'000; ++i) text += imsi_of(i) + "," + test::k + "," + test::opc + "\n";
    test::LossyWorld world;
    const auto result = run(world, {"import", "--atomic", files.place.write("many.csv", text)});
    CHECK(result.code == 1);
    CHECK(result.err.find("--atomic takes what fits into one request of the API, 16 MiB") !=
          std::string::npos);
    CHECK(world.requests == 0);
}

TEST_CASE(
    "import: one line says that it cannot be remembered how far a large one came, and what that costs") {
    const Fleet files;
    // Modes do not keep root from writing: a file stands where the folder would, and /proc takes no files.
    const auto blocked = files.place.write("file", "");
    const auto unwritable = files.place.path + "/unwritable";
    std::filesystem::create_directories(unwritable);
    std::filesystem::create_symlink("/proc/self", unwritable + "/bindhss");
    for (const auto& [folder, why] :
         {std::pair{blocked, blocked + "/bindhss cannot be made: Not a directory"},
          std::pair{unwritable, unwritable + "/bindhss cannot be written: No such file or directory"}}) {
        INFO(folder);
        ::setenv("XDG_STATE_HOME", folder.c_str(), 1);
        test::LossyWorld world;
        const auto result = run(world, files.command());
        CHECK(result.code == 0);
        CHECK(result.out == done);
        CHECK(result.err == "warning: " + why +
                                "; so it is kept nowhere how far this import comes: after an interruption it "
                                "begins anew. Name a folder with XDG_STATE_HOME\n");
    }
    ::setenv("XDG_STATE_HOME", (files.place.path + "/state").c_str(), 1);
}

TEST_CASE("import: --restart forgets what was interrupted") {
    const Fleet files;
    test::LossyWorld world;
    world.fate = [](std::uint64_t number, const http::Request&) -> Fate {
        if (number >= 4) throw std::runtime_error("interrupted");
        return Fate::answered;
    };
    CHECK(run(world, files.command()).code == 1);
    world.fate = {};
    world.changes = 0;
    auto command = files.command();
    command.emplace_back("--restart");
    const auto result = run(world, command);
    CHECK(result.code == 0);
    CHECK(result.err.empty());
    CHECK(world.changes == 6);
}

TEST_CASE("import: a large file with a line that is wrong stores nothing") {
    Fleet files;
    files.subscribers += "x," + test::k + "," + test::opc + "\n";
    test::LossyWorld world;
    const auto command = files.command();
    const auto result = run(world, command);
    CHECK(result.code == 1);
    CHECK(result.err ==
          fmt::format("{}:{}: imsi 'x' is not 6 to 15 digits\nbindhssctl: nothing was imported: "
                      "1 error\n",
                      command[3], fleet + 2));
    CHECK(world.requests == 0);
    CHECK(count(world) == 0);
}

TEST_CASE("import: what the API alone can tell stops a large import, and says where and what is stored") {
    Fleet files;
    files.bindings += "001019999999999,imei_enforce,35824000000001\n";
    test::LossyWorld world;
    const auto command = files.command();
    const auto result = run(world, command);
    CHECK(result.code == 1);
    CHECK(result.err.find(fmt::format("{}:{}: ", command[1], fleet + 2)) == 0);
    CHECK(result.err.find("the import has stopped: 1 error in a chunk of 201") != std::string::npos);
    CHECK(count(world) == fleet);
    CHECK(files.place.interrupted() == 1);
    // Mended where the mistake was, the same command goes on.
    REQUIRE(world.store.apply({{store::PutSubscriber{*Imsi::parse("001019999999999"), AkaKeys{}}, 0}}, false)
                .empty() == false);
}

TEST_CASE("import: a dry run of a large one stores nothing") {
    const Fleet files;
    test::LossyWorld world;
    auto command = files.command();
    command.emplace_back("--dry-run");
    const auto result = run(world, command);
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(result.out == "would " + done.substr(0, 6) + done.substr(8));
    CHECK(count(world) == 0);
    CHECK(files.place.interrupted() == 0);
}

TEST_CASE("import: --atomic is one transaction, however much it is") {
    const Fleet files;
    test::LossyWorld world;
    auto command = files.command();
    command.emplace_back("--atomic");
    const auto result = run(world, command);
    INFO(result.err);
    CHECK(result.code == 0);
    CHECK(world.changes == 1);
    CHECK(count(world) == fleet);
}

TEST_CASE("import: what builds upon what is the order of a large import") {
    using ctl::Phase;
    CHECK(ctl::builds_upon(Phase::bindings, Phase::subscribers));
    CHECK(ctl::builds_upon(Phase::kmes, Phase::devices));
    CHECK_FALSE(ctl::builds_upon(Phase::subscribers, Phase::devices));
    for (std::size_t later = 0; later < ctl::phases; ++later)
        for (std::size_t earlier = later; earlier < ctl::phases; ++earlier)
            CHECK_FALSE(ctl::builds_upon(static_cast<Phase>(later), static_cast<Phase>(earlier)));
}

TEST_CASE("import: the progress tells rate and time left, on a terminal alone") {
    std::istringstream in;
    std::ostringstream out;
    std::ostringstream err;
    ctl::Streams plain{in, out, err};
    ctl::ProgressBar bar(plain, "imported", "records", 4'000);
    CHECK(bar.line(1'000, std::chrono::milliseconds(2'000), "") ==
          "imported [======>                 ]  25 %  1000 of 4000 records  500/s  6s left");
    CHECK(bar.line(4'000, std::chrono::milliseconds(8'000), "") ==
          "imported [========================] 100 %  4000 of 4000 records  500/s");
    CHECK(bar.line(0, std::chrono::milliseconds(8'000), "waiting for the API") ==
          "imported [>                       ]   0 %  0 of 4000 records  waiting for the API");
    bar.show(10);
    bar.count(10);
    CHECK(err.str().empty());
    CHECK(ctl::duration_text(std::chrono::seconds(3'725)) == "1h02m");
    CHECK(ctl::duration_text(std::chrono::seconds(125)) == "2m05s");
}

}  // namespace bindhss
