// `tenure campaign`: stands for election until it is told to stop, and says what happens.
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <optional>
#include <tenure/election.hpp>
#include <tenure/open_store.hpp>
#include <utility>

#include "tools/command_line.hpp"
#include "tools/duration.hpp"
#include "tools/events.hpp"
#include "tools/stop_signals.hpp"

namespace tenure::command {
namespace {

namespace asio = boost::asio;
namespace po = boost::program_options;

struct CampaignOptions {
    std::string store;
    CandidacyOptions candidacy;
    Duration ttl{};
    Format format = Format::text;
};

std::optional<CampaignOptions> parse(const Arguments& arguments) {
    CampaignOptions options;
    std::string ttl;
    std::string value;
    CommandLine line("campaign", "stand for election, and leave the line on SIGINT or SIGTERM");
    line.add()("name", po::value(&options.candidacy.candidate)->required()->value_name("ID"),
               "who stands");
    line.add()("ttl", po::value(&ttl)->default_value("10s")->value_name("DURATION"),
               "how long the store waits for a candidate it hears nothing of: 1500ms, 10s, 2m");
    line.add()("value",
               po::value(&value)->value_name("VALUE")->notifier(
                   [&](const std::string& text) { options.candidacy.value = text; }),
               "what others see of the candidate; its name when not given");
    if (line.parse(arguments) == CommandLine::Outcome::help_was_printed) return std::nullopt;

    options.store = line.store();
    options.candidacy.election = line.election();
    options.ttl = parse_duration("--ttl", ttl);
    options.format = line.json() ? Format::json : Format::text;
    return options;
}

class Campaign {
public:
    Campaign(asio::io_context& context, const CampaignOptions& options)
        : context_(context),
          url_(options.store),
          asked_ttl_(options.ttl),
          events_({options.candidacy.election, options.candidacy.candidate}, options.format,
                  [this] { stop(); }),
          session_(context.get_executor(), open_store(context.get_executor(), options.store),
                   {.ttl = options.ttl}),
          election_(session_, options.candidacy) {
        connect();
    }

    void start() {
        events_.started(without_password(url_));
        election_.start();
    }

    /// Ends the context once the entry is removed and the lease given back.
    void stop() {
        if (stopping_) return;
        stopping_ = true;
        election_.async_stop(
            asio::bind_executor(context_.get_executor(), [this] { give_lease_back(); }));
    }

    int outcome() const {
        return events_.lost_output() ? exit_code::output_lost : final_.value_or(exit_code::success);
    }

private:
    void connect() {
        const auto report = [this](error_code code, std::string_view doing) {
            // One line is enough for what has to be put right first.
            if (final_) return;
            const auto final_code = final_exit_code(code);
            events_.error(code, doing, final_code && !stopping_);
            if (!final_code) return;
            // The entry is not ours to take away any more. It goes with the lease.
            if (stopping_) return give_lease_back();
            final_ = final_code;
            stopping_ = true;
            give_lease_back();
        };
        session_.on_error(report);
        session_.on_granted([this](const Lease& lease) {
            tell_granted(lease.granted_ttl);
            tell_margin(lease);
        });
        election_.on_error(report);
        election_.on_elected([this](const Leadership& leadership) {
            token_ = leadership.token();
            events_.elected(token_);
        });
        // Inside the handler, so that this line is out before the entry goes and a successor
        // can rise.
        election_.on_unelected([this](LossReason reason) { events_.unelected(reason, token_); });
        election_.on_leader(
            [this](const std::optional<Leader>& leader) { events_.leader(leader); });
    }

    void tell_granted(Duration granted) {
        if (granted == told_ttl_.value_or(asked_ttl_)) return;
        told_ttl_ = granted;
        events_.note("--ttl is " + format_duration(asked_ttl_) + ", the store granted " +
                     format_duration(granted) + "; that is used");
    }

    void tell_margin(const Lease& lease) {
        if (lease.margin <= Duration::zero() || std::exchange(told_margin_, true)) return;
        events_.note(
            "this etcd may confirm renewals that do not count (versions before 3.4.31 and "
            "3.5.13 with several members): leaderships end " +
            format_duration(lease.margin) + " before their lease");
    }

    /// It is not renewed from now on, whatever comes of that.
    void give_lease_back() {
        if (std::exchange(leaving_, true)) return;
        session_.async_stop(asio::bind_executor(context_.get_executor(), [this] {
            events_.stopped();
            context_.stop();
        }));
    }

    asio::io_context& context_;
    std::string url_;
    Duration asked_ttl_;
    std::optional<Duration> told_ttl_;
    bool told_margin_ = false;
    std::int64_t token_ = 0;
    bool stopping_ = false;
    bool leaving_ = false;
    std::optional<int> final_;
    EventWriter events_;
    Session session_;
    Election election_;
};

}  // namespace

int campaign(const Arguments& arguments) {
    const auto options = parse(arguments);
    if (!options) return exit_code::success;
    asio::io_context context(1);
    Campaign campaign(context, *options);
    const StopSignals signals(context, [&] { campaign.stop(); });
    campaign.start();
    context.run();
    return campaign.outcome();
}

}  // namespace tenure::command
