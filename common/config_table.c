#include "common/config_table.h"

#include <ctype.h>
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define AT(member) offsetof(px_config, member)

const px_setting px_settings[PX_SETTINGS] = {
    { "The bus", "nats-url", PX_SETTING_TEXT, AT(nats_url), "nats://127.0.0.1:4222", 0, 0, NULL,
      "URL", "NATS server to connect to; several of one cluster with commas" },
    { NULL, "nats-user", PX_SETTING_TEXT, AT(nats_user), "", 0, 0, NULL, "NAME",
      "user to connect as; empty: anonymous" },
    { NULL, "nats-password-file", PX_SETTING_TEXT, AT(nats_password_file), "", 0, 0, NULL, "FILE",
      "file whose first line is the password of that user" },
    { NULL, "durable", PX_SETTING_SWITCH, AT(durable), "no", 0, 0, "no|yes", "no|yes",
      "yes: you know that the server syncs each write (2.10+: sync_interval: always); no warning" },
    { "Data", "data-dir", PX_SETTING_TEXT, AT(data_dir), NULL, 0, 0, NULL, "DIR",
      "directory of the projection (LMDB); made if missing, one daemon each; required" },
    { NULL, "map-bytes", PX_SETTING_SIZE, AT(map_bytes), "16G", 1 << 20, 1ull << 44, NULL, "SIZE",
      "first size of the sparse projection file; doubled when full" },
    { NULL, "snapshot-minutes", PX_SETTING_NUMBER, AT(snapshot_minutes), "60", 0, 525600, NULL,
      "MINUTES", "how often a snapshot of the projection is taken, to start from; 0: never" },
    { NULL, "snapshots-kept", PX_SETTING_NUMBER, AT(snapshots_kept), "3", 1, 50, NULL, "N",
      "how many snapshots stay in the data directory" },
    { NULL, "scrub-seconds", PX_SETTING_NUMBER, AT(scrub_seconds), "3600", 0, 31536000, NULL,
      "SECONDS", "within this every record of the projection is read and checked once; 0: never" },
    { NULL, "master-key-file", PX_SETTING_TEXT, AT(master_key_file), "", 0, 0, NULL, "FILE",
      "32 bytes, mode 0600, that seal the keys of people; required by daemons that take text" },
    { "Deciding", "clock", PX_SETTING_SWITCH, AT(event_clock), "wall", 0, 0, "wall|event",
      "wall|event",
      "what now is when deciding: the machine's time, or the latest occurred_at in the log" },
    { NULL, "standby-ms", PX_SETTING_NUMBER, AT(standby_ms), "0", 0, 3600000, NULL, "MS",
      "second copy: decide only what has waited this long; 0: the primary" },
    { NULL, "handled-days", PX_SETTING_NUMBER, AT(handled_days), "35", 35, 3650, NULL, "DAYS",
      "how long the ids of answered submissions are remembered" },
    { NULL, "fold-to", PX_SETTING_NUMBER, AT(fold_to), "0", 0, UINT64_MAX >> 1, NULL, "SEQ",
      "only fold the log up to this sequence, print the projection's digest and exit; 0: run" },
    { NULL, "archive-dir", PX_SETTING_TEXT, AT(archive_dir), "", 0, 0, NULL, "DIR",
      "with fold-to: read the log from this directory of praxis archive, without NATS" },
    { "Streams this daemon makes when they are missing", "replicas", PX_SETTING_NUMBER,
      AT(replicas), "1", 1, 5, "1|3|5", "1|3|5", "copies of each stream in a NATS cluster" },
    { NULL, "inbox-max-bytes", PX_SETTING_SIZE, AT(inbox_max_bytes), "1G", 1 << 16, 1ull << 50,
      NULL, "SIZE", "the inbox refuses submissions beyond this" },
    { NULL, "feed-max-age-days", PX_SETTING_NUMBER, AT(feed_max_age_days), "0", 0, 36500, NULL,
      "DAYS", "how long the feed keeps events; 0: for ever" },
    { NULL, "feed-max-bytes", PX_SETTING_SIZE, AT(feed_max_bytes), "0", 0, 1ull << 60, NULL, "SIZE",
      "how much the feed keeps; 0: no bound" },
    { "Watching it", "instance", PX_SETTING_TEXT, AT(instance), NULL, 0, 0, NULL, "NAME",
      "name of this copy in logs; default: host name and process id" },
    { NULL, "health-address", PX_SETTING_TEXT, AT(health_address), "127.0.0.1", 0, 0, NULL,
      "ADDRESS", "where /livez, /readyz and /metrics are answered" },
    { NULL, "health-port", PX_SETTING_NUMBER, AT(health_port), NULL, 0, 65535, NULL, "PORT",
      "and on which port; 0: nowhere" },
    { NULL, "log-level", PX_SETTING_CHOICE, AT(log_level), "info", 0, 0, "error|warning|info|debug",
      "LEVEL", "least important records to write; read again on SIGHUP" },
    { NULL, "log-format", PX_SETTING_CHOICE, AT(log_format), NULL, 0, 0, "text|json", "text|json",
      "shape of log records; default: text on a terminal, else json" },
};

