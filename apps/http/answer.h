/* From a request to its response: the one place that knows what is served. */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "http/request.h"
#include "http/response.h"
#include "http/site.h"

/* Answers a well-formed request whose body has come (or will not be waited for: `last`). */
void answer_request(struct response *, const struct site *, const struct request *, bool last);

/* Refuses what came with a status of 400 or more, after which the connection closes. */
void answer_refusal(struct response *, int status);

/* GET and HEAD: the methods that are answered with something other than a refusal. */
bool answer_takes_method(enum http_method);

#endif
