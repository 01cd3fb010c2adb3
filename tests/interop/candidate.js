// One candidate of the npm module, as a process that says the same as `tenure campaign --json`:
//
//   node candidate.js ENDPOINT ELECTION NAME TTL-IN-SECONDS [--restart]
//
// SIGTERM and SIGINT make it leave. After an error the module stands no more: then the process
// ends with 1, or with --restart the module is started again.
"use strict";

const { Deletions, connect, etcd_leader, now, print, token_of, until } = require("./npm.js");

const [endpoint, key, name, ttl, option] = process.argv.slice(2);
const restart = option === "--restart";

const etcd = connect(endpoint);
const deletions = new Deletions(etcd);
const election = etcd_leader(etcd, key, name, ttl);

let leading_with = 0;
let ending = false;

function say(event, fields) {
    print({ event, election: key, candidate: name, ...fields, at: now() });
}

// An entry whose deletion is not answered goes with its TTL.
function end(status) {
    if (ending) return;
    ending = true;
    until(() => deletions.count === 0, "the deletion of the entry").catch(() => {}).then(() => {
        if (status === 0) say("stopped");
        process.exit(status);
    });
}

election.on("elected", () => {
    leading_with = token_of(election);
    say("elected", { token: leading_with });
});
election.on("unelected", () => say("unelected", { token: leading_with }));
election.on("leader", (leader) => say("leader", { leader: { candidate: leader } }));
election.on("error", (error) => {
    say("error", { error: error.message, doing: "the module has stopped by itself" });
    if (!restart) return end(1);
    // Not at once: it would ask a server that is down all the time.
    setTimeout(() => ending || election.start(), 100);
});

for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
        election.stop();
        end(0);
    });
}

say("started");
election.start();
