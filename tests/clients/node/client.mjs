// A client of Praxis: submits and waits for results, asks, reads the feed live and from the start.
import { readFileSync } from "node:fs";
import { create, fromBinary, fromJsonString, toBinary, toJsonString } from "@bufbuild/protobuf";
import { AckPolicy, DeliverPolicy, jetstream, jetstreamManager } from "@nats-io/jetstream";
import { connect, headers } from "@nats-io/transport-node";
import { registry, ResultBatchSchema, submissions } from "./contract.mjs";

const ANSWER_MS = 30000;
const JSON_TYPE = "application/json";
const PROTOBUF_TYPE = "application/protobuf";

/** What `praxis run` wrote down for clients: url, tenant, source, and the source's password. */
export function readConnection(dir) {
  const lines = readFileSync(`${dir}/connection`, "utf8").split("\n");
  const pairs = lines.filter((line) => /^[^#].*=/.test(line)).map((line) => line.split(/\s*=\s*/));
  const { url, tenant, source } = Object.fromEntries(pairs);
  const password = readFileSync(`${dir}/credentials/${source}`, "utf8").trim();
  return { url, tenant, source, password };
}

/** Rejects with `what` when the promise takes too long. */
function within(promise, what) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${ANSWER_MS} ms`)), ANSWER_MS);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

/** Collects what arrives, and hands each to those who wait for one like it. */
class Arrivals {
  all = [];
  #waiting = [];

  add(item) {
    this.all.push(item);
    this.#waiting = this.#waiting.filter(({ wanted, resolve }) => !wanted(item) || resolve(item));
  }

  /** The first one from position `from` on that is wanted, when it is there. */
  next(wanted, what, from = 0) {
    const found = this.all.slice(from).find(wanted);
    if (found)
      return Promise.resolve(found);
    return within(new Promise((resolve) => this.#waiting.push({ wanted, resolve })), what);
  }
}

/** A message of the feed with its CloudEvents attributes, decoded by its type. */
function readEvent(message) {
  const attribute = (name) => message.headers.get(`ce-${name}`);
  const schema = registry.getMessage(attribute("type"));
  if (!schema)
    throw new Error(`${message.subject}: the contract has no ${attribute("type")}`);
  return {
    subject: message.subject,
    messageId: message.headers.get("Nats-Msg-Id"),
    id: attribute("id"),
    source: attribute("source"),
    type: attribute("type"),
    specversion: attribute("specversion"),
    about: attribute("subject"),
    time: attribute("time"),
    contentType: attribute("datacontenttype"),
    sequence: attribute("sequence"),
    correlation: attribute("correlationid"),
    causation: attribute("causationid"),
    bytes: Buffer.from(message.data),
    body: decode(schema, message),
  };
}

const isJson = (message) => message.headers?.get("Content-Type") === JSON_TYPE;

function decode(schema, message) {
  // Strict: a field or an enum value that the contract does not have is an error.
  if (isJson(message))
    return fromJsonString(schema, message.string(), { registry });
  return fromBinary(schema, message.data);
}

export class Praxis {
  results = new Arrivals();
  events = new Arrivals();
  /** Highest log sequence of our accepted submissions: later ones wait until it is known. */
  logSeq = 0n;

  static async open(dir) {
    const { url, tenant, source, password } = readConnection(dir);
    const nats = await connect({
      servers: url, user: source, pass: password, name: "node client", inboxPrefix: `_IN_${source}`,
    });
    const praxis = new Praxis();
    Object.assign(praxis, { nats, url, tenant, source, at: `praxis.v1.${tenant}` });
    praxis.#listen(`${praxis.at}.result.*.${source}`, (message) => praxis.#addResults(message));
    praxis.#listen(`${praxis.at}.event.>`, (message) => praxis.events.add(readEvent(message)));
    await nats.flush();
    return praxis;
  }

  /** What cannot be read ends the process: a test must not go on without it. */
  #listen(subject, handle) {
    this.nats.subscribe(subject, {
      callback: (error, message) => {
        try {
          if (error)
            throw error;
          handle(message);
        } catch (problem) {
          queueMicrotask(() => { throw problem; }); // the library would swallow it here
        }
      },
    });
  }

  #addResults(message) {
    const service = message.subject.split(".")[4];
    for (const result of decode(ResultBatchSchema, message).results)
      this.results.add({
        service, result, json: isJson(message), messageId: message.headers.get("Nats-Msg-Id"),
      });
  }

  /** A submission as it goes out; `body` names its type, such as { submitReview: {...} }. */
  make(service, submissionId, actor, body) {
    const [[name, value]] = Object.entries(body);
    const now = { seconds: BigInt(Math.floor(Date.now() / 1000)), nanos: 0 };
    const message = create(submissions[service], {
      submissionId, actor, createdAt: now, occurredAt: now, afterSeq: this.logSeq,
      body: { case: name, value },
    });
    return { service, type: name[0].toUpperCase() + name.slice(1), message };
  }

  /** Sends it and waits for its result, which is final; sending it again changes nothing. */
  async submit({ service, type, message }, { json = false } = {}) {
    const schema = submissions[service];
    const from = this.results.all.length;
    const header = headers();
    header.set("Content-Type", json ? JSON_TYPE : PROTOBUF_TYPE);
    const stored = await this.nats.request(
      `${this.at}.submit.${service}.${type}.${this.source}`,
      json ? toJsonString(schema, message) : toBinary(schema, message),
      { headers: header, timeout: ANSWER_MS });
    if (stored.json().error)
      throw new Error(`not stored: ${stored.string()}`);
    const answer = await this.results.next(
      (a) => a.service === service && a.result.submissionId === message.submissionId,
      `result of ${message.submissionId}`, from);
    const { outcome } = answer.result;
    if (outcome.case === "accepted" && outcome.value.logSeq > this.logSeq)
      this.logSeq = outcome.value.logSeq;
    return answer;
  }

  /** Asks in JSON, from a state that includes the log up to `afterSeq`; refused says why. */
  async ask(service, question, request, replySchema, afterSeq = this.logSeq) {
    const header = headers();
    header.set("Content-Type", JSON_TYPE);
    header.set("Praxis-After-Seq", String(afterSeq));
    const late = Date.now() + ANSWER_MS;
    for (;;) {
      const reply = await this.nats.request(
        `${this.at}.query.${service}.${question}`, JSON.stringify(request),
        { headers: header, timeout: ANSWER_MS });
      const refused = reply.headers?.get("Praxis-Reason");
      if (!refused)
        return { message: decode(replySchema, reply), json: isJson(reply) };
      if (refused !== "NOT_READY" || Date.now() > late)
        return { refused, text: reply.headers.get("Nats-Service-Error") };
      await new Promise((resolve) => setTimeout(resolve, 20)); // it has not folded that far yet
    }
  }

  /** The tenant's events from the first one on, by a pull consumer of our own. */
  async history(filter = `${this.at}.event.>`) {
    const api = { apiPrefix: "FEED.API", checkAPI: false }; // what a tenant may use of JetStream
    const manager = await jetstreamManager(this.nats, api);
    const info = await manager.consumers.add("PRAXIS_FEED", {
      name: `node_${process.pid}_${Date.now()}`, filter_subject: filter,
      deliver_policy: DeliverPolicy.All, ack_policy: AckPolicy.None, mem_storage: true,
      inactive_threshold: 60 * 1e9,
    });
    const consumer = jetstream(this.nats, api).consumers.getConsumerFromInfo(info);
    const events = [];
    while (events.length < info.num_pending)
      for await (const message of await consumer.fetch({ max_messages: 100, expires: 2000 })) {
        events.push({ ...readEvent(message), feedSeq: message.seq });
        if (events.length === info.num_pending)
          break;
      }
    return events;
  }

  close() {
    return this.nats.drain();
  }
}
