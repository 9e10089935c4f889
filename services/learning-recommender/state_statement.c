/* state_statement.c: keys and bytes of statements and activities. */
#include "services/learning-recommender/state_statement.h"

#include <sodium.h>
#include <string.h>

#include "services/learning-recommender/state_keys.h"

enum { TOKEN_BYTES = 16, STATEMENT_BYTES_MAX = 16 + 2 * (2 + PX_ID_SIZE) };

/* ---- statements ---- */

static px_keybuf of_key(const char *tenant, const statement_record *s, const char *statement_id)
{
    px_keybuf key = learning_key(TABLE_STATEMENT_OF, tenant, s->person_id, s->item_id);

    if (statement_id)
        px_key_text(&key, statement_id);
    return key;
}

static void walk_statement(px_record *r, statement_record *s)
{
    px_record_text(r, s->person_id, sizeof s->person_id);
    px_record_text(r, s->item_id, sizeof s->item_id);
    px_record_bool(r, &s->completes);
    px_record_bool(r, &s->made);
    px_record_bool(r, &s->voided);
}

bool learning_state_get_statement(const px_view *state, const char *tenant,
                                  const char *statement_id, statement_record *out)
{
    px_bytes value;

    *out = (statement_record){ 0 };
    if (!learning_get(state, learning_key(TABLE_STATEMENT, tenant, statement_id, NULL), &value))
        return false;
    px_record r = px_record_reader(value);
    walk_statement(&r, out);
    px_record_end(&r);
    return true;
}

void learning_state_put_statement(px_txn *state, const char *tenant, const char *statement_id,
                                  statement_record *statement)
{
    unsigned char bytes[STATEMENT_BYTES_MAX];
    px_record r = px_record_writer(bytes, sizeof bytes);

    walk_statement(&r, statement);
    learning_put(state, learning_key(TABLE_STATEMENT, tenant, statement_id, NULL),
                 px_record_end(&r));
    if (statement->person_id[0])
        learning_put(state, of_key(tenant, statement, statement_id), (px_bytes){ "", 0 });
}

static bool still_completes(const px_view *state, const char *tenant, const char *statement_id)
{
    statement_record s;

    return learning_state_get_statement(state, tenant, statement_id, &s) && s.completes &&
           !s.voided;
}

bool learning_state_other_completing(const px_view *state, const char *tenant,
                                     const char *statement_id, const statement_record *statement,
                                     char other_id[PX_ID_SIZE])
{
    px_keybuf prefix = of_key(tenant, statement, NULL);
    px_bytes key, value;
    bool found = false;
    px_scan scan;

    px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
    while (!found && px_scan_next(&scan, &key, &value)) {
        px_record_set_text(other_id, PX_ID_SIZE, learning_key_id(key, 2));
        found = strcmp(other_id, statement_id) != 0 && still_completes(state, tenant, other_id);
    }
    px_scan_end(&scan);
    return found;
}

void learning_state_drop_statements(px_txn *state, const char *tenant, const char *person_id)
{
    px_keybuf prefix = learning_key(TABLE_STATEMENT_OF, tenant, person_id, NULL);
    char statement_id[PX_ID_SIZE];
    px_bytes key, value;
    px_scan scan;

    for (bool found = true; found;) { /* the tables may not change under an open scan */
        px_scan_begin(&scan, state, PX_STATE, px_key_bytes(&prefix));
        found = px_scan_next(&scan, &key, &value);
        if (found) {
            px_record_set_text(statement_id, sizeof statement_id, learning_key_id(key, 2));
            px_scan_del(&scan);
        }
        px_scan_end(&scan);
        if (found)
            learning_del(state, learning_key(TABLE_STATEMENT, tenant, statement_id, NULL));
    }
}

/* ---- activities ---- */

void learning_activity_token(char token[PX_ID_SIZE], const char *activity_id)
{
    unsigned char hash[TOKEN_BYTES];

    token[0] = '\0';
    if (!activity_id[0])
        return;
    crypto_generichash(hash, sizeof hash, (const unsigned char *)activity_id, strlen(activity_id),
                       NULL, 0);
    sodium_bin2hex(token, PX_ID_SIZE, hash, sizeof hash);
}

bool learning_state_get_activity(const px_view *state, const char *tenant, const char *activity_id,
                                 char item_id[PX_ID_SIZE])
{
    char token[PX_ID_SIZE];
    px_bytes value;

    learning_activity_token(token, activity_id);
    if (!token[0] ||
        !learning_get(state, learning_key(TABLE_ACTIVITY, tenant, token, NULL), &value))
        return false;
    px_record r = px_record_reader(value);
    px_record_text(&r, item_id, PX_ID_SIZE);
    px_record_end(&r);
    return true;
}

void learning_state_move_activity(px_txn *state, const char *tenant, const char *before,
                                  const char *after, const char *item_id)
{
    unsigned char bytes[2 + PX_ID_SIZE];
    char text[PX_ID_SIZE];

    if (before[0])
        learning_del(state, learning_key(TABLE_ACTIVITY, tenant, before, NULL));
    if (!after[0])
        return;
    px_record r = px_record_writer(bytes, sizeof bytes);
    px_record_set_text(text, sizeof text, item_id);
    px_record_text(&r, text, sizeof text);
    learning_put(state, learning_key(TABLE_ACTIVITY, tenant, after, NULL), px_record_end(&r));
}
