#!/usr/bin/env python3
"""Makes golden_pending.tsv: a reading of the method of its own, written without a look at method.c.

Rows are those of golden_filter.tsv and one kind more: a retracted rating, whose value is the number of
its row. Learning is completed in pairs and threes within a week, which those rows never do."""
import random

SOURCES = {  # beta, vs, v, D, R, h
    "manager": (0.0, .04, .20, .20, .27, 1.0),
    "peer": (.10, .04, .30, .30, .30, 1.0),
    "self": (.35, .04, .45, .20, .27, .5),
    "report": (.10, .04, .50, .50, .33, 1.0),
}
PRIORS = [.30, .22, .035]
YEAR, WEEK = 365.0, 7


class Key:
    """One level: means and covariances by name; 'theta', 'a' and one name for each (rater, source)."""

    def __init__(self, day):
        self.day, self.m = day, {"theta": 3.0, "a": 0.0}
        self.p = {("theta", "theta"): .60}
        self.slots, self.pending, self.pobs = [], [], 0

    def cov(self, x, y):
        return self.p.get((x, y), 0.0)

    def var_at(self, day):
        theta = self.cov("theta", "theta")
        theta = max(theta, min(theta + .30 * max(0, day - self.day) / YEAR, 1.20))
        return theta + self.cov("a", "a") + 2 * self.cov("theta", "a")

    def mu(self):
        return self.m["theta"] + self.m["a"]

    def age(self, day):
        theta = self.cov("theta", "theta")
        self.p["theta", "theta"] = max(theta, min(theta + .30 * max(0, day - self.day) / YEAR, 1.20))
        self.day = max(self.day, day)

    def forget(self, name):
        self.slots = [s for s in self.slots if s[0] != name]
        del self.m[name]
        self.p = {xy: v for xy, v in self.p.items() if name not in xy}

    def observe(self, weights, offset, x, noise):
        names = list(self.m)
        ph = {n: sum(self.cov(n, k) * w for k, w in weights.items()) for n in names}
        s = sum(ph[n] * w for n, w in weights.items()) + noise
        e = x - offset - sum(self.m[n] * w for n, w in weights.items())
        for n in names:
            self.m[n] += ph[n] / s * e
        for n in names:
            for k in names:
                self.p[n, k] = self.cov(n, k) - ph[n] * ph[k] / s
        self.pobs += 1
        return e, s

    def rate(self, day, rater, source, x, known):
        b, v, beta, vs = known
        _, _, _, dyad, noise, h = SOURCES[source]
        self.age(day)
        name = (rater, source)
        new = name not in self.m
        if new:
            if len(self.slots) == 4:
                self.forget(min(self.slots, key=lambda s: s[1])[0])
            self.m[name] = beta + b
            self.p[name, name] = dyad + v + vs
        self.slots = [s if s[0] != name else (name, int(self.day)) for s in self.slots]
        if new:
            self.slots.append((name, int(self.day)))
        e, s = self.observe({"theta": h, "a": h, name: 1.0}, (1 - h) * 3.0, x, noise)
        if not new:
            return known
        return (b + v / (2 * s) * e, v * (1 - v / (2 * s)),
                beta + vs / (10 * s) * e, vs * (1 - vs / (10 * s)))

    def must_look(self, day, item, z):
        if not self.pending or z < .05:
            return False
        return (self.pobs > 0 or day - self.pending_day > WEEK or len(self.pending) == 6
                or item in [i for i, _ in self.pending])

    def complete(self, day, item, z, effect):
        m, v, spread = effect
        self.age(day)
        if not self.pending:
            self.pending_day = day
        self.pending.append((item, z))
        self.m["a"] += m * z
        self.p["a", "a"] = self.cov("a", "a") + (v + spread) * z * z
        self.m0, self.p0, self.pobs = self.m["a"], self.p["a", "a"], 0

    def look(self, effects):
        """Follows pending learning up; teaches `effects` unless it is None."""
        p = self.cov("a", "a")
        if self.pending and self.pobs > 0 and p < self.p0 and self.p0 >= 1e-4 and effects:
            vl = 1 / (1 / p - 1 / self.p0)
            yl = (self.m["a"] / p - self.m0 / self.p0) * vl
            s = 2 * vl + sum((effects[i][1] + effects[i][2]) * z * z for i, z in self.pending)
            r = yl - sum(effects[i][0] * z for i, z in self.pending)
            for i, z in self.pending:
                m, v, spread = effects[i]
                g = v * z / s
                effects[i] = (m + g * r, v * (1 - g * z), spread)
        if not self.pending:
            return
        old = {n: self.cov("a", n) for n in self.m}
        self.m["theta"] += self.m["a"]
        self.p["theta", "theta"] += old["a"] + 2 * old["theta"]
        for n in self.m:
            if n not in ("theta", "a"):
                self.p["theta", n] = self.p[n, "theta"] = self.cov("theta", n) + old[n]
        self.m["a"] = 0.0
        self.p = {xy: v for xy, v in self.p.items() if "a" not in xy}
        self.pending, self.pobs = [], 0


