#include "http/date.h"

#include <string.h>

void date_format(char out[DATE_TEXT], time_t t)
{
    struct tm tm;
    gmtime_r(&t, &tm);
    strftime(out, DATE_TEXT, "%a, %d %b %Y %H:%M:%S GMT", &tm);
}

bool date_parse(struct slice s, time_t now, time_t *t)
{
    static const char *const forms[] = {
        "%a, %d %b %Y %H:%M:%S GMT", /* Sun, 06 Nov 1994 08:49:37 GMT */
        "%A, %d-%b-%y %H:%M:%S GMT", /* Sunday, 06-Nov-94 08:49:37 GMT */
        "%a %b %d %H:%M:%S %Y",      /* Sun Nov  6 08:49:37 1994 */
    };
    char text[64] = "";
    if (s.length >= sizeof text)
        return false;
    memcpy(text, s.at, s.length);
    for (unsigned i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct tm tm = {0}, today;
        const char *end = strptime(text, forms[i], &tm);
        if (!end || *end)
            continue;
        gmtime_r(&now, &today);
        if (i == 1 && tm.tm_year > today.tm_year + 50) /* the most recent year with these digits */
            tm.tm_year -= 100;
        *t = timegm(&tm);
        return true;
    }
    return false;
}
