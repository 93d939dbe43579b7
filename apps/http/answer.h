/* From a request to its response: the only place that decides what is served. */
#ifndef HTTP_ANSWER_H
#define HTTP_ANSWER_H

#include "http/request.h"
#include "http/response.h"
#include "http/site.h"

/* Answers a well-formed request whose body has arrived (or is not waited for: `last`). */
void answer_request(struct response *, const struct site *, const struct request *, bool last);

/* Refuses a request with a status of 400 or more, after which the connection closes. */
void answer_refusal(struct response *, int status);

/* GET and HEAD: all other methods are refused. */
bool answer_takes_method(enum http_method);

#endif