void px_setting_variable(const char *name, char variable[PX_SETTING_NAME_MAX])
{
    int size = snprintf(variable, PX_SETTING_NAME_MAX, "PRAXIS_%s", name);

    for (int i = 7; i < size && i < PX_SETTING_NAME_MAX - 1; i++)
        variable[i] = variable[i] == '-' ? '_' : (char)toupper((unsigned char)variable[i]);
}

int px_setting_find(const char *name, size_t size)
{
    for (int i = 0; i < PX_SETTINGS; i++) {
        if (strlen(px_settings[i].name) == size && memcmp(px_settings[i].name, name, size) == 0)
            return i;
    }
    return -1;
}

static bool chosen(const char *choices, const char *value, unsigned *index)
{
    size_t size = strlen(value);

    *index = 0;
    for (const char *c = choices;; c++, (*index)++) {
        size_t length = strcspn(c, "|");
        if (length == size && memcmp(c, value, size) == 0)
            return true;
        c += length;
        if (!*c)
            return false;
    }
}

/** Digits, for a size followed by nothing, k, M or G (1,024 each); no sign, blank or overflow. */
static bool parse_number(const char *text, bool suffix, uint64_t *number)
{
    static const char suffixes[] = "kMG";
    const char *unit;
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *number = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    if (!*end)
        return true;
    unit = strchr(suffixes, *end == 'K' ? 'k' : *end == 'm' ? 'M' : *end == 'g' ? 'G' : *end);
    if (!suffix || !unit || end[1])
        return false;
    unsigned shift = 10 * (unsigned)(unit - suffixes + 1);
    if (*number > UINT64_MAX >> shift)
        return false;
    *number <<= shift;
    return true;
}

const char *px_setting_allowed(const px_setting *setting, char what[PX_SETTING_ALLOWED_MAX])
{
    if (setting->kind == PX_SETTING_TEXT)
        snprintf(what, PX_SETTING_ALLOWED_MAX,
                 "must be shorter than %d bytes, without control characters", PX_CONFIG_TEXT_MAX);
    else if (setting->choices)
        snprintf(what, PX_SETTING_ALLOWED_MAX, "must be one of %s", setting->choices);
    else if (setting->kind == PX_SETTING_SIZE)
        snprintf(what, PX_SETTING_ALLOWED_MAX,
                 "must be bytes from %llu to %llu, with k, M or G for multiples",
                 (unsigned long long)setting->min, (unsigned long long)setting->max);
    else
        snprintf(what, PX_SETTING_ALLOWED_MAX, "must be a whole number from %llu to %llu",
                 (unsigned long long)setting->min, (unsigned long long)setting->max);
    return what;
}

static bool text_fits(const char *text)
{
    for (const char *c = text; *c; c++) {
        if (iscntrl((unsigned char)*c))
            return false;
    }
    return strlen(text) < PX_CONFIG_TEXT_MAX;
}

bool px_setting_store(const px_setting *setting, const char *value, px_config *config)
{
    void *member = (char *)config + setting->offset;
    unsigned choice = 0;
    uint64_t number;

    if (setting->choices && !chosen(setting->choices, value, &choice))
        return false;
    switch (setting->kind) {
    case PX_SETTING_TEXT:
    case PX_SETTING_CHOICE:
        if (!text_fits(value))
            return false;
        memcpy(member, value, strlen(value) + 1);
        return true;
    case PX_SETTING_SWITCH:
        *(bool *)member = choice == 1;
        return true;
    case PX_SETTING_NUMBER:
    case PX_SETTING_SIZE:
        if (!parse_number(value, setting->kind == PX_SETTING_SIZE, &number) ||
            number < setting->min || number > setting->max)
            return false;
        *(uint64_t *)member = number;
        return true;
    }
    return false;
}
