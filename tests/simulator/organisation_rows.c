/* organisation_rows.c: what the small company sends: people p1 to p6 (p1 leads p2 to p4, p2 the
 * others), competencies c1 and on, items i1 and on. */
#include "tests/simulator/organisation_rows.h"

#include "common/status.h"

enum { FEEDBACK, REVIEW, COMPETENCY, LEARNING, REPORTING };

#define LEVELS "'levels':[{'name':'a'},{'name':'b'},{'name':'c'},{'name':'d'},{'name':'e'}]"
#define SKILL(phase, id, family)                                                                   \
    {                                                                                              \
        phase, COMPETENCY, "defineCompetency", "hr",                                               \
            "{'competencyId':'" id "','title':'" id "','family':'COMPETENCY_FAMILY_" family        \
            "'," LEVELS "}"                                                                        \
    }
#define ROLE(id)                                                                                   \
    {                                                                                              \
        0, COMPETENCY, "defineRole", "hr", "{'roleId':'" id "','title':'" id "'}"                  \
    }
#define TARGET(role, id, level)                                                                    \
    {                                                                                              \
        1, COMPETENCY, "setRoleTarget", "hr",                                                      \
            "{'roleId':'" role "','competencyId':'" id "','levelName':'" level "'}"                \
    }
#define ITEM(phase, id, skill, kind, hours, more)                                                  \
    {                                                                                              \
        phase, LEARNING, "defineCatalogueItem", "hr",                                              \
            "{'itemId':'" id "','title':'" id "','kind':'ITEM_KIND_" kind "','hours':" hours       \
            ",'outcomes':[{'competencyId':'" skill "','share':1,'levelFrom':1,'levelTo':5}]" more  \
            "}"                                                                                    \
    }
#define PERSON(phase, id, manager)                                                                 \
    {                                                                                              \
        phase, FEEDBACK, "recordPerson", "hr",                                                     \
            "{'personId':'" id "','managerId':'" manager "','unitId':'u2','active':true}"          \
    }
#define ASSIGN(person, role)                                                                       \
    {                                                                                              \
        3, COMPETENCY, "assignRole", "hr", "{'personId':'" person "','roleId':'" role "'}"         \
    }
#define CYCLE(phase, id, starts)                                                                   \
    {                                                                                              \
        phase, REVIEW, "defineCycle", "hr",                                                        \
            "{'cycleId':'" id "','label':'" id "','startsAt':'" starts                             \
            "T00:00:00Z','scaleId':'s1','scaleVersion':1}"                                         \
    }
#define MOVE(phase, id, to)                                                                        \
    {                                                                                              \
        phase, REVIEW, "moveCycle", "hr",                                                          \
            "{'cycleId':'" id "','to':'CYCLE_PHASE_" to "','force':true,'reason':'time'}"          \
    }
#define SCALE(version)                                                                             \
    "{'scaleId':'s1','version':" version ",'values':[{'value':1,'label':'1'},"                     \
    "{'value':2,'label':'2'},{'value':3,'label':'3','proficient':true},"                           \
    "{'value':4,'label':'4','proficient':true},{'value':5,'label':'5','proficient':true}],"        \
    "'defaultValue':3}"
#define TEMPLATE(role, version)                                                                    \
    "{'roleId':'" role "','version':" version ",'criteria':[{'criterionId':'k1','label':'output'," \
    "'facet':'FACET_WHAT','weightHundredths':7000},{'criterionId':'k2','label':'accuracy',"        \
    "'facet':'FACET_WHAT','weightHundredths':3000,'competencyId':'c<1-6>'}]}"

