/* Numbers and times in the notation of scripts and options. */
#include "script/token.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>

bool number_parse(const char *text, bool c_bases, int64_t *value)
{
    bool hex = text[0] == '0' && (text[1] == 'x' || text[1] == 'X');
    const char *digits = text + (text[0] == '-');
    if (!isdigit((unsigned char)digits[0]))
        return false;
    char *end;
    errno = 0;
    *value = strtoll(text, &end, hex ? 16 : c_bases ? 0 : 10);
    return *end == '\0' && errno == 0;
}

bool seconds_parse(const char *text, int64_t *microseconds)
{
    int64_t whole = 0, fraction = 0, unit = 1000000;
    for (; isdigit((unsigned char)*text); text++) {
        whole = whole * 10 + (*text - '0');
        if (whole > 1000000000)
            return false;
    }
    if (*text == '.')
        text++;
    for (; isdigit((unsigned char)*text); text++) {
        unit /= 10;
        fraction += unit * (*text - '0');
    }
    *microseconds = whole * 1000000 + fraction;
    return *text == '\0';
}
