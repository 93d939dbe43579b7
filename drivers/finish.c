#include "finish.h"

#include <err.h>

bool finish_file(FILE *file, const char *name)
{
    if (fflush(file) == 0 && !ferror(file))
        return true;
    warn("%s", name);
    return false;
}

int finish_output(int status, int failure)
{
    bool whole = finish_file(stdout, "standard output");
    return whole || status ? status : failure;
}