static const organisation_row setup[] = {
    { 0, FEEDBACK, "recordUnit", "hr", "{'unitId':'u1','label':'top'}" },
    SKILL(0, "c1", "CORE"),
    SKILL(0, "c2", "CORE"),
    SKILL(0, "c3", "LEADERSHIP"),
    ROLE("r1"),
    ROLE("r2"),
    { 0, REVIEW, "defineScale", "hr", SCALE("1") },
    { 1, FEEDBACK, "recordUnit", "hr", "{'unitId':'u2','parentUnitId':'u1','label':'below'}" },
    { 1, FEEDBACK, "recordPerson", "hr",
      "{'personId':'p1','unitId':'u1','active':true,'hrPartner':true}" },
    CYCLE(1, "y1", "2026-01-01"),
    TARGET("r1", "c1", "d"),
    TARGET("r1", "c2", "c"),
    TARGET("r2", "c3", "e"),
    ITEM(1, "i1", "c1", "COURSE", "4", ""),
    ITEM(1, "i2", "c2", "COURSE", "10", ""),
    ITEM(1, "i3", "c3", "COURSE", "2", ""),
    PERSON(2, "p2", "p1"),
    PERSON(2, "p3", "p1"),
    PERSON(2, "p4", "p1"),
    MOVE(2, "y1", "SCHEDULED"),
    ASSIGN("p2", "r1"),
    ASSIGN("p3", "r1"),
    ASSIGN("p4", "r2"),
    MOVE(3, "y1", "WRITING"),
    PERSON(3, "p5", "p2"),
    PERSON(3, "p6", "p2"),
};

/* p2 and p3 have the gaps c1 and c2, p4 has the gap c3 and knows c2. */
#define REVIEWED(id, cycle, person, ratings)                                                       \
    {                                                                                              \
        0, REVIEW, "submitReview", "p1",                                                           \
            "{'reviewId':'" id "','cycleId':'" cycle "','subjectId':'" person                      \
            "','relation':'RELATION_MANAGER','what':{'value':5},'how':{'value':5},'ratings':"      \
            "[" ratings "]}"                                                                       \
    }
#define RATED(id, value) "{'competencyId':'" id "','value':" value "}"
#define TESTED(id)                                                                                 \
    {                                                                                              \
        0, COMPETENCY, "recordAssessment", "hr",                                                   \
            "{'assessmentId':'" id "','personId':'p4','competencyId':'c2','score':5}"              \
    }

