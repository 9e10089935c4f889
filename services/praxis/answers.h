/* answers.h: the answers people ask for most, as tables: profile, plan, heat map. */
#ifndef PRAXIS_SERVICES_PRAXIS_ANSWERS_H
#define PRAXIS_SERVICES_PRAXIS_ANSWERS_H

#include <stdio.h>

#include <protobuf-c/protobuf-c.h>

typedef void px_answer_printer(FILE *out, const ProtobufCMessage *answer);

/** A question whose answer has a table. */
typedef struct {
    const char *service;
    const char *question;
    const ProtobufCMessageDescriptor *answer;
    px_answer_printer *print;
} px_answer_table;

/** NULL when the answer is printed as JSON. */
const px_answer_table *px_answer_table_of(const char *service, const char *question);

#endif
