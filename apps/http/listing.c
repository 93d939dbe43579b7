#include "http/listing.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct names {
    char **at;
    size_t count;
    bool more; /* than LISTING_MAX */
};

static int compare(const void *a, const void *b)
{
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static bool is_folder(DIR *folder, const struct dirent *entry)
{
    struct stat facts;
    if (entry->d_type != DT_UNKNOWN && entry->d_type != DT_LNK)
        return entry->d_type == DT_DIR;
    return fstatat(dirfd(folder), entry->d_name, &facts, 0) == 0 && S_ISDIR(facts.st_mode);
}

/* Adds a name, with a slash if it is a folder. */
static bool names_add(struct names *n, const char *name, bool folder)
{
    size_t length = strlen(name);
    char *copy = malloc(length + 2);
    if (!copy)
        return false;
    memcpy(copy, name, length);
    strcpy(copy + length, folder ? "/" : "");
    n->at[n->count++] = copy;
    return true;
}

static bool names_read(struct names *n, DIR *folder)
{
    const struct dirent *entry;
    n->at = calloc(LISTING_MAX, sizeof *n->at);
    while (n->at && !n->more && (entry = readdir(folder))) {
        if (entry->d_name[0] == '.' || strchr(entry->d_name, '\\'))
            continue;
        n->more = n->count == LISTING_MAX;
        if (!n->more && !names_add(n, entry->d_name, is_folder(folder, entry)))
            return false;
    }
    return n->at != NULL;
}

static void names_free(struct names *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->at[i]);
    free(n->at);
}

static void write_page(struct text *page, struct names *n, const char *path)
{
    qsort(n->at, n->count, sizeof *n->at, compare);
    text_add(page, "<!DOCTYPE html>\n<meta charset=\"utf-8\">\n<title>/");
    text_add_html(page, path);
    text_add(page, "</title>\n<h1>/");
    text_add_html(page, path);
    text_add(page, "</h1>\n<ul>\n");
    if (*path)
        text_add(page, "<li><a href=\"../\">../</a>\n");
    for (size_t i = 0; i < n->count; i++) {
        text_add(page, "<li><a href=\"./"); /* ./ lest a colon make it a scheme */
        text_add_url(page, n->at[i]);
        text_add(page, "\">");
        text_add_html(page, n->at[i]);
        text_add(page, "</a>\n");
    }
    text_add(page, n->more ? "</ul>\n<p>There are more than these %d.\n" : "</ul>\n", LISTING_MAX);
}

int listing_write(struct text *page, int file, const char *path)
{
    int again = openat(file, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* closedir closes it */
    DIR *folder = again >= 0 ? fdopendir(again) : NULL;
    if (!folder) {
        if (again >= 0)
            close(again);
        return 403;
    }
    struct names n = {0};
    bool read = names_read(&n, folder);
    if (read)
        write_page(page, &n, path);
    names_free(&n);
    closedir(folder);
    return read && !page->failed ? 0 : 500;
}
