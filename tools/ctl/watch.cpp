// SPDX-License-Identifier: Apache-2.0
#include "ctl/watch.h"

#include <sstream>

#include "ctl/time_text.h"

namespace bindhss::ctl {

void watch(Context& context, int seconds, const std::function<void(Context&)>& show) {
    auto& io = context.io;
    for (bool first = true;; first = false) {
        // Drawn at once when it is whole: a terminal that is cleared first flickers.
        std::ostringstream drawn;
        {
            Streams streams{io.in, drawn, io.out_terminal ? drawn : io.err};
            Context inner{context.store, context.device_keys, streams};
            inner.json = context.json;
            inner.limit = context.limit;
            inner.who = context.who;
            inner.judge = context.judge;
            inner.form = context.form;
            inner.api = context.api;
            inner.now = context.now;
            inner.pause = context.pause;
            try {
                show(inner);
            } catch (const std::exception& error) {
                if (first) throw;
                streams.err << "bindhssctl: " << error.what() << '\n';
            }
        }
        if (io.out_terminal) io.out << "\x1b[H\x1b[2J" << time_text(context.now()) << "\n\n";
        if (!io.out_terminal && !first && context.form == Form::table) io.out << '\n';
        if (!(io.out << drawn.str()).flush()) throw Refused("the output cannot be written");
        context.pause(std::chrono::seconds(seconds));
    }
}

}  // namespace bindhss::ctl