class World:
    def __init__(self):
        self.keys, self.rows = {}, {}
        self.raters, self.sources = {}, {s: t[:2] for s, t in SOURCES.items()}
        self.items = [(p, 2 * p * p, .5 * p * p) for p in PRIORS]

    def hear(self, key, row, effects):
        """One row with all that was known when it was first heard."""
        kind, day = row["kind"], row["day"]
        k = self.keys.setdefault(key, None) or Key(day)
        self.keys[key] = k
        if kind == "rating":
            return k.rate(day, row["id"], row["source"], row["value"], row["known"])
        if kind == "feedback":
            k.age(day)
            k.observe({"theta": 1.0, "a": 1.0}, 0.0, 2.8 + .9 * row["value"], 1.3)
        elif kind == "assessment":
            k.age(day)
            k.observe({"theta": 1.0, "a": 1.0}, 0.0, row["value"], .25)
        elif kind == "followup":
            k.look(effects)
        elif kind == "complete":
            if k.must_look(day, row["id"], row["value"]):
                k.look(effects)
                row.setdefault("effect", self.items[row["id"]])
            k.complete(day, row["id"], row["value"], row.setdefault("effect", self.items[row["id"]]))

    def apply(self, number, key, row):
        if row["kind"] == "retract":
            self.rows[key] = [r for r in self.rows[key] if r["number"] != row["value"]]
            self.keys[key] = None
            for r in self.rows[key]:
                self.hear(key, r, None)
            return
        if row["kind"] == "rating":
            b, v = self.raters.get((row["id"], row["source"]), (0.0, SOURCES[row["source"]][2]))
            row["known"] = (b, v, *self.sources[row["source"]])
        taught = self.hear(key, row, self.items)
        if row["kind"] == "rating":
            self.raters[row["id"], row["source"]] = taught[:2]
            self.sources[row["source"]] = taught[2:]
        row["number"] = number
        self.rows.setdefault(key, []).append(row)


def choose(rnd, world, key, day):
    rows = world.rows.get(key, [])
    rated = [r for r in rows if r["kind"] == "rating"]
    pending = world.keys.get(key) and world.keys[key].pending
    x = rnd.random()
    if x < .06 and len(rated) > 2:
        r = rnd.choice(rated)
        return dict(kind="retract", id=r["id"], source=r["source"], value=r["number"])
    if x < .10 and pending:
        return dict(kind="followup", id=pending[0][0], source="", value="")
    if x < .40:
        return dict(kind="complete", id=rnd.randrange(3), source="", value=rnd.choice([.4, .75, 1.0]))
    if x < .45:
        return dict(kind="feedback", id=0, source="", value=rnd.choice([-1, 0, 1]))
    if x < .50:
        return dict(kind="assessment", id=0, source="", value=rnd.choice([2.5, 3.25, 4.0]))
    return dict(kind="rating", id=rnd.randrange(7), source=rnd.choice(list(SOURCES)),
                value=rnd.randint(1, 5))


def main():
    rnd, world, day, number = random.Random(7), World(), 0, 0
    names = "day kind key id source value mu var b_rs v_rs item_m item_V"
    print("\t".join(names.split()))
    while number < 200:
        key = rnd.choice(["0.0", "0.1", "1.0", "1.1"])
        day += rnd.choice([0, 0, 1, 1, 2, 3, 9])
        row = dict(choose(rnd, world, key, day), day=day)
        k = world.keys.get(key)
        shown = k.pending[0][0] if k and k.pending else row["id"]
        number += 1
        world.apply(number, key, row)
        k = world.keys[key]
        bias = item = ("", "")
        if row["kind"] == "rating":
            bias = ["%.9f" % x for x in world.raters[row["id"], row["source"]]]
        if row["kind"] in ("complete", "followup"):
            item = ["%.9f" % x for x in world.items[shown][:2]]
        print(day, row["kind"], key, row["id"], row["source"], row["value"], "%.9f" % k.mu(),
              "%.9f" % k.var_at(day), *bias, *item, sep="\t")


main()
