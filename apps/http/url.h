/* The target of rill-get: an http URL with a numeric host, and a reference relative to it (RFC 3986
 * 5). */
#ifndef HTTP_URL_H
#define HTTP_URL_H

#include "http/text.h"
#include <netinet/in.h>
#include <stdint.h>

#define URL_TARGET_MAX 8192

struct url {
    char host[64];               /* as written in the URL */
    uint16_t port;               /* 80 by default */
    char target[URL_TARGET_MAX]; /* path and query, for the request line; begins with a slash */
};

/* False if it is malformed, too long, or has another scheme than http. "192.0.2.1/x" means
 * http://192.0.2.1/x. */
bool url_parse(struct url *, struct slice);

/* Changes *url to the target of a Location. */
bool url_follow(struct url *, struct slice reference);

/* The host as an address; false if it is a name. */
bool url_address(const struct url *, struct sockaddr_in *);

/* The last segment of the path, without the query, as a file's name. False if there is none. */
bool url_file_name(const struct url *, char *out, size_t room);

#endif
