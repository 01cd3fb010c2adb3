#include "tests/support/tcp_proxy.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/write.hpp>
#include <boost/random/mersenne_twister.hpp>
#include <boost/random/uniform_int_distribution.hpp>
#include <condition_variable>
#include <future>
#include <limits>
#include <list>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>

#include "tests/support/etcd_server.hpp"

namespace tenure::test {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

enum class Mode { forward, blackhole, hold_answers, slow, cut };

std::size_t count_beginning(const std::vector<std::string>& lines, const std::string& text) {
    return static_cast<std::size_t>(std::ranges::count_if(
        lines, [&](const std::string& line) { return line.starts_with(text); }));
}

}  // namespace

class TcpProxy::Impl {
public:
    explicit Impl(std::uint16_t target_port)
        : target_(asio::ip::address_v4::loopback(), target_port),
          acceptor_(context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)),
          port_(acceptor_.local_endpoint().port()) {
        accept();
        thread_ = std::thread([this] { context_.run(); });
    }

    ~Impl() {
        context_.stop();
        thread_.join();
    }

    std::uint16_t port() const { return port_; }

    // Runs it on the proxy's thread, to its end.
    template <class Function>
    auto on_thread(Function function) {
        std::packaged_task<decltype(function())()> task(std::move(function));
        auto done = task.get_future();
        asio::post(context_, std::move(task));
        return done.get();
    }

    void set_mode(Mode mode);
    void slow_down(std::chrono::milliseconds delay);
    void cut_from(std::function<bool(std::uint16_t)> whom);
    void drop();
    void forget();
    void cut_at_random(std::uint32_t seed) { chance_.emplace(seed); }

    std::vector<std::string> first_lines() const;
    bool wait_for_first_lines(const std::string& text, std::size_t count,
                              std::chrono::milliseconds bound) const;

    std::size_t accepted_ = 0;
    std::size_t open() const { return links_.size(); }
    std::atomic<std::size_t> cut_by_chance_{0};

private:
    // One direction of a connection. It rests, with what it has read, while its line is dead.
    struct Pump {
        Pump(asio::io_context& context, tcp::socket& source, tcp::socket& target)
            : from(source), to(target), timer(context) {}
        tcp::socket& from;
        tcp::socket& to;
        std::array<char, 16384> buffer{};
        std::size_t held = 0;
        bool resting = false;
        asio::steady_timer timer;
        // How many bytes it may still pass.
        std::size_t left = std::numeric_limits<std::size_t>::max();
    };
    struct Link : std::enable_shared_from_this<Link> {
        explicit Link(asio::io_context& context, tcp::socket accepted)
            : client(std::move(accepted)),
              server(context),
              requests(context, client, server),
              answers(context, server, client) {}
        tcp::socket client, server;
        Pump requests, answers;
        std::string first_line;
        bool first_line_told = false;
        bool connected = false;
        // Half open: only the client is left, and does not know.
        bool forgotten = false;
    };
    using LinkPointer = std::shared_ptr<Link>;

    void accept();
    void begin(const LinkPointer& link);
    void read(const LinkPointer& link, Pump& pump);
    void pass_on(const LinkPointer& link, Pump& pump);
    void write(const LinkPointer& link, Pump& pump);
    void note_first_line(Link& link);
    void close(const LinkPointer& link);
    bool passes(const Link& link, const Pump& pump) const;
    bool is_cut(const tcp::socket& client) const;
    void choose_end(Link& link);

    asio::io_context context_;
    asio::executor_work_guard<asio::io_context::executor_type> work_{context_.get_executor()};
    tcp::endpoint target_;
    tcp::acceptor acceptor_;
    std::uint16_t port_;
    Mode mode_ = Mode::forward;
    std::function<bool(std::uint16_t)> cut_from_{};
    std::chrono::milliseconds delay_{};
    std::optional<boost::random::mt19937> chance_;
    std::list<LinkPointer> links_;
    mutable std::mutex lines_mutex_;
    mutable std::condition_variable line_came_;
    std::vector<std::string> first_lines_;
    std::thread thread_;
};

