#include "services/praxis/statement.h"

#include <stdbool.h>
#include <string.h>

static const char *text_of(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text ? text : "";
}

/* Absent means an activity, says the specification. */
static bool is_of_type(const json_t *object, const char *type, bool usual)
{
    const char *said = text_of(object, "objectType");

    return *said ? strcmp(said, type) == 0 : usual;
}

static const char *account_of(const json_t *statement)
{
    const json_t *actor = json_object_get(statement, "actor");

    return is_of_type(actor, "Agent", true) ? text_of(json_object_get(actor, "account"), "name")
                                            : "";
}

static const char *says_false(const json_t *statement, const char *name)
{
    return json_is_false(json_object_get(json_object_get(statement, "result"), name)) ? "true" : "";
}

json_t *px_statement_row(json_t *statement)
{
    const json_t *object = json_object_get(statement, "object");

    if (!json_is_object(statement))
        return json_incref(statement);
    return json_pack(
        "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "statement_id", text_of(statement, "id"),
        "verb", text_of(json_object_get(statement, "verb"), "id"), "account", account_of(statement),
        "activity_id", is_of_type(object, "Activity", true) ? text_of(object, "id") : "", "voids",
        is_of_type(object, "StatementRef", false) ? text_of(object, "id") : "", "failed",
        says_false(statement, "success"), "incomplete", says_false(statement, "completion"),
        "timestamp", text_of(statement, "timestamp"));
}

json_t *px_statement_list(json_t *document)
{
    json_t *statements = json_object_get(document, "statements");

    if (json_is_array(document))
        return json_incref(document);
    return json_is_array(statements) ? json_incref(statements) : json_pack("[O]", document);
}
