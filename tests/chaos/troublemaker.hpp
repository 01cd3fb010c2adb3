// Carries out a schedule: does each fault when it is due, and undoes it when its time is over.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "tests/chaos/cast.hpp"
#include "tests/chaos/lines.hpp"
#include "tests/chaos/onlooker.hpp"
#include "tests/chaos/schedule.hpp"
#include "tests/support/etcd_cluster.hpp"

namespace tenure::chaos {

class Troublemaker {
public:
    /// All that it lays hands on; has to outlive it.
    struct Stage {
        test::EtcdCluster& cluster;
        Lines& lines;
        Cast& cast;
        const Onlooker& onlooker;
        Operator hand;
        Journal& journal;
        /// How many candidates, at the end, are never killed.
        std::size_t spared = 0;
    };

    Troublemaker(Stage stage, Schedule schedule);

    /// Does what is due. Call it all the time. False once everything is done and undone.
    bool turn();
    /// Undoes everything, and does no more.
    void give_up();

private:
    /// A fault in force.
    struct Active {
        PlannedFault planned;
        std::size_t whom = 0;
        Instant from{};
        Instant until{};
    };

    void begin(const PlannedFault& planned);
    void act(const PlannedFault& planned, std::size_t whom);
    void act_at_once(const PlannedFault& planned, std::size_t whom);
    void depose(const PlannedFault& planned);
    /// False when it has to wait a little longer.
    bool undo(const Active& active);
    void note(const Active& active);

    std::optional<std::size_t> choose(const PlannedFault& planned) const;
    std::optional<std::size_t> leader_of(Victim victim) const;
    std::size_t count_busy(Victim victim) const;
    bool is_busy(Victim victim, std::size_t whom) const;
    bool is_spared(FaultKind kind, std::size_t whom) const;
    std::string name_of(FaultKind kind, std::size_t whom) const;
    void tend_members();

    Stage stage_;
    Schedule schedule_;
    std::size_t next_ = 0;
    Instant begun_;
    std::vector<Active> active_;
};

}  // namespace tenure::chaos