void TcpProxy::Impl::accept() {
    acceptor_.async_accept([this](error_code error, tcp::socket socket) {
        if (!acceptor_.is_open()) return;
        accept();
        if (error) return;
        ++accepted_;
        if (is_cut(socket)) return;
        socket.set_option(tcp::no_delay(true), error);
        links_.push_back(std::make_shared<Link>(context_, std::move(socket)));
        if (chance_) choose_end(*links_.back());
        begin(links_.back());
    });
}

void TcpProxy::Impl::begin(const LinkPointer& link) {
    read(link, link->requests);
    link->server.async_connect(target_, [this, link](error_code error) {
        if (link->forgotten) return;
        if (error) return close(link);
        link->server.set_option(tcp::no_delay(true), error);
        link->connected = true;
        if (std::exchange(link->requests.resting, false)) write(link, link->requests);
        read(link, link->answers);
    });
}

void TcpProxy::Impl::read(const LinkPointer& link, Pump& pump) {
    pump.from.async_read_some(asio::buffer(pump.buffer),
                              [this, link, &pump](error_code error, std::size_t count) {
                                  if (link->forgotten && &pump == &link->answers) return;
                                  if (error) return close(link);
                                  pump.held = count;
                                  if (&pump == &link->requests) note_first_line(*link);
                                  pass_on(link, pump);
                              });
}

void TcpProxy::Impl::pass_on(const LinkPointer& link, Pump& pump) {
    if (link->forgotten) return read(link, pump);
    if (mode_ != Mode::slow) return write(link, pump);
    pump.timer.expires_after(delay_);
    pump.timer.async_wait([this, link, &pump](error_code) {
        if (link->client.is_open()) write(link, pump);
    });
}

void TcpProxy::Impl::write(const LinkPointer& link, Pump& pump) {
    if (link->forgotten) {
        if (&pump == &link->requests) read(link, pump);
        return;
    }
    if (!passes(*link, pump)) {
        pump.resting = true;
        return;
    }
    const std::size_t count = std::min(pump.held, pump.left);
    const bool is_last = count == pump.left;
    pump.left -= count;
    asio::async_write(pump.to, asio::buffer(pump.buffer.data(), count),
                      [this, link, &pump, is_last](error_code error, std::size_t) {
                          if (link->forgotten && &pump == &link->answers) return;
                          if (is_last && link->client.is_open()) ++cut_by_chance_;
                          if (is_last || (error && !link->forgotten)) return close(link);
                          read(link, pump);
                      });
}

// Anywhere from the first byte to some requests later, and more often near the beginning: half of
// all before a hundred bytes, an eighth beyond a thousand.
void TcpProxy::Impl::choose_end(Link& link) {
    const auto upto = [this](std::size_t most) {
        return boost::random::uniform_int_distribution<std::size_t>(0, most)(*chance_);
    };
    constexpr std::array<std::size_t, 4> ends{100, 100, 1000, 8000};
    Pump& pump = upto(1) == 0 ? link.requests : link.answers;
    pump.left = 1 + upto(ends[upto(ends.size() - 1)]);
}

bool TcpProxy::Impl::passes(const Link& link, const Pump& pump) const {
    if (!link.connected || mode_ == Mode::blackhole) return false;
    return mode_ != Mode::hold_answers || &pump == &link.requests;
}

void TcpProxy::Impl::note_first_line(Link& link) {
    // Of so many connections nobody reads them, and they would be all the memory that grows.
    if (link.first_line_told || chance_) return;
    link.first_line.append(link.requests.buffer.data(), link.requests.held);
    const auto end = link.first_line.find("\r\n");
    if (end == std::string::npos) return;
    link.first_line_told = true;
    const std::lock_guard lock(lines_mutex_);
    first_lines_.push_back(link.first_line.substr(0, end));
    line_came_.notify_all();
}

std::vector<std::string> TcpProxy::Impl::first_lines() const {
    const std::lock_guard lock(lines_mutex_);
    return first_lines_;
}

bool TcpProxy::Impl::wait_for_first_lines(const std::string& text, std::size_t count,
                                          std::chrono::milliseconds bound) const {
    std::unique_lock lock(lines_mutex_);
    return line_came_.wait_for(lock, bound,
                               [&] { return count_beginning(first_lines_, text) >= count; });
}

