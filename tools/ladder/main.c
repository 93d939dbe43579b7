/* rill-ladder FILE|- [FILTER]: the conversations of a capture as ladders, with the state of both
 * ends beside each segment. */
#include "ladder/draw.h"

#include <rill/version.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: rill-ladder FILE|- [FILTER]\n"
    "Draws what a capture (\"-\": standard input) holds, each conversation as a ladder:\n"
    "A --SYN--> B with the TCP state of both ends beside each segment.\n"
    "FILTER is in libpcap's language (pcap-filter(7)), such as: tcp port 80\n";

int main(int argc, char **argv)
{
    char filter[4096] = "";
    if (argc > 1 && !strcmp(argv[1], "--help"))
        return fputs(usage, stdout) < 0;
    if (argc > 1 && !strcmp(argv[1], "--version"))
        return puts("rill-ladder " RILL_VERSION) < 0;
    if (argc > 1 && argv[1][0] == '-' && argv[1][1])
        return fprintf(stderr, "rill-ladder: %s: no such option\n%s", argv[1], usage), 2;
    if (argc < 2)
        return fputs(usage, stderr), 2;
    for (int i = 2; i < argc; i++) {
        if (strlen(filter) + strlen(argv[i]) + 2 > sizeof filter)
            return fputs("rill-ladder: the filter is too long\n", stderr), 2;
        strcat(strcat(filter, i > 2 ? " " : ""), argv[i]);
    }
    struct packet_list list = {0};
    struct ladder ladder;
    const char *wrong = packet_list_read(&list, argv[1], filter);
    if (wrong)
        return fprintf(stderr, "rill-ladder: %s: %s\n", argv[1], wrong), 1;
    if (!ladder_make(&ladder, list.at, list.count))
        return fputs("rill-ladder: not enough memory\n", stderr), 1;
    ladder_draw(stdout, &ladder, isatty(STDOUT_FILENO));
    ladder_end(&ladder);
    packet_list_end(&list);
    return 0;
}
