// SPDX-License-Identifier: Apache-2.0
#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "subscription/document.h"

namespace bindhss {

TEST_CASE("Every field that a document may have stands in the manual as it is") {
    std::ostringstream manual;
    manual << std::ifstream(BINDHSS_SOURCE_DIR "/docs/subscription.md").rdbuf();
    for (const auto& field : subscription::document_fields()) {
        const auto name = field.required ? "**`" + field.name + "`**" : "`" + field.name + "`";
        const auto row =
            "| " + name + " | " + field.clause + " | " + field.type + " | " + field.meaning + " |\n";
        CHECK_THAT(manual.str(), Catch::Contains(row));
    }
}

}  // namespace bindhss
