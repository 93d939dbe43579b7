/* Which programs load librill-preload.so, when rill-run or a program that it runs starts them. */
#ifndef RILL_PRELOAD_H
#define RILL_PRELOAD_H

#ifdef __cplusplus
extern "C" {
#endif

/* Opens a program's file as execvp(3) finds it; -1 with errno: there is none. */
int rill_preload_open(const char *program);

/* Why the program will use the kernel's sockets, as the end of a sentence; NULL: it will not. A
 * script is not examined. */
const char *rill_preload_excuse(int fd);

#ifdef __cplusplus
}
#endif

#endif
