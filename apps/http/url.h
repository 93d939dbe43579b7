/* Where rill-get goes: an http URL with a host in numbers, and a reference relative to it (RFC 3986
 * 5). */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "http/text.h"
#include <netinet/in.h>
#include <stdint.h>

#define URL_TARGET_MAX 8192

struct url {
    char host[64];               /* as it stands in the URL */
    uint16_t port;               /* 80 unless it says so */
    char target[URL_TARGET_MAX]; /* path and query: what a request line asks for; begins with a
                                    slash */
};

/* False for what is malformed, too long, or has another scheme than http. "192.0.2.1/x" is taken
 * for http://192.0.2.1/x. */
bool url_parse(struct url *, struct slice);

/* Goes on from *url to what a Location says. */
bool url_follow(struct url *, struct slice reference);

/* The host as an address; false where it is a name. */
bool url_address(const struct url *, struct sockaddr_in *);

/* The last segment of the path, without the query: a file's name. False where there is none. */
bool url_file_name(const struct url *, char *out, size_t room);

#endif
