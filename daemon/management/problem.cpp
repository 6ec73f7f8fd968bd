// SPDX-License-Identifier: Apache-2.0
#include "management/problem.h"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace bindhss::management {

http::Response Problem::response() const {
    boost::json::object body;
    body["type"] = "urn:bindhss:problem:" + std::string(kind_.name);
    body["title"] = http::reason_of(kind_.status);
    body["status"] = kind_.status;
    body["detail"] = what();
    if (!errors_.empty()) body["errors"] = errors_;
    http::Response response;
    response.status = kind_.status;
    response.media_type = "application/problem+json";
    response.body = boost::json::serialize(body);
    if (kind_.status == unauthenticated.status)
        response.fields.emplace_back("www-authenticate", "Bearer realm=\"bindhss\"");
    if (kind_.name == too_busy.name || kind_.name == database_away.name || kind_.name == database_busy.name)
        response.fields.emplace_back("retry-after", "1");
    return response;
}

}  // namespace bindhss::management
