// SPDX-License-Identifier: Apache-2.0
// A Unix socket that is listened on.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <string>

#include "http/message.h"

namespace bindhss::http {

struct UnixListen {
    std::string path;
    ::mode_t mode = 0660;          ///< of the file: who may write to it may connect
    std::optional<::gid_t> group;  ///< of the file; absent: that of the process
};

/// The socket's file. It is removed with the object, unless another one has taken its place.
class UnixSocketFile {
  public:
    using Acceptor = boost::asio::local::stream_protocol::acceptor;

    /// Throws std::runtime_error with one clear line: the path is too long, is no socket, or somebody answers
    /// on it. A file on which nobody answers is one that a daemon has left, and is replaced.
    UnixSocketFile(const boost::asio::any_io_executor& executor, UnixListen listen);
    ~UnixSocketFile();
    UnixSocketFile(const UnixSocketFile&) = delete;
    UnixSocketFile& operator=(const UnixSocketFile&) = delete;

    /// What listens. REQUIRES: once.
    [[nodiscard]] Acceptor take() { return std::move(acceptor_); }

  private:
    void make_way() const;
    void bind();

    const UnixListen listen_;
    Acceptor acceptor_;
    ::dev_t device_ = 0;
    ::ino_t inode_ = 0;
};

/// Who is at the other end of a Unix socket, as the kernel knows it; nothing: he is gone.
[[nodiscard]] std::optional<UnixPeer> unix_peer_of(int descriptor);

}  // namespace bindhss::http
