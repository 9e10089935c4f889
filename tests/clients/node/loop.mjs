// From ratings to a learning plan, seen by an integrator; every step is printed and checked.
//   node loop.mjs <directory of praxis run>
import assert from "node:assert/strict";
import { equals } from "@bufbuild/protobuf";
import { Praxis } from "./client.mjs";
import { PlanSchema, registry, Relation, ResultBatchSchema } from "./contract.mjs";
import { setUp } from "./organisation.mjs";

const SECRET = "Tom takes criticism of his queries to heart";
const RESULT = ResultBatchSchema.field.results.message;

const say = (text) => console.log(text);
const step = (text) => say(`\n== ${text}`);
const outcomeOf = (answer) => answer.result.outcome;

function show(what, answer) {
  const { outcome, submissionId } = answer.result;
  const said = outcome.case === "accepted"
    ? `accepted, log ${outcome.value.logSeq}, ${outcome.value.facts} fact(s)`
    : `rejected, ${outcome.value.code} at ${outcome.value.field}: ${outcome.value.text}`;
  say(`  ${what} ${submissionId} (${answer.json ? "JSON" : "protobuf"}): ${said}`);
}

function assertAccepted(answer) {
  assert.equal(outcomeOf(answer).case, "accepted", JSON.stringify(outcomeOf(answer).value.code));
  assert.ok(outcomeOf(answer).value.facts >= 1);
}

function assertRejected(answer, code, field) {
  assert.equal(outcomeOf(answer).case, "rejected");
  assert.equal(outcomeOf(answer).value.code, code);
  assert.equal(outcomeOf(answer).value.field, field);
  assert.ok(outcomeOf(answer).value.text.length > 0);
}

/** CloudEvents 1.0, binary mode, and what Praxis promises of it. */
function assertCloudEvent(event, tenant) {
  const [, , ofTenant, , service, type] = event.subject.split(".");
  assert.equal(ofTenant, tenant);
  assert.equal(event.specversion, "1.0");
  assert.match(event.id, new RegExp(`^${service}\\.[1-9][0-9]*\\.[0-9a-f]{16}\\.[1-9][0-9]*$`));
  assert.equal(event.id, event.messageId, "ce-id is the Nats-Msg-Id");
  assert.equal(event.source, `/praxis/${tenant}/${service}`);
  assert.equal(event.type.split(".").at(-1), type, "the subject's last token is the type");
  assert.ok(event.type.startsWith(`praxis.${service.replaceAll("-", "_")}.v1.`), event.type);
  assert.match(event.about, /^[A-Za-z0-9_-]{1,64}$/);
  assert.ok(Math.abs(Date.parse(event.time) - Date.now()) < 86400e3, event.time);
  assert.equal(event.contentType, "application/protobuf");
  assert.match(event.sequence, /^[1-9][0-9]*$/);
  assert.equal(event.body.$unknown, undefined, `${event.type} has fields the contract has not`);
}

const review = (reviewId, raterIs, value, comment) => ({
  submitReview: {
    reviewId, cycleId: "y-1", subjectId: "p-tom", relation: raterIs,
    what: { value }, ratings: [{ competencyId: "c-sql", value }],
    ...(comment ? { comment: { plain: comment } } : {}),
  },
});

async function setUpOrganisation(praxis) {
  step("An organisation, sent as protobuf and as JSON in turn");
  for (const [i, [service, actor, body]] of setUp().entries()) {
    const submission = praxis.make(service, `setup-${i + 1}`, actor, body);
    const answer = await praxis.submit(submission, { json: i % 2 === 1 });
    show(submission.type, answer);
    assertAccepted(answer);
    assert.equal(answer.json, i % 2 === 1, "the result comes in the encoding of the submission");
  }
}

