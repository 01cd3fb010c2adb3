// The public face of the observer: its signals, over the driver that follows the leader.
#include <tenure/observer.hpp>

#include "core/observer_driver.hpp"
#include "core/options.hpp"

namespace tenure {
namespace detail {

/// What outlives an `Observer` while its events are on the way.
class ObserverFace : public std::enable_shared_from_this<ObserverFace> {
public:
    ObserverFace(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                 const ObserverOptions& options)
        : driver(std::make_shared<ObserverDriver>(scheduler, std::move(store), check(options),
                                                  seed_from(options.seed, scheduler))),
          scheduler_(std::move(scheduler)) {}

    void listen() {
        driver->set_listener(
            {[weak = weak_from_this()](const std::optional<Leader>& who) {
                 if (const auto self = weak.lock())
                     self->tell([who](auto& face) { face.leader(who); });
             },
             [weak = weak_from_this()](const Error& error, const std::string& doing) {
                 const auto self = weak.lock();
                 if (!self) return;
                 self->tell([error, doing](auto& face) {
                     face.failed(error.code, doing + ": " + error.message());
                 });
             }});
    }

    void detach() {
        leader.disconnect_all_slots();
        failed.disconnect_all_slots();
        if (driver->is_running()) driver->stop();
    }

    const std::shared_ptr<ObserverDriver> driver;
    Signal<void(const std::optional<Leader>&)> leader;
    Signal<void(error_code, std::string_view)> failed;

private:
    template <class Event>
    void tell(Event event) {
        scheduler_->post([self = shared_from_this(), event] { event(*self); });
    }

    const std::shared_ptr<Scheduler> scheduler_;
};

}  // namespace detail

Observer::Observer(boost::asio::any_io_executor executor, std::shared_ptr<KeyStore> store,
                   ObserverOptions options)
    : Observer(make_scheduler(std::move(executor)), std::move(store), std::move(options)) {}

Observer::Observer(std::shared_ptr<Scheduler> scheduler, std::shared_ptr<KeyStore> store,
                   ObserverOptions options)
    : face_(
          std::make_shared<detail::ObserverFace>(std::move(scheduler), std::move(store), options)) {
    face_->listen();
}

Observer::~Observer() {
    face_->detach();
}

void Observer::start() {
    face_->driver->start();
}

void Observer::stop() {
    face_->driver->stop();
}

bool Observer::is_running() const noexcept {
    return face_->driver->is_running();
}

std::optional<Leader> Observer::current_leader() const {
    return face_->driver->current_leader();
}

boost::signals2::connection Observer::on_leader(LeaderSlot slot) {
    return face_->leader.connect(slot);
}

boost::signals2::connection Observer::on_error(ErrorSlot slot) {
    return face_->failed.connect(slot);
}

}  // namespace tenure
