#include "complaint.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

void complain(struct rill_complaint *complaint, int error, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(complaint->text, sizeof complaint->text, format, arguments);
    va_end(arguments);
    errno = error;
}
