// SPDX-License-Identifier: Apache-2.0
#include "app/configuration.h"

#include <stdexcept>

namespace bindhss {

namespace {

std::string joined(const std::vector<std::string>& keys) {
    std::string text;
    for (const auto& key : keys) text += (text.empty() ? "" : " ") + key;
    return text;
}

}  // namespace

Configuration::Configuration(config::Source source, config::Loaded loaded, log::Logger& log)
    : source_(std::move(source)),
      log_(log),
      settings_(std::make_shared<const config::Settings>(std::move(loaded.settings))),
      origins_(std::move(loaded.origins)) {}

std::shared_ptr<const config::Settings> Configuration::now() const {
    const std::lock_guard lock(mutex_);
    return settings_;
}

std::string Configuration::shown() const {
    const std::lock_guard lock(mutex_);
    return config::render(*settings_, origins_);
}

void Configuration::follow(Prepare prepare) {
    const std::lock_guard lock(reloading_);
    parts_.push_back(std::move(prepare));
}

Configuration::Outcome Configuration::reload() {
    const std::lock_guard one_at_a_time(reloading_);
    try {
        return take_over(config::load(source_));
    } catch (const std::exception& error) {
        log_.error("reload_refused", {{"detail", error.what()}});
        log_.flush();
        throw std::runtime_error(error.what());
    }
}

Configuration::Outcome Configuration::take_over(const config::Loaded& loaded) {
    auto plan = config::plan_reload(*now(), loaded.settings);
    std::vector<Apply> changes;
    for (const auto& part : parts_) changes.push_back(part(plan.settings));
    for (const auto& change : changes)
        if (change) change();
    for (const auto& text : config::warnings(plan.settings))
        log_.warning("configuration_warning", {{"detail", text}});
    auto settings = std::make_shared<const config::Settings>(std::move(plan.settings));
    {
        const std::lock_guard lock(mutex_);
        settings_.swap(settings);
        origins_ = loaded.origins;
    }
    log_.info("reloaded", {{"changed", joined(plan.changed)}, {"needs_restart", joined(plan.needs_restart)}});
    log_.flush();
    return {std::move(plan.changed), std::move(plan.needs_restart)};
}

}  // namespace bindhss