void TcpProxy::Impl::close(const LinkPointer& link) {
    error_code ignored;
    link->client.close(ignored);
    link->server.close(ignored);
    link->requests.timer.cancel();
    link->answers.timer.cancel();
    links_.remove(link);
}

void TcpProxy::Impl::drop() {
    while (!links_.empty())
        close(LinkPointer(links_.front()));
}

bool TcpProxy::Impl::is_cut(const tcp::socket& client) const {
    if (mode_ == Mode::cut) return true;
    if (!cut_from_) return false;
    error_code error;
    const auto from = client.remote_endpoint(error);
    return !error && cut_from_(from.port());
}

void TcpProxy::Impl::cut_from(std::function<bool(std::uint16_t)> whom) {
    cut_from_ = std::move(whom);
    for (const LinkPointer& link : std::vector(links_.begin(), links_.end())) {
        if (is_cut(link->client)) close(link);
    }
}

// What the client still says is read and thrown away, so that its own end of the connection is
// noticed.
void TcpProxy::Impl::forget() {
    error_code ignored;
    for (const LinkPointer& link : links_) {
        if (std::exchange(link->forgotten, true)) continue;
        link->server.close(ignored);
        link->answers.timer.cancel();
        if (std::exchange(link->requests.resting, false)) read(link, link->requests);
    }
}

void TcpProxy::Impl::slow_down(std::chrono::milliseconds delay) {
    delay_ = delay;
    set_mode(Mode::slow);
}

void TcpProxy::Impl::set_mode(Mode mode) {
    mode_ = mode;
    if (mode == Mode::cut) drop();
    for (const LinkPointer& link : links_) {
        for (Pump* pump : {&link->requests, &link->answers}) {
            if (std::exchange(pump->resting, false)) write(link, *pump);
        }
    }
}

TcpProxy::TcpProxy(std::uint16_t target_port) : impl_(std::make_unique<Impl>(target_port)) {}
TcpProxy::~TcpProxy() = default;

std::uint16_t TcpProxy::port() const noexcept {
    return impl_->port();
}

std::string TcpProxy::address() const {
    return "127.0.0.1:" + std::to_string(port());
}

std::string TcpProxy::store_url() const {
    return "etcd://" + address() + api_query();
}

void TcpProxy::blackhole() {
    impl_->on_thread([this] { impl_->set_mode(Mode::blackhole); });
}

void TcpProxy::hold_answers() {
    impl_->on_thread([this] { impl_->set_mode(Mode::hold_answers); });
}

void TcpProxy::cut() {
    impl_->on_thread([this] { impl_->set_mode(Mode::cut); });
}

void TcpProxy::cut_from(std::function<bool(std::uint16_t port)> whom) {
    impl_->on_thread([this, &whom] { impl_->cut_from(std::move(whom)); });
}

void TcpProxy::heal() {
    impl_->on_thread([this] {
        impl_->cut_from({});
        impl_->set_mode(Mode::forward);
    });
}

void TcpProxy::slow_down(std::chrono::milliseconds delay) {
    impl_->on_thread([this, delay] { impl_->slow_down(delay); });
}

void TcpProxy::forget_connections() {
    impl_->on_thread([this] { impl_->forget(); });
}

void TcpProxy::cut_at_random(std::uint32_t seed) {
    impl_->on_thread([this, seed] { impl_->cut_at_random(seed); });
}

std::size_t TcpProxy::cut_by_chance() const {
    return impl_->cut_by_chance_;
}

void TcpProxy::drop_connections() {
    impl_->on_thread([this] { impl_->drop(); });
}

std::size_t TcpProxy::accepted() const {
    return impl_->on_thread([this] { return impl_->accepted_; });
}

std::size_t TcpProxy::open() const {
    return impl_->on_thread([this] { return impl_->open(); });
}

std::vector<std::string> TcpProxy::first_lines() const {
    return impl_->first_lines();
}

std::size_t TcpProxy::count_first_lines(const std::string& text) const {
    return count_beginning(impl_->first_lines(), text);
}

bool TcpProxy::wait_for_first_lines(const std::string& text, std::size_t count,
                                    std::chrono::milliseconds bound) const {
    return impl_->wait_for_first_lines(text, count, bound);
}

}  // namespace tenure::test
