// The npm modules as the tests use them. NODE_PATH says where they are.
"use strict";

const fs = require("fs");
const Module = require("module");
const { performance } = require("perf_hooks");

// An add-on for calls that block. It need not have been compiled: nothing here blocks.
const load = Module._load;
Module._load = function (name, ...rest) {
    return name === "deasync" ? {} : load.call(this, name, ...rest);
};

function load_module(name) {
    try {
        return require(name);
    } catch (error) {
        if (error.code !== "MODULE_NOT_FOUND") throw error;
        process.stderr.write(`no module ${name} in '${process.env.NODE_PATH || ""}': ` +
            "scripts/npm-modules FOLDER installs it, and NODE_PATH has to name its node_modules\n");
        process.exit(69);
    }
}
const etcd_leader = load_module("etcd-leader");
const Etcd = load_module("node-etcd");

// A client to whom keys can be given as they are: the module puts them into URLs unescaped,
// those that it was told by etcd as well.
function connect(endpoint) {
    const etcd = new Etcd(endpoint);
    etcd._stripSlashPrefix = (key) =>
        key.split("/").filter((part) => part !== "").map(encodeURIComponent).join("/");
    return etcd;
}

// The clock of events has milliseconds only, the other one no idea of the time of day.
function now() {
    const coarse = Date.now();
    const fine = performance.timeOrigin + performance.now();
    const stamp = Math.min(Math.max(fine, coarse), coarse + 0.999);
    const micros = String(Math.floor((stamp - coarse) * 1000)).padStart(3, "0");
    return new Date(coarse).toISOString().replace("Z", micros + "Z");
}

// One object a line, out before this returns.
function print(object) {
    fs.writeSync(1, JSON.stringify(object) + "\n");
}

// The entry's key ends in the index at which it was created.
function token_of(election) {
    return Number(election._membershipKey.split("/").pop());
}

// True once etcd has answered the head of the watch on the entry ahead, or on the own one:
// from then on it wakes up by what happens there.
function is_watching(election) {
    const watch = election._precedingWatch;
    return Boolean(watch && watch.req && watch.req.response);
}

// Looks until it holds. Throws when that takes longer than a test would wait.
async function until(condition, what) {
    const end = performance.now() + 30000;
    while (!condition()) {
        if (performance.now() > end) throw new Error("in vain: " + what);
        await new Promise((resolve) => setTimeout(resolve, 1));
    }
}

// Deletions that are under way. The module does not wait for them; who wants to exit does.
class Deletions {
    constructor(etcd) {
        this.count = 0;
        const remove = etcd.del;
        etcd.del = (key, done) => {
            ++this.count;
            return remove.call(etcd, key, (...answer) => {
                --this.count;
                done(...answer);
            });
        };
    }
}

module.exports = { Deletions, connect, etcd_leader, is_watching, now, print, token_of, until };
