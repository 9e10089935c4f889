// Publishes one rating and waits for the result, with `praxis run` running:
//   npm install @nats-io/transport-node protobufjs
//   node publish-review.mjs <cycle> <manager> <person> <competency> <value>
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { connect } from "@nats-io/transport-node";
import protobuf from "protobufjs";

const [cycleId, managerId, personId, competencyId, value] = process.argv.slice(2);
const read = (file) => readFileSync(`${process.env.PRAXIS_DIR ?? "praxis-data"}/${file}`, "utf8");
const { url, tenant, source } = Object.fromEntries(
  read("connection").split("\n").map((line) => line.split(/\s*=\s*/)));
const root = new protobuf.Root();
root.resolvePath = (_, file) => `proto/${file}`; // the contract, from the top of this repository
await root.load(["praxis/review_cycle/v1/submission.proto", "praxis/common/v1/result.proto"]);
const Submission = root.lookupType("praxis.review_cycle.v1.Submission");
const ResultBatch = root.lookupType("praxis.common.v1.ResultBatch");

const nats = await connect({ servers: url, user: source,
  pass: read(`credentials/${source}`).trim(), inboxPrefix: `_IN_${source}` });
const answers = nats.subscribe(`praxis.v1.${tenant}.result.review-cycle.${source}`);
const now = { seconds: Math.floor(Date.now() / 1000) };
const submission = Submission.fromObject({
  submissionId: randomUUID(), createdAt: now, occurredAt: now, actor: managerId,
  submitReview: { reviewId: randomUUID(), cycleId, subjectId: personId,
    relation: "RELATION_MANAGER", ratings: [{ competencyId, value: Number(value) }] } });
// Not answered, or interrupted before the result? Send the same bytes again: it counts once.
const stored = await nats.request(
  `praxis.v1.${tenant}.submit.review-cycle.SubmitReview.${source}`,
  Submission.encode(submission).finish());
if (stored.json().error) throw new Error(stored.string());
for await (const message of answers) { // only our own results arrive here
  const result = ResultBatch.decode(message.data).results
    .find(({ submissionId }) => submissionId === submission.submissionId);
  if (!result) continue;
  console.log(JSON.stringify(result));
  break;
}
await nats.drain();
