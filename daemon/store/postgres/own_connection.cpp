// SPDX-License-Identifier: Apache-2.0
#include "store/postgres/own_connection.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "store/overdue.h"
#include "store/postgres/conninfo.h"
#include "store/postgres/session.h"

namespace bindhss::store::postgres {

namespace {

constexpr std::string_view cancelled = "57014";  // by its timeout, or by somebody
constexpr std::chrono::milliseconds check_interval{1'000};

std::string seconds_of(std::chrono::milliseconds time) {
    return std::to_string(std::chrono::ceil<std::chrono::seconds>(time).count()) + " s";
}

/// Also in the middle of a commit, which the server may have carried out.
Overdue stopped() {
    return {Overdue::Why::stopped, "the daemon ends; whether the change was stored is not known"};
}

}  // namespace

void Breaker::stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    if (descriptor_ >= 0) ::shutdown(descriptor_, SHUT_RDWR);
}

bool Breaker::stopped() const {
    const std::lock_guard lock(mutex_);
    return stopped_;
}

Breaker::Watch::Watch(Breaker* breaker, int descriptor) : breaker_(breaker) {
    if (breaker_ == nullptr) return;
    const std::lock_guard lock(breaker_->mutex_);
    if (breaker_->stopped_) throw postgres::stopped();
    breaker_->descriptor_ = descriptor;
}

Breaker::Watch::~Watch() {
    if (breaker_ == nullptr) return;
    const std::lock_guard lock(breaker_->mutex_);
    breaker_->descriptor_ = -1;
}

SecondDescriptor::SecondDescriptor(int descriptor) : number_(::fcntl(descriptor, F_DUPFD_CLOEXEC, 0)) {}

SecondDescriptor::~SecondDescriptor() {
    if (number_ >= 0) ::close(number_);
}

OwnConnection::OwnConnection(const std::string& url, std::string_view application, Bounds bounds)
    : conninfo_(complete_conninfo(url, application)), bounds_(std::move(bounds)) {}

bool OwnConnection::met_bounds(const pqxx::sql_error& error) {
    return error.sqlstate() == cancelled || waited_for_lock(error);
}

bool OwnConnection::lives() noexcept {
    if (!connection_) return false;
    try {
        const Breaker::Watch watch(bounds_.breaker.get(), descriptor_.number());
        pqxx::nontransaction(*connection_).exec("SELECT 1");
        return true;
    } catch (const std::exception&) {
        return false;
    }
}

void OwnConnection::connect() {
    connection_.reset();
    if (bounds_.breaker && bounds_.breaker->stopped()) throw stopped();
    connection_ = std::make_unique<pqxx::connection>(conninfo_);
    // A connection that libpqxx makes anew by itself would have no bounds.
    forbid_reconnecting(*connection_);
    descriptor_ = SecondDescriptor(connection_->sock());
    const Breaker::Watch watch(bounds_.breaker.get(), descriptor_.number());
    set_up();
}

void OwnConnection::set_up() {
    const auto set = [this](const std::string& name, std::chrono::milliseconds time) {
        if (time.count() > 0)
            pqxx::nontransaction(*connection_).exec("SET " + name + " = " + std::to_string(time.count()));
    };
    set("statement_timeout", bounds_.statement);
    set("lock_timeout", bounds_.lock_wait);
    if (!bounds_.breaker) return;
    try {
        // So that the server ends the statement of a connection that was broken off, and lets go of its
        // locks.
        set("client_connection_check_interval", check_interval);
    } catch (const pqxx::sql_error&) {  // before PostgreSQL 14: it notices when the statement is through
    }
}

void OwnConnection::give_up(const std::exception& error) {
    connection_.reset();
    descriptor_ = SecondDescriptor();
    if (bounds_.breaker && bounds_.breaker->stopped()) throw stopped();
    const auto* sql = dynamic_cast<const pqxx::sql_error*>(&error);
    if (sql != nullptr && sql->sqlstate() == cancelled && bounds_.statement.count() > 0) {
        throw Overdue(Overdue::Why::statement, "the database took longer than " +
                                                   seconds_of(bounds_.statement) + "; nothing was stored");
    }
    if (sql != nullptr && waited_for_lock(*sql)) {
        throw Overdue(Overdue::Why::lock,
                      "another change is under way that this one would have to wait for longer than " +
                          seconds_of(bounds_.lock_wait) + "; nothing was stored");
    }
    throw Unavailable("the database cannot be used: " + describe(error));
}

}  // namespace bindhss::store::postgres
