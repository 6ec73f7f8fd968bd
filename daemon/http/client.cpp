// SPDX-License-Identifier: Apache-2.0
#include "http/client.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "http/answer.h"
#include "net/connection.h"

namespace bindhss::http {

namespace asio = boost::asio;

namespace {

/// REQUIRES: it runs on `strand`.
asio::awaitable<std::variant<Response, std::string>> converse(asio::any_io_executor strand, Asking where,
                                                              Request request) {
    net::Connection connection(strand);
    connection.deadline(where.deadline);
    auto problem = co_await connection.open(where.host, where.port, where.tls);
    auto octets = wire_of(request, where.authority, false);
    if (problem.empty()) {
        problem = co_await connection.send(octets);
    }
    octets.clear();
    Answer answer(where.answer_octets_max, where.body_wanted);
    while (problem.empty() && !answer.complete()) {
        const auto before = octets.size();
        problem = co_await connection.receive(&octets);
        if (!problem.empty()) break;
        if (octets.size() == before) octets.clear();
        problem = answer.take(octets);
    }
    if (problem.empty()) co_return answer.response();
    co_return where.authority + ": " + problem;
}

}  // namespace

asio::awaitable<std::variant<Response, std::string>> ask(asio::any_io_executor executor, Asking where,
                                                         Request request) {
    const asio::any_io_executor strand = asio::make_strand(executor);
    auto work = converse(strand, std::move(where), std::move(request));
    co_return co_await asio::co_spawn(strand, std::move(work), asio::use_awaitable);
}

}  // namespace bindhss::http
