// SPDX-License-Identifier: Apache-2.0
#include <fcntl.h>

#include "alarm/log_outlet.h"
#include "alarm/outlet_world.h"
#include "alarm_outlets/json_lines.h"

using namespace bindhss;
using namespace bindhss::test;

namespace {

std::vector<std::string> lines_of(const std::string& path) {
    std::ifstream file(path);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    return lines;
}

struct FileWorld : OutletWorld {
    explicit FileWorld(const std::string& name = "alarms.jsonl")
        : path(folder.path(name)),
          outlet(std::make_shared<alarm::JsonLines>(io.get_executor(), courier("json_lines"), path,
                                                    "hss.example", log())) {}
    void tell(const std::string& detail) { outlet->tell(notice_of(detail)); }
    void delivered() {
        wait_until([this] { return outlet->waiting() == 0; });
    }
    std::string path;
    std::shared_ptr<alarm::JsonLines> outlet;
};

}  // namespace

TEST_CASE("alarms are lines of a file, in their order, appended to what is there") {
    FileWorld world;
    std::ofstream(world.path) << "before\n";
    for (int i = 0; i < 500; ++i) world.tell(std::to_string(i));
    world.delivered();
    const auto lines = lines_of(world.path);
    REQUIRE(lines.size() == 501);
    CHECK(lines[0] == "before");
    for (int i = 0; i < 500; ++i)
        CHECK(lines[static_cast<std::size_t>(i) + 1] ==
              alarm::json_of(notice_of(std::to_string(i)), "hss.example"));
    CHECK(world.outlet->delivered() == 500);
    CHECK(world.outlet->dropped() == 0);
}

TEST_CASE("a file of alarms is not for everybody, and no child process inherits it") {
    FileWorld world;
    world.tell("1");
    world.delivered();
    struct stat status {};
    REQUIRE(::stat(world.path.c_str(), &status) == 0);
    CHECK((status.st_mode & 0007) == 0);
    bool found = false;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
        std::error_code gone;
        if (std::filesystem::read_symlink(entry.path(), gone) != world.path) continue;
        found = true;
        CHECK((::fcntl(std::stoi(entry.path().filename()), F_GETFD) & FD_CLOEXEC) != 0);
    }
    CHECK(found);
}

TEST_CASE("a file that was rotated, by renaming, removing or truncating, is made anew") {
    FileWorld world;
    world.tell("1");
    world.delivered();
    std::filesystem::rename(world.path, world.path + ".1");
    world.tell("2");
    world.delivered();
    CHECK(lines_of(world.path + ".1").size() == 1);
    CHECK(lines_of(world.path).size() == 1);
    std::filesystem::remove(world.path);
    world.tell("3");
    world.delivered();
    CHECK_THAT(lines_of(world.path).at(0), Catch::Contains(R"("detail":"3")"));
    std::filesystem::resize_file(world.path, 0);
    world.tell("4");
    world.delivered();
    CHECK_THAT(lines_of(world.path).at(0), Catch::Contains(R"("detail":"4")"));
    world.outlet->reopen();
    world.tell("5");
    world.delivered();
    CHECK(lines_of(world.path).size() == 2);
}

TEST_CASE("a file that cannot be written is told of once, and gets everything when it can") {
    FileWorld world("absent/alarms.jsonl");
    for (int i = 0; i < 3; ++i) world.tell(std::to_string(i));
    wait_until([&] { return world.times_logged("alarm_outlet_failed") > 0; });
    std::this_thread::sleep_for(200ms);  // several attempts
    CHECK(world.outlet->waiting() == 3);
    CHECK(world.times_logged("alarm_outlet_failed") == 1);
    CHECK_THAT(world.logged(), Catch::Contains("cannot be opened: No such file or directory"));
    std::filesystem::create_directory(world.folder.path("absent"));
    world.delivered();
    CHECK(lines_of(world.path).size() == 3);
    wait_until([&] { return world.times_logged("alarm_outlet_works") == 1; });
}

TEST_CASE("a full disk neither tears a line for good nor loses one") {
    // The one file that is always full.
    OutletWorld world;
    const auto outlet = std::make_shared<alarm::JsonLines>(
        world.io.get_executor(), OutletWorld::courier("json_lines"), "/dev/full", "hss.example", world.log());
    outlet->tell(notice_of("1"));
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    CHECK_THAT(world.logged(), Catch::Contains("cannot be written: No space left on device"));
    CHECK(outlet->waiting() == 1);
}

TEST_CASE("what comes on top of the queue is dropped and counted, and threads may tell at once") {
    OutletWorld world;
    auto settings = OutletWorld::courier("json_lines");
    settings.waiting_max = 10;
    const auto path = world.folder.path("absent/alarms.jsonl");
    const auto outlet = std::make_shared<alarm::JsonLines>(world.io.get_executor(), settings, path,
                                                           "hss.example", world.log());
    outlet->tell(notice_of("first"));
    wait_until([&] { return world.times_logged("alarm_outlet_failed") == 1; });
    {
        std::vector<std::jthread> threads;
        for (int t = 0; t < 4; ++t)
            threads.emplace_back([&outlet] {
                for (int i = 0; i < 100; ++i) outlet->tell(notice_of("x"));
            });
    }
    CHECK(outlet->waiting() == 10);
    CHECK(outlet->dropped() == 391);
    std::filesystem::create_directory(world.folder.path("absent"));
    wait_until([&] { return outlet->waiting() == 0; });
    CHECK(lines_of(path).size() == 10);
    wait_until([&] {
        return world.times_logged(R"("event":"alarm_outlet_works","outlet":"json_lines","dropped":391)") == 1;
    });
}
