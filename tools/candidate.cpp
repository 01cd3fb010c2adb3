#include "tools/candidate.hpp"

#include <boost/asio/bind_executor.hpp>
#include <boost/program_options/value_semantic.hpp>
#include <tenure/open_store.hpp>
#include <utility>

#include "tools/duration.hpp"

namespace tenure::command {

namespace asio = boost::asio;
namespace po = boost::program_options;

std::optional<CandidateOptions> parse_candidate(CommandLine& line, const Arguments& arguments) {
    CandidateOptions options;
    std::string ttl;
    std::string value;
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

Candidate::Candidate(asio::io_context& context, const CandidateOptions& options)
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

void Candidate::start() {
    events_.started(without_password(url_));
    election_.start();
}

void Candidate::stop() {
    if (stopping_) return;
    stopping_ = true;
    election_.async_stop(
        asio::bind_executor(context_.get_executor(), [this] { give_lease_back(); }));
}

std::optional<int> Candidate::failure() const {
    return events_.lost_output() ? exit_code::output_lost : final_;
}

void Candidate::connect() {
    const auto on_error = [this](error_code code, std::string_view doing) { report(code, doing); };
    session_.on_error(on_error);
    session_.on_granted([this](const Lease& lease) {
        tell_granted(lease.granted_ttl);
        tell_margin(lease);
    });
    election_.on_error(on_error);
    election_.on_elected([this](const Leadership& leadership) {
        token_ = leadership.token();
        events_.elected(token_);
    });
    // Inside the handler, so that this line is out before the entry goes and a successor can rise.
    election_.on_unelected([this](LossReason reason) { events_.unelected(reason, token_); });
    election_.on_leader([this](const std::optional<Leader>& leader) { events_.leader(leader); });
}

void Candidate::report(error_code code, std::string_view doing) {
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
}

void Candidate::tell_granted(Duration granted) {
    if (granted == told_ttl_.value_or(asked_ttl_)) return;
    told_ttl_ = granted;
    events_.note("--ttl is " + format_duration(asked_ttl_) + ", the store granted " +
                 format_duration(granted) + "; that is used");
}

void Candidate::tell_margin(const Lease& lease) {
    if (lease.margin <= Duration::zero() || std::exchange(told_margin_, true)) return;
    events_.note(
        "this etcd may confirm renewals that do not count (versions before 3.4.31 and 3.5.13 with "
        "several members): leaderships end " +
        format_duration(lease.margin) + " before their lease");
}

// It is not renewed from now on, whatever comes of that.
void Candidate::give_lease_back() {
    if (std::exchange(leaving_, true)) return;
    session_.async_stop(asio::bind_executor(context_.get_executor(), [this] {
        events_.stopped();
        context_.stop();
    }));
}

}  // namespace tenure::command