async function refuse(praxis) {
  step("What is wrong is refused by name");
  const wrong = praxis.make("review-cycle", "wrong-1", "p-mia",
    review("v-wrong", Relation.MANAGER, 9));
  const answer = await praxis.submit(wrong);
  show("SubmitReview", answer);
  assertRejected(answer, "BAD_SCALE_VALUE", "what.value");
  const unknown = review("v-wrong", Relation.MANAGER, 2);
  unknown.submitReview.subjectId = "p-nobody";
  const second = await praxis.submit(
    praxis.make("review-cycle", "wrong-2", "p-mia", unknown), { json: true });
  show("SubmitReview", second);
  assertRejected(second, "PERSON_UNKNOWN", "subject_id");
}

async function submitReviews(praxis) {
  step("The manager's review as protobuf, the self review as JSON");
  const manager = praxis.make("review-cycle", "review-1", "p-mia",
    review("v-manager", Relation.MANAGER, 2, SECRET));
  const self = praxis.make("review-cycle", "review-2", "p-tom",
    review("v-self", Relation.SELF, 3));
  const first = await praxis.submit(manager);
  const second = await praxis.submit(self, { json: true });
  show("SubmitReview", first);
  show("SubmitReview", second);
  assertAccepted(first);
  assertAccepted(second);
  assert.equal(first.json, false);
  assert.equal(second.json, true);
  return { manager, self, first, second };
}

async function sendAgain(praxis, { manager, self, first, second }) {
  step("Sent again: the same result, whatever the encoding; other content is refused");
  for (const [submission, before, json] of [[manager, first, false], [manager, first, true],
    [self, second, false]]) {
    const again = await praxis.submit(submission, { json });
    show("SubmitReview", again);
    assert.ok(equals(RESULT, again.result, before.result), "the result is final");
    assert.equal(again.json, json);
  }
  const { message } = await praxis.ask("review-cycle", "GetResult",
    { source: praxis.source, submissionId: "review-1" }, RESULT);
  assert.ok(equals(RESULT, message, first.result), "asked for, it is the same too");
  say(`  GetResult ${message.submissionId}: the same`);
  const reused = praxis.make("review-cycle", "review-1", "p-mia",
    review("v-other", Relation.MANAGER, 5));
  const refused = await praxis.submit(reused);
  show("SubmitReview", refused);
  assertRejected(refused, "ID_REUSED", "submission_id");
}

async function readPlan(praxis) {
  step("The plan arrives on the feed");
  const event = await praxis.events.next(
    ({ subject, body }) => subject.endsWith(".PlanProposed") && body.personId === "p-tom",
    "PlanProposed");
  const { body } = event;
  for (const name of ["specversion", "id", "source", "type", "about", "time", "sequence",
    "causation"])
    say(`  ce-${name === "about" ? "subject" : name}: ${event[name]}`);
  assertCloudEvent(event, praxis.tenant);
  assert.equal(event.type, "praxis.learning_recommender.v1.PlanProposed");
  assert.equal(body.roleId, "r-analyst");
  assert.ok(body.items.length >= 1);
  assert.ok(body.causeReviewIds.includes("v-manager"), "the rating is named as the cause");
  for (const { issue, learning, followUp } of body.items) {
    say(`  ISSUE     ${issue.title}: ${issue.level.toFixed(2)} of ${issue.target}, ` +
      `below it with probability ${issue.probability.toFixed(2)}`);
    say(`  LEARNING  ${learning.title}, ${learning.hours} h, +${learning.gain.toFixed(2)} levels`);
    say(`  FOLLOW-UP ${new Date(Number(followUp.dueAt.seconds) * 1000).toISOString()}, ` +
      `asked: ${followUp.raterIds.join(", ")}`);
    assert.equal(issue.competencyId, "c-sql");
    assert.equal(issue.target, 4);
    assert.ok(issue.level < issue.target && issue.probability >= 0.6);
    const behind = issue.ratings.find((rating) => rating.reviewId === "v-manager");
    assert.equal(behind.raterId, "p-mia");
    assert.equal(behind.self, false);
    assert.ok(["i-course", "i-task"].includes(learning.itemId));
    assert.ok(learning.gain > 0 && learning.value > 0);
    assert.ok(followUp.raterIds.includes("p-mia"));
  }
  return event;
}

