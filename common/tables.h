/* tables.h: the engine's own record tables, so that no two modules use the same byte. */
#ifndef PRAXIS_COMMON_TABLES_H
#define PRAXIS_COMMON_TABLES_H

/** First byte of the engine's keys in PX_STATE. Services start at 16 (keys.h). */
enum {
    PX_TABLE_CURSOR = 1,   /* chain.c: last message folded, inbox position, event time */
    PX_TABLE_HEAD,         /* chain.c: last batch of each daemon */
    PX_TABLE_RING,         /* chain.c: tags of the last messages */
    PX_TABLE_TENANT,       /* chain.c: tenants seen */
    PX_TABLE_HANDLED,      /* handled.c: submissions answered */
    PX_TABLE_HANDLED_AT,   /* handled.c: lists of them by time, for pruning */
    PX_TABLE_AGENDA,       /* agenda.c: marks and due time of each key */
    PX_TABLE_AGENDA_DIRTY, /* agenda.c: dirty keys in order */
    PX_TABLE_AGENDA_DUE,   /* agenda.c: due keys in order */
    PX_TABLE_VOID,         /* chain.c: last void batch of each daemon */
    PX_TABLE_ROLES = 15    /* roles.c: in services that follow competency, and in competency */
};

/** The same in PX_LOCAL, which counts for itself. */
enum {
    PX_TABLE_LOCAL_PUT = 1,  /* outbound.c: report values written, and as of which log message */
    PX_TABLE_LOCAL_ROW = 10, /* outbound.c: messages for the feed */
    PX_TABLE_LOCAL_POSITION, /* outbound.c: how far the feed has them */
    PX_TABLE_LOCAL_EFFECT,   /* outbound.c: keys to destroy */
    PX_TABLE_LOCAL_TOUCHED,  /* outbound.c: report values to write */
    PX_TABLE_LOCAL_REPLACED  /* outbound.c: tenants to be told that history was replaced */
};

_Static_assert((int)PX_TABLE_VOID < (int)PX_TABLE_ROLES, "a new table goes behind the others");
_Static_assert((int)PX_TABLE_ROLES < 16, "services start at 16");

#endif
