// SPDX-License-Identifier: Apache-2.0
// What outlets need in tests: a thread for their work, a log that can be read, and alarms.
#pragma once

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <catch2/catch.hpp>
#include <sstream>
#include <thread>

#include "alarm_outlets/courier.h"
#include "s6a/certificates.h"

namespace bindhss::test {

using namespace std::chrono_literals;

/// Until it is so; fails the test when it takes longer than anything here should.
template <class Condition>
void wait_until(Condition condition) {
    const auto end = std::chrono::steady_clock::now() + 30s;
    while (!condition()) {
        REQUIRE(std::chrono::steady_clock::now() < end);
        std::this_thread::sleep_for(2ms);
    }
}

inline alarm::Notice notice_of(const std::string& detail) {
    alarm::Notice notice;
    notice.alarm = {alarm::Id::pair_unauthorised,
                    Imsi::parse("001010000000001"),
                    Imei::parse("35824005000001"),
                    "mme1.example",
                    detail,
                    WallTime{1'700'000'000'123ms}};
    notice.severity = alarm::Severity::major;
    notice.text = "A text.";
    return notice;
}

class OutletWorld {
  public:
    OutletWorld() : logger_({log::Level::info, log::Format::json, folder.path("log")}) {
        thread_ = std::jthread([this] { io.run(); });
    }
    ~OutletWorld() { stop(); }
    OutletWorld(const OutletWorld&) = delete;
    OutletWorld& operator=(const OutletWorld&) = delete;
    void stop() {
        io.stop();
        if (thread_.joinable()) thread_.join();
    }

    static alarm::CourierSettings courier(const std::string& name) { return {name, 1'024, 20ms, 100ms}; }
    log::Logger& log() { return logger_; }
    /// What was logged so far.
    [[nodiscard]] std::string logged() {
        logger_.flush();
        std::ostringstream text;
        text << std::ifstream(folder.path("log")).rdbuf();
        return text.str();
    }
    [[nodiscard]] std::size_t times_logged(const std::string& event) {
        const auto text = logged();
        std::size_t times = 0;
        for (auto at = text.find(event); at != std::string::npos; at = text.find(event, at + 1)) ++times;
        return times;
    }

    Folder folder;
    boost::asio::io_context io;

  private:
    boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{io.get_executor()};
    log::Logger logger_;
    std::jthread thread_;
};

}  // namespace bindhss::test