static const organisation_row story[] = {
    { 0, COMPETENCY, "defineFramework", "hr", "{'frameworkId':'w1','title':'ours','version':'1'}" },
    SKILL(0, "c4", "FUNCTIONAL"),
    SKILL(0, "c5", "FUNCTIONAL"),
    SKILL(0, "c6", "FUNCTIONAL"),
    SKILL(0, "c7", "CAREER"),
    SKILL(0, "c8", "CAREER"),
    SKILL(0, "c9", "CAREER"),
    ITEM(0, "i4", "c3", "TASK", "3", ""),
    ITEM(0, "i5", "c2", "COACHING", "3", ""),
    ITEM(0, "i6", "c6", "EXTERNAL", "1", ",'activityId':'http://lms.test/6'"),
    ITEM(0, "i7", "c6", "MICRO", "0.5", ",'promptDays':[0,2,7]"),
    TESTED("t1"),
    TESTED("t2"),
    TESTED("t3"),
    { 0, LEARNING, "offerMentoring", "p4", "{'competencyIds':['c2'],'slots':2}" },
    { 0, LEARNING, "setPlanPolicy", "hr",
      "{'consent':'PLAN_CONSENT_PERSON','minutesPerPeriod':6000,'periodDays':90}" },
    { 0, COMPETENCY, "defineHighPotentialRule", "hr",
      "{'topCellIn':1,'ofCycles':1,'reason':'who leads next'}" },
    { 0, REVIEW, "declareStrategyItem", "hr",
      "{'strategyItemId':'g1','title':'speed','weight':2,'competencyIds':['c2','c3']}" },
    { 0, REVIEW, "declareStrategyItem", "hr",
      "{'strategyItemId':'g2','title':'care','weight':1.5,'competencyIds':['c4']}" },
    CYCLE(0, "y0", "2025-06-01"),
    { 0, REVIEW, "defineTemplate", "hr", TEMPLATE("r2", "1") },
    MOVE(0, "y0", "SCHEDULED"),
    MOVE(0, "y0", "WRITING"),
    { 0, COMPETENCY, "setLevelPolicy", "hr",
      "{'competencyId':'c6','kind':'LEVEL_POLICY_KIND_HIGHEST'}" },
    { 0, COMPETENCY, "setNeedDetector", "hr", "{'detector':'NEED_DETECTOR_SAME_GAP','people':5}" },
    { 0, COMPETENCY, "setPrerequisites", "hr", "{'competencyId':'c8','requiresIds':['c6']}" },
    { 0, COMPETENCY, "setCompetencyRule", "hr",
      "{'competencyId':'c3','kind':'COMPETENCY_RULE_KIND_ALL',"
      "'outcome':'COMPETENCY_RULE_OUTCOME_EVIDENCE','children':[{'competencyId':'c9'}]}" },
    { 0, COMPETENCY, "recordEvidence", "hr",
      "{'evidenceId':'e1','personId':'p2','competencyId':'c6','source':'EVIDENCE_SOURCE_COURSE',"
      "'action':'EVIDENCE_ACTION_OVERRIDE','levelName':'c'}" },
    { 0, COMPETENCY, "submitPriorLearning", "p3",
      "{'evidenceId':'e2','personId':'p3','competencyId':'c4','levelName':'b'}" },
    { 0, COMPETENCY, "reviewPriorLearning", "p1",
      "{'evidenceId':'e2','step':'PRIOR_LEARNING_STEP_TAKE_UP'}" },
    { 0, COMPETENCY, "supersedeEvidence", "hr", "{'evidenceId':'e1','reasonCode':'wrong'}" },
    { 0, COMPETENCY, "renameCompetency", "hr",
      "{'competencyId':'c4','newCompetencyId':'c10','title':'ten'}" },
    { 0, COMPETENCY, "mergeCompetencies", "hr", "{'competencyIds':['c5'],'intoId':'c6'}" },
    { 0, COMPETENCY, "splitCompetency", "hr",
      "{'competencyId':'c7','parts':[{'competencyId':'c8'},{'competencyId':'c9'}]}" },
    { 0, COMPETENCY, "retireCompetency", "hr", "{'competencyId':'c9','reasonCode':'old'}" },
    REVIEWED("v1", "y0", "p2", RATED("c1", "1") "," RATED("c2", "1")),
    REVIEWED("v2", "y0", "p3", RATED("c1", "1") "," RATED("c2", "1")),
    REVIEWED("v3", "y0", "p4", RATED("c3", "1") "],'criteria':[{'criterionId':'k1','value':2}"),
    REVIEWED("v4", "y1", "p2", RATED("c6", "4")),
    { 0, REVIEW, "withdrawReview", "p1", "{'reviewId':'v4'}" },
    { 0, REVIEW, "ratePotential", "p1", "{'cycleId':'y0','personId':'p2','value':4}" },
    MOVE(0, "y0", "SHARING"),
    { 0, COMPETENCY, "confirmHighPotential", "p1", "{'personId':'p2'}" },
    { 0, COMPETENCY, "declineHighPotential", "p1", "{'personId':'p3'}" },
    { 0, LEARNING, "answerMentoring", "p4",
      "{'personId':'p2','competencyId':'c2','accepted':true}" },
    { 0, LEARNING, "acceptItem", "p2", "{'personId':'p2','itemId':'i5'}" },
    { 0, LEARNING, "startItem", "p2", "{'personId':'p2','itemId':'i5'}" },
    { 0, LEARNING, "completeItem", "p2", "{'personId':'p2','itemId':'i5'}" },
    { 0, LEARNING, "voidCompletion", "hr", "{'personId':'p2','itemId':'i5'}" },
    { 0, LEARNING, "addItem", "p1", "{'personId':'p2','itemId':'i4'}" },
    { 0, LEARNING, "swapItem", "p1", "{'personId':'p3','itemId':'i4','insteadOfId':'i5'}" },
    { 0, LEARNING, "declineItem", "p3", "{'personId':'p3','itemId':'i4','reasonCode':'no'}" },
    { 0, LEARNING, "movePlan", "p1", "{'personId':'p4','planId':'p4-1','to':'PLAN_STATE_DRAFT'}" },
    { 0, LEARNING, "startItem", "p3", "{'personId':'p3','itemId':'i7'}" },
    { 0, LEARNING, "answerPrompt", "p3", "{'personId':'p3','itemId':'i7','number':1}" },
    { 0, LEARNING, "submitStatement", "lms",
      "{'statementId':'x1','verb':'http://adlnet.gov/expapi/verbs/completed','personId':'p3',"
      "'activityId':'http://lms.test/6'}" },
    { 0, LEARNING, "retireCatalogueItem", "hr", "{'itemId':'i6'}" },
    { 0, LEARNING, "defineTemplate", "hr",
      "{'templateId':'t1','title':'all','items':[{'itemId':'i3'},"
      "{'itemId':'i7','optional':true,'dueDays':30}]}" },
    { 0, LEARNING, "assignTemplate", "hr",
      "{'templateId':'t1','audience':'AUDIENCE_KIND_UNIT','unitId':'u2'}" },
    { 0, LEARNING, "unlinkPlan", "p1", "{'personId':'p4','planId':'p4-2'}" },
    { 0, LEARNING, "declareInitiative", "hr",
      "{'initiativeId':'n1','title':'faster','strategyItemId':'g1','competencies':"
      "[{'competencyId':'c2','level':3}],'audience':'AUDIENCE_KIND_EVERYBODY',"
      "'until':'2027-06-30T00:00:00Z'}" },
    { 0, LEARNING, "declareInitiative", "hr",
      "{'initiativeId':'n2','title':'over soon','competencies':[{'competencyId':'c6','level':2}],"
      "'audience':'AUDIENCE_KIND_MANAGERS','until':'2027-06-30T00:00:00Z'}" },
    { 0, LEARNING, "endInitiative", "hr", "{'initiativeId':'n2'}" },
    { 0, REVIEW, "retireStrategyItem", "hr", "{'strategyItemId':'g2'}" },
    { 0, FEEDBACK, "giveFeedback", "p3",
      "{'feedbackId':'f90','aboutId':'p2','kind':'FEEDBACK_KIND_PRAISE','text':{'plain':"
      "'well done'},'visibility':'FEEDBACK_VISIBILITY_PERSON'}" },
    { 0, FEEDBACK, "withdrawFeedback", "p3", "{'feedbackId':'f90'}" },
    PERSON(0, "p7", "p2"),
    { 0, FEEDBACK, "erasePerson", "hr", "{'personId':'p7'}" },
    { 0, REPORTING, "setGroupMinimum", "hr", "{'minimum':5}" },
};