async function askForPlan(praxis, event) {
  step("GetPlan, asked and answered in JSON");
  const ask = (viewerId) => praxis.ask("learning-recommender", "GetPlan",
    { viewerId, personId: "p-tom" }, PlanSchema, event.sequence);
  const answer = await ask("p-tom");
  assert.equal(answer.refused, undefined, answer.text);
  assert.equal(answer.json, true);
  const plan = answer.message;
  say(`  plan ${plan.planId} of ${plan.personId}, wording ${plan.revision}: ` +
    `${plan.items.map((i) => i.learning.title).join(", ")}; ${plan.hours} h`);
  assert.equal(plan.planId, event.body.planId);
  assert.ok(plan.revision >= 1 && plan.items.length >= 1);
  assert.ok(plan.asOfSeq >= BigInt(event.sequence));
  const { refused } = await ask("p-ada");
  say(`  asked by a colleague: ${refused}`);
  assert.equal(refused, "FORBIDDEN");
}

/** The feed holds what came live, each once, in the order of its daemon. */
async function readHistory(praxis) {
  step("The whole history, pulled through FEED.API");
  const history = await praxis.history();
  const counts = new Map();
  for (const event of history) {
    assertCloudEvent(event, praxis.tenant);
    assert.ok(!event.bytes.includes(SECRET), "no personal text on the feed");
    const type = event.type.replace("praxis.", "");
    counts.set(type, (counts.get(type) ?? 0) + 1);
  }
  for (const [type, count] of counts)
    say(`  ${String(count).padStart(3)} ${type}`);
  assert.equal(new Set(history.map(({ id }) => id)).size, history.length, "each fact once");
  for (const old of history) {
    const live = await praxis.events.next(({ id }) => id === old.id, `live event ${old.id}`);
    assert.deepEqual(live.bytes, old.bytes);
  }
  for (const [type, count] of [["feedback_ingest.v1.PersonRecorded", 3],
    ["review_cycle.v1.ReviewSubmitted", 2], ["learning_recommender.v1.PlanProposed", 1]])
    assert.equal(counts.get(type), count, type);
  const causes = history.filter(({ type }) => type.endsWith(".ReviewSubmitted"));
  assert.deepEqual(causes.map(({ correlation }) => correlation), ["review-1", "review-2"]);
  assert.equal(causes[0].causation, `${praxis.source}/review-1`);
  assert.equal(causes[0].body.ratings[0].value, 2);
}

/**
 * Results are kept too: one per submission and content; ids of repeats begin with "again.". Whoever listens live may hear a
 * message twice, by the same id: a daemon whose send was not acknowledged in time sends it again.
 */
async function checkResults(praxis) {
  step("The results that came");
  const own = praxis.results.all.filter(({ result }) => /^(setup|wrong|review)-/.test(result.submissionId));
  const isRepeat = ({ messageId }) => messageId.startsWith("again.");
  const decided = new Set(own.filter((one) => !isRepeat(one))
    .map(({ messageId, result }) => `${messageId} ${result.submissionId}`));
  const repeated = own.filter(isRepeat);
  say(`  ${decided.size} decided, ${repeated.length} answered again`);
  assert.equal(decided.size, setUp().length + 5);
  assert.deepEqual(repeated.map(({ result }) => result.submissionId),
    ["review-1", "review-1", "review-2"]);
}

const praxis = await Praxis.open(process.argv[2]);
say(`source ${praxis.source} of tenant ${praxis.tenant} at ${praxis.url}; ` +
  `${[...registry].length} types known`);
await setUpOrganisation(praxis);
await refuse(praxis);
const sent = await submitReviews(praxis);
await sendAgain(praxis, sent);
const planned = await readPlan(praxis);
await askForPlan(praxis, planned);
await readHistory(praxis);
await checkResults(praxis);
await praxis.close();
say("\nall of it held");
