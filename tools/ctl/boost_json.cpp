// SPDX-License-Identifier: Apache-2.0
// Boost.JSON compiled once, so that the program needs no shared library of it.
#include <boost/json/src.hpp>
