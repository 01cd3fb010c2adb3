// Two candidates of the npm module in one process: the one that leads is stopped once the
// other watches its entry, and started again when that one has been elected.
//
//   node relay.js ENDPOINT ELECTION COUNT
//
// Each SIGUSR2 makes it hand over COUNT times, and print for each the milliseconds from the
// stop until the other was elected; between that, nobody stands.
"use strict";

const { performance } = require("perf_hooks");
const { Deletions, connect, etcd_leader, is_watching, print, until } = require("./npm.js");

const [endpoint, key, count] = process.argv.slice(2);

function runner(name) {
    const etcd = connect(endpoint);
    const election = etcd_leader(etcd, key, name, 10);
    election.deletions = new Deletions(etcd);
    election.on("elected", () => {
        election.elected_at = performance.now();
    });
    election.on("error", (error) => {
        throw error;
    });
    return election;
}

function is_gone(runner) {
    return !runner.isRunning() && runner.deletions.count === 0;
}

async function hand_over(leader, next) {
    await until(() => leader.isLeader() && is_watching(leader), "a leader");
    if (!next.isRunning()) next.start();
    await until(() => !next.isLeader() && is_watching(next), "one in line");
    const stopped_at = performance.now();
    leader.stop();
    await until(() => next.isLeader() && is_gone(leader), "a successor");
    return next.elected_at - stopped_at;
}

async function run() {
    const runners = [runner("a"), runner("b")];
    const times = [];
    runners[0].start();
    for (let i = 0; i < Number(count); ++i)
        times.push(await hand_over(runners[i % 2], runners[(i + 1) % 2]));
    for (const each of runners) each.stop();
    await until(() => runners.every(is_gone), "an empty line");
    print({ event: "relayed", milliseconds: times });
}

let turn = Promise.resolve();
process.on("SIGUSR2", () => {
    turn = turn.then(run);
});
process.on("unhandledRejection", (error) => {
    process.stderr.write(error.stack + "\n");
    process.exit(1);
});
// Nothing else keeps the process alive between two turns.
setInterval(() => {}, 1000);
print({ event: "ready" });
