#include "http/response.h"

#include "http/date.h"
#include <http_parser.h>

/* RFC 9110 15.5.14 has renamed one; the library knows RFC 7231's name. */
static const char *reason_of(int status)
{
    return status == 413 ? "Content Too Large" : http_status_str((enum http_status)status);
}

void response_continue(struct response *r)
{
    text_add(&r->out.head, "HTTP/1.1 100 Continue\r\n\r\n");
}

void response_start(struct response *r, int status)
{
    char date[DATE_TEXT];
    date_format(date, time(NULL));
    r->status = status;
    text_add(&r->out.head, "HTTP/1.1 %d %s\r\nDate: %s\r\nServer: rill-httpd\r\n", status,
             reason_of(status), date);
}

void response_explain(struct response *r, bool with_body)
{
    text_clear(&r->out.body);
    text_add(&r->out.body, "<!DOCTYPE html>\n<title>%d %s</title>\n<h1>%d %s</h1>\n", r->status,
             reason_of(r->status), r->status, reason_of(r->status));
    text_add(&r->out.head, "Content-Type: text/html; charset=utf-8\r\nContent-Length: %zu\r\n",
             r->out.body.length);
    if (!with_body)
        text_clear(&r->out.body);
}

void response_finish(struct response *r, bool last, bool http_1_0)
{
    r->last = last;
    if (last)
        text_add(&r->out.head, "Connection: close\r\n");
    else if (http_1_0)
        text_add(&r->out.head, "Connection: keep-alive\r\n");
    text_add(&r->out.head, "\r\n");
}
