/* Runs a script: from its text to its outcome. */
#ifndef SCRIPT_FILE_H
#define SCRIPT_FILE_H

#include "script/options.h"
#include "script/outcome.h"

struct script_source {
    const char *name; /* of the file */
    const char *text;
    size_t length;
};

/* Runs the text with google's options, then the script's own, then the command line's. The texts of
 * the outcome lie in the arena; the source must outlive it. */
void script_run(struct outcome *, struct arena *, const struct script_source *,
                const struct command_line *);

/* The same for a file; an unreadable one is a parse error of line 0. */
void script_run_file(struct outcome *, struct arena *, const char *name,
                     const struct command_line *);

#endif
