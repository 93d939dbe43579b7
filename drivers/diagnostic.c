#include "diagnostic.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void diagnostic_set(struct rill_diagnostic *diagnostic, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(diagnostic->text, sizeof diagnostic->text, format, arguments);
    va_end(arguments);
    errno = error;
}
