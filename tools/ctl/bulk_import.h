// SPDX-License-Identifier: Apache-2.0
// An import of more than one transaction: chunk after chunk through POST /v1/changes, with memory for a few
// chunks alone, and so that it goes on where it was interrupted.
#pragma once

#include "ctl/api_client.h"
#include "ctl/import_state.h"
#include "ctl/import_survey.h"

namespace bindhss::ctl {

struct BulkImport {
    Context& context;
    const std::vector<std::unique_ptr<ImportInput>>& inputs;
    const ImportSurvey& survey;
};

/// Stores everything; each chunk has an idempotency key, so that none is stored twice although its answer was
/// lost. An API that does not answer is waited for. Throws Refused (with "file:line: what" on the error
/// stream: what stood in the chunks before is stored) and store::Unavailable (the same import goes on from
/// there).
void import_in_chunks(const BulkImport& import, ImportState& state);

/// Has the API check what it can check of a large import without storing any: the kinds that build upon
/// nothing else in the files. Throws as import_in_chunks() does.
void check_in_chunks(const BulkImport& import);

/// What names an import: its contents, and the API that it goes to.
[[nodiscard]] Octets<32> identity_of(const ImportSurvey& survey, const ApiClient& api);

}  // namespace bindhss::ctl
