// Many candidates of the npm module in one election and one process.
//
//   node crowd.js ENDPOINT ELECTION TTL-IN-SECONDS COUNT
//
// Says "standing" when one leads and everybody watches, and "elected" whenever one is. SIGTERM
// makes all leave.
"use strict";

const { Deletions, connect, etcd_leader, is_watching, print, until } = require("./npm.js");

const [endpoint, key, ttl, count] = process.argv.slice(2);

const crowd = Array.from({ length: Number(count) }, (_, index) => {
    const etcd = connect(endpoint);
    const election = etcd_leader(etcd, key, `node-${index + 1}`, ttl);
    election.deletions = new Deletions(etcd);
    election.on("elected", () => print({ event: "elected" }));
    election.on("error", (error) => {
        throw error;
    });
    return election;
});

process.on("SIGTERM", () => {
    for (const each of crowd) each.stop();
    until(() => crowd.every((each) => each.deletions.count === 0), "the deletions")
        .then(() => process.exit(0));
});

for (const each of crowd) each.start();
until(() => crowd.every(is_watching), "everybody in line")
    .then(() => print({ event: "standing" }));
