// SPDX-License-Identifier: Apache-2.0
// Boost.JSON compiled once, so that no program needs a shared library of it.
#include <boost/json/src.hpp>
