// A small organisation: three people, a competency, a role, a scale, an open cycle, two things to
// learn.
import { CompetencyFamily, CyclePhase, ItemKind } from "./contract.mjs";

const DAY_S = 86400;
const LEVELS = ["Awareness", "Working", "Practitioner", "Advanced", "Expert"];

const person = (personId, managerId) => ({
  recordPerson: { personId, managerId, unitId: "u-data", active: true },
});

const item = (itemId, title, kind, hours, share) => ({
  defineCatalogueItem: {
    itemId, title, kind, hours,
    outcomes: [{ competencyId: "c-sql", share, levelFrom: 1, levelTo: 4 }],
  },
});

const startOfCycle = () => ({
  seconds: BigInt(Math.floor(Date.now() / 1000) - 10 * DAY_S), nanos: 0,
});

/** What is submitted to whom, in the order it has to be known in. */
export const setUp = () => [
  ["feedback-ingest", "hr", { recordUnit: { unitId: "u-data", label: "Data" } }],
  ["feedback-ingest", "hr", person("p-mia", "")],
  ["feedback-ingest", "hr", person("p-tom", "p-mia")],
  ["feedback-ingest", "hr", person("p-ada", "p-mia")],
  ["competency", "hr", { defineCompetency: {
    competencyId: "c-sql", title: "Asking databases", family: CompetencyFamily.FUNCTIONAL,
    levels: LEVELS.map((name) => ({ name })),
  } }],
  ["competency", "hr", { defineRole: { roleId: "r-analyst", title: "Analyst" } }],
  ["competency", "hr", { setRoleTarget: {
    roleId: "r-analyst", competencyId: "c-sql", levelName: "Advanced", weight: 2,
  } }],
  ["competency", "hr", { assignRole: { personId: "p-tom", roleId: "r-analyst" } }],
  ["competency", "hr", { assignRole: { personId: "p-ada", roleId: "r-analyst" } }],
  ["learning-recommender", "hr", item("i-course", "SQL from the start", ItemKind.COURSE, 12, 1)],
  ["learning-recommender", "hr", item("i-task", "Own a report", ItemKind.TASK, 20, 0.8)],
  ["review-cycle", "hr", { defineScale: {
    scaleId: "s-five", version: 1, defaultValue: 3,
    values: LEVELS.map((label, i) => ({ value: i + 1, label, proficient: i >= 2 })),
  } }],
  ["review-cycle", "hr", { defineCycle: {
    cycleId: "y-1", label: "First cycle", startsAt: startOfCycle(), scaleId: "s-five",
    scaleVersion: 1,
  } }],
  ["review-cycle", "hr", { moveCycle: { cycleId: "y-1", to: CyclePhase.SCHEDULED } }],
  ["review-cycle", "hr", { moveCycle: { cycleId: "y-1", to: CyclePhase.WRITING } }],
];
