/*
 * The words that names and comments of generated projects are made of.
 *
 * None is reserved in a language that is generated, none names a function that generated code calls, and no verb is a noun: names of functions (verb, noun)
 * and of files (noun, noun) never meet. The order is part of what a seed means.
 */
#include "benchmark/generate_words.h"

const char *const wtfcb_benchmark_verbs[64] = {
    "load",   "store",     "find",     "build",    "parse",   "merge",    "split",   "count",    "check",   "apply",
    "update", "remove",    "insert",   "replace",  "resolve", "collect",  "compute", "measure",  "convert", "encode",
    "decode", "normalize", "validate", "render",   "publish", "schedule", "prepare", "allocate", "release", "attach",
    "detach", "open",      "close",    "read",     "write",   "send",     "receive", "filter",   "sort",    "group",
    "select", "reduce",    "expand",   "compress", "scan",    "walk",     "visit",   "trace",    "record",  "restore",
    "rotate", "reset",     "refresh",  "flush",    "commit",  "revert",   "compare", "balance",  "assign",  "claim",
    "lock",   "unlock",    "register", "reject",
};

const char *const wtfcb_benchmark_nouns[128] = {
    "queue",   "buffer",   "table",    "column",   "row",      "page",     "block",     "chunk",   "frame",  "packet",
    "stream",  "channel",  "socket",   "session",  "request",  "response", "header",    "footer",  "body",   "token",
    "symbol",  "node",     "edge",     "graph",    "tree",     "leaf",     "branch",    "root",    "path",   "route",
    "segment", "region",   "zone",     "cell",     "grid",     "matrix",   "vector",    "point",   "line",   "shape",
    "color",   "layer",    "canvas",   "window",   "panel",    "widget",   "button",    "menu",    "cursor", "focus",
    "event",   "signal",   "handler",  "listener", "timer",    "clock",    "counter",   "gauge",   "metric", "series",
    "bucket",  "batch",    "job",      "worker",   "task",     "thread",   "pool",      "cache",   "entry",  "key",
    "digest",  "hash",     "seed",     "secret",   "ticket",   "account",  "ledger",    "invoice", "order",  "product",
    "price",   "discount", "customer", "vendor",   "shipment", "parcel",   "warehouse", "shelf",   "slot",   "driver",
    "engine",  "motor",    "sensor",   "reading",  "limit",    "bound",    "offset",    "length",  "width",  "height",
    "depth",   "level",    "weight",   "score",    "rank",     "grade",    "policy",    "rule",    "schema", "field",
    "label",   "tag",      "note",     "message",  "reply",    "owner",    "member",    "role",    "permit", "journal",
    "volume",  "archive",  "backup",   "cluster",  "shard",    "replica",  "quorum",    "leader",
};

const char *const wtfcb_benchmark_adjectives[32] = {
    "active",  "pending",  "stale",   "dirty",   "local",    "remote",   "shared",  "nested",
    "empty",   "sorted",   "partial", "final",   "early",    "late",     "primary", "secondary",
    "current", "previous", "next",    "idle",    "hidden",   "visible",  "sparse",  "dense",
    "global",  "minimal",  "maximal", "average", "relative", "absolute", "virtual", "manual",
};

/* The first half names classes, the second half enumerations and tables. */
const char *const wtfcb_benchmark_suffixes[16] = {
    "Manager", "Builder", "Reader", "Writer", "Index", "Store",  "View",  "Resolver",
    "Kind",    "Mode",    "State",  "Stage",  "Tier",  "Reason", "Phase", "Status",
};

const char *const wtfcb_benchmark_areas[64] = {
    "net",  "io",   "base", "util", "auth", "mail", "disk", "sync", "plan", "feed", "chat", "maps", "user",
    "team", "site", "shop", "bank", "cart", "code", "data", "text", "font", "icon", "view", "form", "tool",
    "time", "unit", "wire", "work", "host", "info", "jobs", "keys", "link", "lock", "lamp", "math", "memo",
    "meta", "mime", "pair", "part", "pipe", "plug", "poll", "port", "post", "push", "rate", "ring", "save",
    "seek", "sign", "size", "spec", "step", "swap", "taxi", "temp", "tide", "tile", "tone", "tour",
};

const char *const wtfcb_benchmark_components[32] = {
    "atlas",  "aurora",  "basalt", "birch",   "cedar",   "cobalt",  "coral",  "delta",  "ember",  "falcon", "fjord",
    "garnet", "granite", "heron",  "indigo",  "juniper", "kestrel", "lagoon", "magnet", "nimbus", "onyx",   "osprey",
    "pebble", "quartz",  "raven",  "saffron", "tundra",  "umber",   "velvet", "willow", "zenith", "zephyr",
};
