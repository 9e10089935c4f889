// The contract as code: what protoc-gen-es made of proto/praxis, found by service and by name.
import { createRegistry } from "@bufbuild/protobuf";
import * as result from "./gen/praxis/common/v1/result_pb.js";
import * as people from "./gen/praxis/feedback_ingest/v1/submission_pb.js";
import * as peopleEvents from "./gen/praxis/feedback_ingest/v1/event_pb.js";
import * as review from "./gen/praxis/review_cycle/v1/submission_pb.js";
import * as reviewEvents from "./gen/praxis/review_cycle/v1/event_pb.js";
import * as competency from "./gen/praxis/competency/v1/submission_pb.js";
import * as competencyEvents from "./gen/praxis/competency/v1/event_pb.js";
import * as learning from "./gen/praxis/learning_recommender/v1/submission_pb.js";
import * as learningEvents from "./gen/praxis/learning_recommender/v1/event_pb.js";

export const submissions = {
  "feedback-ingest": people.SubmissionSchema,
  "review-cycle": review.SubmissionSchema,
  "competency": competency.SubmissionSchema,
  "learning-recommender": learning.SubmissionSchema,
};

// Every message that an event's ce-type can name.
export const registry = createRegistry(
  result.file_praxis_common_v1_result,
  peopleEvents.file_praxis_feedback_ingest_v1_event,
  reviewEvents.file_praxis_review_cycle_v1_event,
  competencyEvents.file_praxis_competency_v1_event,
  learningEvents.file_praxis_learning_recommender_v1_event,
);

export const { ResultBatchSchema } = result;
export { GetPlanSchema, PlanSchema } from "./gen/praxis/learning_recommender/v1/query_pb.js";
export { Relation, CyclePhase } from "./gen/praxis/review_cycle/v1/submission_pb.js";
export { CompetencyFamily } from "./gen/praxis/competency/v1/submission_pb.js";
export { ItemKind } from "./gen/praxis/learning_recommender/v1/submission_pb.js";
