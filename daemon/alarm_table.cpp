// SPDX-License-Identifier: Apache-2.0
#include "alarm_table.h"

#include <boost/asio/co_spawn.hpp>

#include "types/limits.h"

namespace bindhss {

void AlarmTable::raise(const alarm::Alarm& alarm) noexcept {
    if (waiting_.fetch_add(1) >= limits::alarm_queue_max) {
        --waiting_;
        ++dropped_;
        return;
    }
    try {
        boost::asio::co_spawn(executor_, store_.record_alarm(alarm),
                              [this](const std::exception_ptr& failed) {
                                  --waiting_;
                                  if (failed) ++dropped_;
                              });
    } catch (const std::exception&) {  // no memory for one more coroutine: the log has the alarm
        --waiting_;
        ++dropped_;
    }
}

}  // namespace bindhss