/* ---- daily life ---- */

#define REVIEW_OF(actor, subject, relation)                                                        \
    actor, "{'reviewId':'w<1-36>','cycleId':'y<1|1|1|2>','subjectId':'p" subject                   \
           "','relation':'RELATION_" relation                                                      \
           "','ratings':[{'competencyId':'c<1-3>','value':<1-5>},{'competencyId':'c<1-12>',"       \
           "'facet':'FACET_HOW','value':<1-5>}]"
#define WHOLE ",'what':{'value':<3-5>},'how':{'value':<3-5>}}"
#define SAID  ",'comment':{'plain':'good work'}}"
#define OF_ITEM(type, weight, actor)                                                               \
    {                                                                                              \
        weight, LEARNING, type, actor, "{'personId':'p<2-6>','itemId':'i<1-9>'}"                   \
    }
#define AUDIENCE                                                                                   \
    "'audience':'AUDIENCE_KIND_<EVERYBODY|UNIT|MANAGERS|ROLE>','unitId':'u<1-3>','roleId':'r<1-3>" \
    "'"

static const organisation_row daily[] = {
    { 4, FEEDBACK, "recordPerson", "hr",
      "{'personId':'p<5-6>','managerId':'p<1-4>','unitId':'u<1-3>','active':<true|true|false>}" },
    { 1, FEEDBACK, "recordUnit", "hr",
      "{'unitId':'u<2-4>','parentUnitId':'u<1-3>','label':'unit'}" },
    { 2, FEEDBACK, "erasePerson", "hr", "{'personId':'p<5-6>'}" },
    { 9, FEEDBACK, "giveFeedback", "p<1-6>",
      "{'feedbackId':'f<1-12>','aboutId':'p<1-6>','kind':'FEEDBACK_KIND_PRAISE','tags':"
      "[{'competencyId':'c<1-12>','tone':'TAG_TONE_<POSITIVE|NEGATIVE>'}],'text':{'plain':"
      "'well done <1-99>'},'visibility':'FEEDBACK_VISIBILITY_PERSON'}" },
    { 3, FEEDBACK, "withdrawFeedback", "p<1-6>", "{'feedbackId':'f<1-12>'}" },

    { 10, REVIEW, "submitReview", REVIEW_OF("p<2-6>", "<=1>", "SELF") "}" },
    { 10, REVIEW, "submitReview", REVIEW_OF("p1", "<2-4>", "MANAGER") WHOLE },
    { 5, REVIEW, "submitReview", REVIEW_OF("p2", "<5-6>", "MANAGER") WHOLE },
    { 10, REVIEW, "submitReview", REVIEW_OF("p<2-6>", "<2-6>", "PEER") "}" },
    { 9, REVIEW, "submitReview", REVIEW_OF("p<2-4>", "<2-4>", "PEER") SAID },
    { 2, REVIEW, "submitReview",
      REVIEW_OF("p1", "4", "MANAGER") ",'criteria':[{'criterionId':'k1','value':<1-5>}]}" },
    { 2, REVIEW, "ratePotential", "p<1|1|2>",
      "{'cycleId':'y<1|1|2>','personId':'p<2-6>','value':<1-5>}" },
    { 5, REVIEW, "withdrawReview", "p<1|1|2>", "{'reviewId':'w<1-36>'}" },
    { 1, REVIEW, "defineScale", "hr", SCALE("<2-4>") },
    { 1, REVIEW, "defineCycle", "hr",
      "{'cycleId':'y<2-4>','label':'next','startsAt':'2026-0<1-9>-01T00:00:00Z','scaleId':'s1',"
      "'scaleVersion':<1-3>}" },
    { 4, REVIEW, "moveCycle", "hr",
      "{'cycleId':'y<1|2|3>','to':'CYCLE_PHASE_<SCHEDULED|WRITING|WRITING|SHARING>','force':true,"
      "'reason':'time'}" },
    { 2, REVIEW, "declareStrategyItem", "hr",
      "{'strategyItemId':'g<3-9>','title':'goal','weight':<1-4>,'competencyIds':['c<1-12>'],"
      "'endsAt':'2026-0<2-9>-01T00:00:00Z'}" },
    { 1, REVIEW, "retireStrategyItem", "hr", "{'strategyItemId':'g<1-9>'}" },
    { 1, REVIEW, "defineTemplate", "hr", TEMPLATE("<r1|r2|>", "<1-3>") },

    { 5, COMPETENCY, "setRoleTarget", "hr",
      "{'roleId':'r<1-3>','competencyId':'c<1-12>','levelName':'<a|b|c|d|e|->'}" },
    { 4, COMPETENCY, "assignRole", "hr",
      "{'personId':'p<2-6>','roleId':'<r1|r2|r3|>','slot':'ROLE_SLOT_<UNSPECIFIED|UNSPECIFIED|"
      "TRACK|ASPIRATION>'}" },
    { 1, COMPETENCY, "defineRole", "hr",
      "{'roleId':'r<3-4>','title':'more','holders':'ROLE_HOLDERS_<UNSPECIFIED|EVERYBODY|MANAGERS>'"
      "}" },
    { 8, COMPETENCY, "recordAssessment", "hr",
      "{'assessmentId':'a<1-24>','personId':'p<2-6>','competencyId':'c<1-12>','score':<1-5>}" },
    { 2, COMPETENCY, "defineFramework", "hr",
      "{'frameworkId':'w<1-2>','title':'ours','version':'<1-3>'}" },
    { 4, COMPETENCY, "defineCompetency", "hr",
      "{'competencyId':'c<1-12>','title':'again','family':'COMPETENCY_FAMILY_<CORE|LEADERSHIP>',"
      "'frameworkId':'<w1||>'," LEVELS "}" },
    { 1, COMPETENCY, "renameCompetency", "hr",
      "{'competencyId':'c<2-12>','newCompetencyId':'c<11-30>'}" },
    { 1, COMPETENCY, "mergeCompetencies", "hr",
      "{'competencyIds':['c<4-16>'],'intoId':'c<1-16>'}" },
    { 1, COMPETENCY, "splitCompetency", "hr",
      "{'competencyId':'c<3-16>','parts':[{'competencyId':'c<1-8>'},{'competencyId':'c<4-16>'}]}" },
    { 1, COMPETENCY, "retireCompetency", "hr", "{'competencyId':'c<4-16>','reasonCode':'old'}" },
    { 3, COMPETENCY, "recordEvidence", "hr",
      "{'evidenceId':'e<3-20>','personId':'p<2-6>','competencyId':'c<1-12>','source':"
      "'EVIDENCE_SOURCE_<COURSE|CERTIFICATE|OBSERVATION>','action':'EVIDENCE_ACTION_<COMPLETE|"
      "OVERRIDE|RAISE>','levelName':'<b|c|d>'}" },
    { 1, COMPETENCY, "supersedeEvidence", "hr", "{'evidenceId':'e<1-20>','reasonCode':'wrong'}" },
    { 2, COMPETENCY, "submitPriorLearning", "p<2-6>",
      "{'evidenceId':'e<3-20>','personId':'p<=1>','competencyId':'c<1-12>','levelName':'<b|d>'}" },
    { 2, COMPETENCY, "reviewPriorLearning", "p1",
      "{'evidenceId':'e<2-20>','step':'PRIOR_LEARNING_STEP_<TAKE_UP|ACCEPT|REJECT|RETURN>'}" },
    { 1, COMPETENCY, "setCompetencyRule", "hr",
      "{'competencyId':'c<1-12>','kind':'COMPETENCY_RULE_KIND_ALL','outcome':"
      "'COMPETENCY_RULE_OUTCOME_<EVIDENCE|COMPLETE>','children':[{'competencyId':'c<1-12>'}]}" },
    { 1, COMPETENCY, "setLevelPolicy", "hr",
      "{'competencyId':'c<1-12>','kind':'LEVEL_POLICY_KIND_<UNSPECIFIED|ATTAINED|LATEST|MEDIAN>'"
      "}" },
    { 1, COMPETENCY, "setNeedDetector", "hr",
      "{'detector':'NEED_DETECTOR_<SAME_GAP|REPEATED_FEEDBACK|NO_EFFECT>','people':5,"
      "'off':<true|false>}" },
    { 1, COMPETENCY, "setPrerequisites", "hr",
      "{'competencyId':'c<1-12>','requiresIds':['c<1-12>']}" },
    { 1, COMPETENCY, "defineHighPotentialRule", "hr",
      "{'topCellIn':1,'ofCycles':<1-2>,'leadershipCompetencies':<0-1>,'reason':'next'}" },
    { 1, COMPETENCY, "confirmHighPotential", "p1", "{'personId':'p<2-6>'}" },
    { 1, COMPETENCY, "declineHighPotential", "p1", "{'personId':'p<2-6>'}" },

    { 3, LEARNING, "defineCatalogueItem", "hr",
      "{'itemId':'i<1-9>','title':'x','kind':'ITEM_KIND_<TASK|COACHING|ROUNDTABLE>','hours':<1-9>,"
      "'cost':<0-200>,'outcomes':[{'competencyId':'c<1-8>','share':0.8,'levelFrom':1,"
      "'levelTo':4}]}" },
    { 1, LEARNING, "retireCatalogueItem", "hr", "{'itemId':'i<1-9>'}" },
    OF_ITEM("startItem", 4, "hr"),
    OF_ITEM("completeItem", 6, "hr"),
    OF_ITEM("voidCompletion", 1, "hr"),
    OF_ITEM("acceptItem", 2, "p<1-6>"),
    OF_ITEM("addItem", 1, "p1"),
    { 2, LEARNING, "declineItem", "p<1-6>",
      "{'personId':'p<2-6>','itemId':'i<1-9>','reasonCode':'no'}" },
    { 1, LEARNING, "swapItem", "p1",
      "{'personId':'p<2-6>','itemId':'i<1-9>','insteadOfId':'i<1-9>'}" },
    { 3, LEARNING, "movePlan", "p<1-2>",
      "{'personId':'p<2-6>','planId':'p<=2>-<1-4>','to':'PLAN_STATE_<DRAFT|WAITING_FOR_REVIEW|"
      "IN_REVIEW|ACTIVE|COMPLETE|CANCELLED>'}" },
    { 1, LEARNING, "unlinkPlan", "p1", "{'personId':'p<2-6>','planId':'p<=1>-<1-4>'}" },
    { 1, LEARNING, "setPlanPolicy", "hr",
      "{'reviewNeeded':<true|false>,'consent':'PLAN_CONSENT_<PERSON|MANAGER|BOTH>',"
      "'minutesPerPeriod':<0|300|6000>,'costPerPeriod':<0|150>,'periodDays':<30-90>}" },
    { 2, LEARNING, "submitStatement", "lms",
      "{'statementId':'x<1-20>','verb':'http://adlnet.gov/expapi/verbs/<completed|failed|attended|"
      "voided>','personId':'p<2-6>','activityId':'http://lms.test/6','voids':'x<1-20>'}" },
    { 2, LEARNING, "answerPrompt", "p<2-6>", "{'personId':'p<=1>','itemId':'i7','number':<1-3>}" },
    { 1, LEARNING, "defineTemplate", "hr",
      "{'templateId':'t<1-3>','title':'some','items':[{'itemId':'i<1-4>'},{'itemId':'i<5-9>',"
      "'optional':true}],'optionalNeeded':<0-1>}" },
    { 1, LEARNING, "assignTemplate", "hr", "{'templateId':'t<1-3>'," AUDIENCE "}" },
    { 1, LEARNING, "declareInitiative", "hr",
      "{'initiativeId':'n<3-9>','title':'again','competencies':[{'competencyId':'c<1-8>',"
      "'level':<2-4>}],'until':'2026-1<0-2>-01T00:00:00Z'," AUDIENCE "}" },
    { 1, LEARNING, "endInitiative", "hr", "{'initiativeId':'n<1-9>'}" },
    { 2, LEARNING, "offerMentoring", "p<2-6>",
      "{'competencyIds':['c<1-2>','c<3-8>'],'slots':<1-2>}" },
    { 2, LEARNING, "answerMentoring", "p<2-6>",
      "{'personId':'p<2-6>','competencyId':'c<1-3>','accepted':<true|false>}" },

    { 4, REPORTING, "setGroupMinimum", "hr", "{'minimum':<2-9>}" },
};

const organisation_rows organisation_setup = { setup, PX_COUNT(setup) };
const organisation_rows organisation_story = { story, PX_COUNT(story) };
const organisation_rows organisation_daily = { daily, PX_COUNT(daily) };
